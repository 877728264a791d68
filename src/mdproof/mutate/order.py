"""Which tests a mutant concerns, and which of them to run first."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mdproof.assemble.lines import definitions, span
from mdproof.exercise.job import Measured
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import DEEPER
from mdproof.mutate.mutant import Mutant
from mdproof.proof.credit import Credit

OVERHEAD = 0.01
"""Seconds that any test costs."""
WORD = re.compile(r"\w+")
QUICK = 1.0
"""Seconds that a test may take which is run for what it leaves in memory."""
UNLIKELY = 10
"""How much less likely a test of another page, or of other code, notices a change."""


def warmest(exercise: Exercise) -> tuple[str, ...]:
    """Give the tests to run for what they leave in memory, all of which are quick and start no process.

    First those that begin what the session's others go on with, then the one that runs most of the
    project, and one of another file; nothing if there are no two files.
    """
    measured = exercise.measured or Measured()
    ran = Counter(
        t for path, lines in measured.contexts.items() if not path.startswith("tests/") for tests in lines.values() for t in tests
    )
    quick = [t for t in exercise.items if exercise.outcomes[t].seconds < QUICK and t not in measured.started]
    beside = [test for test in exercise.items if _folder_of(test) == "tests"]
    for test in sorted(set(quick) & set(beside), key=lambda t: (-ran[t], t)):
        for other in beside:
            if other.partition("::")[0] != test.partition("::")[0]:
                return (*(t for t in quick if t in measured.widening), test, other)
    return ()


def _folder_of(test: str) -> str:
    return test.partition("::")[0].rpartition("/")[0]


class Order:
    """What a run of the page tells of where a change will be noticed."""

    def __init__(self, exercise: Exercise, measured: Measured, hints: Mapping[str, str], deeper: str = "") -> None:
        """Know what each test ran, and how long it took.

        ``hints`` tell, by mutant's id, which test noticed it last time; ``deeper`` is the text of the page's deeper tests.
        """
        self._project, self._exercise, self._measured = exercise.project, exercise, measured
        self._credit = Credit(exercise.project, measured, exercise.items)
        self._hints = hints
        code = {path: text for path, text in exercise.project.texts.items() if path.endswith(".py")}
        self._index = Index(code | {t.partition("::")[0]: deeper for t in exercise.items if t.startswith(DEEPER)})
        self._speaking = _speaking(self._index.texts, exercise.items)
        self._own = {b.path for b in exercise.project.page.files()}
        self._killers: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        self._tried: Counter[tuple[str, str]] = Counter()
        self._killed: Counter[tuple[str, str]] = Counter()

    def note(self, mutant: Mutant, tests: Sequence[str], by: str) -> None:
        """Remember which test noticed a change, and which before it did not: the same holds, likely, for others of its file."""
        for line in mutant.lines:
            self._killers[mutant.path, line].add(by)
        self._tried.update((mutant.path, test) for test in tests[: tests.index(by) + 1 if by in tests else None])
        self._killed[mutant.path, by] += 1

    def tests(self, mutant: Mutant) -> list[str]:
        """Give the tests a mutant concerns; of a step, itself and the steps after it.

        First those that noticed a change of its lines, then those that are likely to in the least
        time: the quick ones, that run what uses them, that are the page's own, that noticed changes before.
        """
        items = self._exercise.items
        if mutant.block:
            steps = [f"block-{b.number}" for b in self._project.page.steps() if b.number >= mutant.block]
            return [s for s in steps if s in items]
        ran = self._measured.processes.get(mutant.path, {})
        own = not any("" in ran.get(line, ()) for line in mutant.lines)
        found = {t for line in mutant.lines for t in self._credit.tests_of(mutant.path, line) if own} or set(items)
        found |= {f"{t}-stop" for t in found}  # a server's end tells of its code as well
        killers = {t for line in mutant.lines for t in self._killers[mutant.path, line]}
        users = self._users(mutant) if self.is_imported(mutant) else found
        known = self._hints.get(mutant.id)
        telling = self._telling(mutant)

        def rank(test: str) -> tuple[bool, bool, float, str]:
            effort = self._effort(test, mutant.path) * (1 if test in users else UNLIKELY)
            told = telling.get(test.partition("[")[0], 0)
            return test != known, test not in killers, effort / (1 + UNLIKELY * told), test

        return sorted(found & set(items), key=rank)

    def rounds(self, mutant: Mutant, tests: Sequence[str]) -> Iterator[Sequence[str]]:
        """Give the tests to try in all ways: the one that noticed the change last time, then all; but steps build on each other."""
        if not mutant.block and tests[1:] and self._hints.get(mutant.id) == tests[0]:
            yield tests[:1]
        yield tests

    def _effort(self, test: str, path: str) -> float:
        """Give the seconds that running a test costs for each change of a file that it notices, as far as is known."""
        seconds = OVERHEAD + self._exercise.outcomes[test].seconds
        rate = (self._killed[path, test] + 1 / UNLIKELY) / (self._tried[path, test] + 1)
        return seconds / rate * (1 if self._is_own(test) else UNLIKELY)

    def _telling(self, mutant: Mutant) -> Mapping[str, float]:
        """Give, by test, how much it speaks of what is changed, and of its line: each word counts the more, the fewer tests have it."""
        told: defaultdict[str, float] = defaultdict(float)
        for text, weight in ((mutant.what, 1), (mutant.spot, 1 / UNLIKELY)):
            for word in set(WORD.findall(text)):
                tests = self._speaking.get(word, ())
                for test in tests:
                    told[test] += weight / len(tests)
        return told

    def is_imported(self, mutant: Mutant) -> bool:
        """Tell whether importing the project, or collecting its tests, may run what is changed."""
        if not mutant.path.endswith(".py"):
            return "" in self._measured.opened.get(mutant.path, ("",))
        ran = self._measured.contexts.get(mutant.path, {})
        return mutant.body is None or mutant.path.startswith("tests/") or any("" in ran.get(line, ()) for line in mutant.body)

    def _is_own(self, test: str) -> bool:
        return test.startswith(DEEPER) or test.partition("::")[0] in self._own

    def _users(self, mutant: Mutant) -> set[str]:
        """Give the tests that run lines of the definition a mutant lies in, or lines that name it, or that name it themselves."""
        names = {
            name
            for name, node in (definitions(self._project.texts[mutant.path]) if mutant.path.endswith(".py") else {}).items()
            if span(node)[0] <= mutant.lines[0] <= span(node)[1]
        }
        speaking = {test for name in names for test in self._speaking.get(name, ())}
        running = {t for path, line in self._naming(names) for t in self._measured.contexts.get(path, {}).get(line, ()) if t}
        return running | {test for test in self._exercise.items if test.partition("[")[0] in speaking}

    def _naming(self, names: set[str]) -> Iterator[tuple[str, int]]:
        """Give the lines of definitions with some names, of lines that have one of them, and so on for what those define at import."""
        waiting, seen = list(names), set(names)
        while waiting:
            name = waiting.pop()
            yield from self._index.inside.get(name, ())
            for path, number in self._index.naming.get(name, ()):
                yield path, number
                other = self._index.around.get((path, number), name)
                if other not in seen and "" in self._measured.contexts.get(path, {}).get(number, ()):
                    seen.add(other)
                    waiting.append(other)


def _speaking(texts: Mapping[str, str], items: Sequence[str]) -> Mapping[str, set[str]]:
    """Give, by word, the tests whose text has it, or that of what they name in their file."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    tests = {test.partition("[")[0] for test in items}
    for path, text in texts.items():
        words = {name: set(WORD.findall(own)) for name, own in _by_name(text)}
        for name, own in words.items():
            if f"{path}::{name}" in tests:
                for word in own.union(*(words[other] for other in own & words.keys())):
                    found[word].add(f"{path}::{name}")
    return found


def _by_name(text: str) -> Iterator[tuple[str, str]]:
    """Give the text of each definition, decorators included."""
    lines = text.splitlines()
    for name, node in definitions(text).items():
        first, last = span(node)
        yield name, "\n".join(lines[first - 1 : last])


class Index:
    """Where the words of a project are, and the definitions of its guide code."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Read all of it once."""
        self.texts = texts
        self.naming: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        """By word, the lines that have it."""
        self.inside: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        """By name, the lines of its definitions."""
        self.around: dict[tuple[str, int], str] = {}
        """By line, the name of the definition that it is part of."""
        for path, text in texts.items():
            for number, line in enumerate(text.splitlines(), 1):
                for word in set(WORD.findall(line)):
                    self.naming[word].append((path, number))
            for name, node in ({} if path.startswith("tests/") else definitions(text)).items():
                for number in range(span(node)[0], span(node)[1] + 1):
                    self.inside[name].append((path, number))
                    self.around[path, number] = name
