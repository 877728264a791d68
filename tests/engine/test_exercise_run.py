"""A page, exercised by a process that stands in for its own."""

from pathlib import Path
from typing import Any

import pytest

from mdproof.assemble.project import assemble
from mdproof.exercise import run
from mdproof.exercise.job import Job, Measured, Outcome
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exerciser
from mdproof.exercise.wrong import Caught
from mdproof.fault import Fault, Place, Refused
from mdproof.model import Counterexample
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
PAGE = f"""\
# Page

{FENCE}python title="tests/test_all.py"
def test_all():
    assert 1 in {{1}}
{FENCE}

{FENCE}console
$ echo tea
tea
{FENCE}
"""
TEST = "tests/test_all.py::test_all"
BROKEN = Outcome("collection", "failed")
MEASURED = Measured(modules=("json",))
BOX = Counterexample(1, "Do not", Place("docs/page.md", 5), (), (), ())


class Process:
    """Passes all that it runs."""

    def __init__(self, _: Zygote, job: Job) -> None:
        """Collect two items."""
        self.job, self.told = job, list[Any]()
        self.items, self.broken = [TEST, "block-2"], [BROKEN]

    def run(self, test: str, following: str) -> Outcome:
        """Pass."""
        self.told.append((test, following))
        return Outcome(test, "passed")

    def finish(self) -> Measured:
        """End."""
        self.told.append("finish")
        return MEASURED


def exerciser(root: Path, text: str = PAGE) -> Exerciser:
    """Begin with a page."""
    (root / "docs").mkdir()
    (root / "docs/page.md").write_text(text, encoding="utf-8")
    settings = load_settings(root)
    return Exerciser(settings, Zygote(()), assemble(read_guide(settings))["page"])


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Give the processes that stand in for those of pages."""
    found: list[Process] = []
    monkeypatch.setattr(run, "PageProcess", lambda zygote, job: found.append(Process(zygote, job)) or found[-1])
    return found


def test_a_page_is_run_in_its_process(tmp_path: Path, started: list[Process]) -> None:
    """What a step finds is kept, and what was kept before is not; what was measured is asked for once."""
    exercising = exerciser(tmp_path)
    (process,) = started

    outcomes = [exercising.run(TEST, "block-2"), exercising.run("block-2")]
    exercising.finish()
    exercise = exercising.finish()

    assert [(TEST, "block-2"), ("block-2", ""), "finish"] == process.told
    assert (outcomes, (BROKEN,), MEASURED) == (list(exercise.outcomes.values()), exercise.broken, exercise.measured)
    assert ((TEST, "block-2"), [1, 2]) == (exercise.items, [block.number for block in process.job.blocks])
    assert {"2"} == {path.name.partition(".")[0] for path in exercising.before.iterdir()}
    assert (exercising.before / "2/tests/test_all.py").is_file()


@pytest.mark.usefixtures("started")
def test_a_page_without_a_project_runs_nothing(tmp_path: Path) -> None:
    """And says so."""
    exercising = exerciser(tmp_path, "# Page\n")

    assert Outcome(TEST, "died", message="the page has no project") == exercising.run(TEST)
    assert ((), (), None) == (exercising.exercise.items, exercising.exercise.broken, exercising.finish().measured)


@pytest.mark.parametrize("tests", [[], [TEST], [TEST, "block-2"], [TEST, "block-2", "block-9"]])
def test_a_wrong_way_is_tried_with_what_all_tests_ran(
    tmp_path: Path, started: list[Process], monkeypatch: pytest.MonkeyPatch, tests: list[str]
) -> None:
    """If all have passed; else nothing of it is known yet."""
    asked: list[Any] = []
    monkeypatch.setattr(run, "catch", lambda *given: asked.append(given[3:]) or Caught(BOX, (), "", ()))
    exercising = exerciser(tmp_path)
    for test in tests:
        exercising.run(test)

    caught = exercising.catch(BOX)

    assert started
    assert [(BOX, MEASURED if len(tests) > 1 else None)] == asked
    assert {1: caught} == exercising.exercise.caught


def test_a_wrong_way_that_cannot_be_tried_is_a_fault(tmp_path: Path, started: list[Process], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the words of any test."""
    fault = Fault(BOX.place, "it cannot be")

    def catch(*_: object) -> Caught:
        raise Refused([fault])

    monkeypatch.setattr(run, "catch", catch)

    caught = exerciser(tmp_path).catch(BOX)

    assert started
    assert ("", (fault,)) == (caught.message, tuple(caught.faults))
