"""What an exercise proves of a page, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mdproof.assemble.layout import compare_layout
from mdproof.assemble.project import Project
from mdproof.exercise.copy import deeper_tests
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import is_named
from mdproof.fault import Fault, Place
from mdproof.model import FILES, Block, Role
from mdproof.proof.assertions import assertion_lines
from mdproof.proof.credit import Credit
from mdproof.proof.packages import compare_packages
from mdproof.settings import Settings


@dataclass(frozen=True)
class Judgement:
    """A page's proof before it is written down."""

    faults: tuple[Fault, ...]
    assertions: Mapping[str, int]
    """By test."""
    credit: Credit


def judge(settings: Settings, exercise: Exercise) -> Judgement:
    """Find everything that keeps a page from being proven."""
    measured = exercise.measured or Measured()
    passed = [i for i in exercise.items if i in exercise.outcomes and exercise.outcomes[i].passed]
    credit = Credit(exercise.project, measured, passed)
    assertions = _assertions(settings, exercise, measured, credit)
    faults = list(_ran(exercise))
    if not faults:
        faults += _asserted(exercise, assertions, settings)
        faults += _covered(exercise, credit)
        faults += _ruled(exercise, credit)
        faults += compare_packages(exercise.project, measured)
    faults += [fault for caught in exercise.caught.values() for fault in caught.faults]
    faults += [f for b in exercise.project.page.blocks if b.role is Role.LAYOUT for f in compare_layout(b, exercise.project.files)]
    return Judgement(tuple(sorted(set(faults))), assertions, credit)


def _ran(exercise: Exercise) -> Iterator[Fault]:
    page = exercise.project.page
    for outcome in (*exercise.broken, *exercise.outcomes.values()):
        if not outcome.passed:
            yield fault_of(exercise.project, outcome)
    if exercise.broken:
        return
    if exercise.project.files and exercise.measured is None:
        yield Fault(Place(page.path, 1), "the page's process ended before it said what ran. Let it come to its end.")
    if page.blocks and not exercise.items:
        yield Fault(page.blocks[0].place, 'this page has blocks and not a single test. Add one: ```python title="tests/test_x.py".')


def fault_of(project: Project, outcome: Outcome) -> Fault:
    """Say at which line of the page a test went wrong."""
    words = next((line.strip() for line in outcome.message.splitlines() if line.strip()), "")
    place = Place(*outcome.place) if outcome.place else place_of(project, outcome.id)
    said = {"skipped": "is skipped, and a skipped test proves nothing", "hung": "hung", "died": "died"}.get(outcome.outcome, "failed")
    return Fault(place, f"{outcome.id} {said}: {words}".rstrip(": "))


def place_of(project: Project, test: str) -> Place:
    """Give the page line of a test: its definition, or its block."""
    path, _, name = test.partition("::")
    if path.startswith("block-"):
        number = int(path.split("-")[1])
        return next((b.place for b in project.page.blocks if b.number == number), Place(project.page.path, 1))
    function = name.split("[")[0].rsplit("::", 1)[-1]
    texts = project.texts.get(path, "").splitlines()
    line = next((n for n, text in enumerate(texts, 1) if text.lstrip().startswith((f"def {function}(", f"async def {function}("))), 1)
    return project.origin(path, line) or Place(project.page.path, 1)


def _assertions(settings: Settings, exercise: Exercise, measured: Measured, credit: Credit) -> dict[str, int]:
    """Count, by test, the assertion statements it executed in tests and demonstrations."""
    deeper = deeper_tests(settings, exercise.project.page.name)
    texts = {p: t for p, t in exercise.project.texts.items() if p.startswith("tests/") and p.endswith(".py")}
    if deeper.is_file():
        texts[f"tests/guide/{deeper.name}"] = deeper.read_text(encoding="utf-8")
    lines = {path: assertion_lines(text) for path, text in texts.items()}
    counts = {t: sum(len(credit.executed(t, path) & found) for path, found in lines.items()) for t in exercise.items}
    for block in exercise.project.page.blocks:
        test = f"block-{block.number}"
        if block.role is Role.DEMONSTRATION and test in counts:
            own = {block.place_of(n).line for n in assertion_lines(block.source)}
            counts[test] += len(own & credit.executed(test, f"tests/{Path(exercise.project.page.path).name}"))
        counts.update({test: measured.compared[test]} if test in measured.compared else {})
    return counts | {t: 1 for t in counts if t.endswith("-stop")}


def _asserted(exercise: Exercise, assertions: Mapping[str, int], settings: Settings) -> Iterator[Fault]:
    deeper = deeper_tests(settings, exercise.project.page.name)
    for test, count in assertions.items():
        if count == 0:
            place = place_of(exercise.project, test)
            if test.startswith("tests/guide/") and deeper.is_file():
                place = _line_in(settings, deeper, test)
            yield Fault(place, f"{test} passed without executing an assertion, so it proves nothing. Assert what it is about.")


def _line_in(settings: Settings, path: Path, test: str) -> Place:
    function = test.split("[", maxsplit=1)[0].rsplit("::", 1)[-1]
    lines = path.read_text(encoding="utf-8").splitlines()
    return Place(settings.relative(path), next((n for n, text in enumerate(lines, 1) if f"def {function}(" in text), 1))


def _covered(exercise: Exercise, credit: Credit) -> Iterator[Fault]:
    for block in exercise.project.page.files():
        ran = credit.ran(block)
        for place in ran.missing:
            yield Fault(place, f"no test runs this line of {block.path}. Test it, or delete it.")
        for place in ran.partial:
            yield Fault(place, f"a branch of this line of {block.path} is taken by no test. Test it, or simplify the line.")
        if not ran.tests and not ran.missing and (ran.total or not block.path.endswith(".py")):
            yield Fault(block.place, f"nothing imports or opens {block.path} in a test. Use it, or drop the block.")


def _ruled(exercise: Exercise, credit: Credit) -> Iterator[Fault]:
    for rule in exercise.project.page.rules:
        runners = credit.runners_of(*rule.section)
        blocks = [b for b in exercise.project.page.blocks if _speaks_of(b, rule.section)]
        for named in rule.tests:
            if not any(is_named(item, named) for item in exercise.items):
                yield Fault(rule.place, f"{rule.id} names {named}, and the project has no such test. Mind the spelling.")
            elif blocks and not any(is_named(test, named) for test in runners):
                yield Fault(rule.place, f"{named} runs no line of the section that {rule.id} speaks of. Name a test that does.")


def _speaks_of(block: Block, section: tuple[int, int]) -> bool:
    return block.role in FILES and section[0] <= block.place.line <= section[1]
