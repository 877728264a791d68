"""What an exercise proves of a page, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mdproof.assemble.layout import compare_layout
from mdproof.assemble.project import Project
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import DEEPER, is_named
from mdproof.fault import Fault, Place
from mdproof.model import Role
from mdproof.proof.assertions import assertion_lines, defined_tests
from mdproof.proof.credit import Credit
from mdproof.proof.packages import compare_packages
from mdproof.settings import Settings

NOT_RUN = "not run: "
"""How a test speaks whose process had ended before its turn."""


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
    faults = [*_ran(exercise), *_left_out(settings, exercise), *_broken_rules(exercise)]
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
    failed = [o for o in (*exercise.broken, *exercise.outcomes.values()) if not o.passed]
    yield from (fault_of(exercise.project, o) for o in failed if not o.message.startswith(NOT_RUN))
    if exercise.broken or any(o.outcome in {"died", "hung"} for o in failed):
        return
    if exercise.project.files and exercise.measured is None:
        yield Fault(Place(page.path, 1), "the page's process ended before it said what ran. Let it come to its end.")
    if page.blocks and not exercise.items:
        yield Fault(page.blocks[0].place, 'this page has blocks and not a single test. Add one: ```python title="tests/test_x.py".')


def _broken_rules(exercise: Exercise) -> Iterator[Fault]:
    """Say of which rules a test failed that is to prove them."""
    failed = [o.id for o in exercise.outcomes.values() if not o.passed and not o.message.startswith(NOT_RUN)]
    for rule in exercise.project.page.rules:
        tests = [test for test in failed if any(is_named(test, named) for named in rule.tests)]
        if tests:
            yield Fault(rule.place, f"{rule.id} is not proven, for {tests[0]} failed.")


def fault_of(project: Project, outcome: Outcome) -> Fault:
    """Say at which line of the page a test went wrong."""
    place = Place(*outcome.place) if outcome.place else place_of(project, outcome.id)
    said = {"skipped": "is skipped, and a skipped test proves nothing", "hung": "hung", "died": "died"}.get(outcome.outcome, "failed")
    return _on_page(project, Fault(place, f"{outcome.id} {said}: {outcome.words}".rstrip(": ")))


def _on_page(project: Project, fault: Fault) -> Fault:
    """Put the page before a place in its deeper tests: a message begins with the page it keeps from being proven."""
    return Fault(Place(project.page.path, 1), str(fault)) if fault.place.path.endswith(".py") else fault


def place_of(project: Project, test: str) -> Place:
    """Give the page line of a test: its definition, or its block."""
    path, _, name = test.partition("::")
    if path.startswith("block-"):
        number = int(path.split("-")[1])
        return next((b.place for b in project.page.blocks if b.number == number), Place(project.page.path, 1))
    function = _function(name)
    lines = enumerate(project.files.get(path, ()), 1)
    first = next((n for n, line in lines if line.text.lstrip().startswith((f"def {function}(", f"async def {function}("))), 1)
    return project.origin(path, first) or Place(project.page.path, 1)


def _function(test: str) -> str:
    return test.partition("[")[0].rpartition("::")[2]


def _test_texts(settings: Settings, exercise: Exercise) -> dict[str, str]:
    """Give the Python files below ``tests/`` as the page's process has them."""
    texts = {p: t for p, t in exercise.project.texts.items() if p.startswith("tests/") and p.endswith(".py")}
    deeper = settings.deeper_tests(exercise.project.page.name)
    return texts | ({f"{DEEPER}{deeper.name}": deeper.read_text(encoding="utf-8")} if deeper.is_file() else {})


def _left_out(settings: Settings, exercise: Exercise) -> Iterator[Fault]:
    """Refuse tests that are written and were not collected: a page does not choose which of its tests run."""
    if exercise.broken or not exercise.items:
        return
    for path, text in _test_texts(settings, exercise).items():
        for name in defined_tests(text) if Path(path).name.startswith("test_") else ():
            test = f"{path}::{name}"
            if not any(is_named(item, test) for item in exercise.items):
                said = f"{test} is not collected, so it proves nothing. Let pytest find it."
                yield _on_page(exercise.project, Fault(_place_in(settings, exercise, test), said))


def _assertions(settings: Settings, exercise: Exercise, measured: Measured, credit: Credit) -> dict[str, int]:
    """Count, by test, the assertion statements it executed in tests and demonstrations."""
    lines = {path: assertion_lines(text) for path, text in _test_texts(settings, exercise).items()}
    counts = {t: sum(len(credit.executed(t, path) & found) for path, found in lines.items()) for t in exercise.items}
    for block in exercise.project.page.blocks:
        test = f"block-{block.number}"
        if block.role is Role.DEMONSTRATION and test in counts:
            own = {block.place.line + n for n in assertion_lines(block.source)}  # as it is compiled, also from an include
            counts[test] += len(own & credit.executed(test, f"tests/{Path(exercise.project.page.path).name}"))
        counts.update({test: measured.compared[test]} if test in measured.compared else {})
    return counts | {t: 1 for t in counts if t.endswith("-stop")}


def _asserted(exercise: Exercise, assertions: Mapping[str, int], settings: Settings) -> Iterator[Fault]:
    for test, count in assertions.items():
        if count == 0:
            place = _place_in(settings, exercise, test)
            said = f"{test} passed without executing an assertion, so it proves nothing. Assert what it is about."
            yield _on_page(exercise.project, Fault(place, said))


def _place_in(settings: Settings, exercise: Exercise, test: str) -> Place:
    """Give the line of a test, on the page or in its deeper tests."""
    path = settings.deeper_tests(exercise.project.page.name)
    if not test.startswith(f"{DEEPER}{path.name}::") or not path.is_file():
        return place_of(exercise.project, test)
    lines = path.read_text(encoding="utf-8").split("\n")
    return Place(settings.relative(path), next((n for n, text in enumerate(lines, 1) if f"def {_function(test)}(" in text), 1))


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
        for named in rule.tests:
            if not any(is_named(item, named) for item in exercise.items):
                yield Fault(rule.place, f"{rule.id} names {named}, and the project has no such test. Mind the spelling.")
            elif not any(is_named(test, named) for test in runners):
                yield Fault(rule.place, f"{named} runs no line of the section that {rule.id} speaks of. Name a test that does.")
