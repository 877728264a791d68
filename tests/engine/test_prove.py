"""One page, proven without a process."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exercise
from mdproof.fault import Fault, Place
from mdproof.proof import prove, record
from mdproof.proof.prove import Proven, prove_page
from mdproof.proof.record import read_proof
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

FILE = """\
import sys


def test_hot():
    assert sys.path


def test_sweet():
    assert sys.version
"""
PAGE = f'# Tea\n\n```python title="tests/test_tea.py"\n{FILE}```\n'
HOT, SWEET = TESTS = ("tests/test_tea.py::test_hot", "tests/test_tea.py::test_sweet")
BROKEN = Outcome("collection", "failed", message="it is broken")
RAN = {1: ("",), 4: ("",), 5: (HOT,), 8: ("",), 9: (SWEET,)}
MEASURED = Measured(statements={"tests/test_tea.py": tuple(RAN)}, contexts={"tests/test_tea.py": RAN})


class Exerciser:
    """Runs nothing, and says what was asked of it."""

    asked: list[tuple[str, str]]
    broken: tuple[Outcome, ...]
    failing: str

    def __init__(self, settings: Settings, _: Zygote, project: Project) -> None:
        """Know the page's project."""
        self.exercise, self.before = Exercise(project, TESTS, self.broken, measured=MEASURED), settings.root / "before"

    def run(self, test: str, following: str) -> Outcome:
        """Keep what was asked for; fail where it should."""
        self.asked.append((test, following))
        outcome = Outcome(test, "failed" if test == self.failing else "passed", message="cold" if test == self.failing else "")
        self.exercise.outcomes[test] = outcome
        return outcome

    def finish(self) -> Exercise:
        """Give what was run."""
        return self.exercise


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give the settings of a guide of one page, one file of which is not as it was proven last."""
    for name, value in (("asked", []), ("broken", ()), ("failing", "")):
        monkeypatch.setattr(Exerciser, name, value, raising=False)
    monkeypatch.setattr(prove, "Exerciser", Exerciser)
    monkeypatch.setattr(prove, "time", SimpleNamespace(perf_counter=iter([10.0, 11.2361]).__next__))
    monkeypatch.setattr(record, "_engine", str)
    for path, text in {"docs/tea.md": PAGE, "snippets/tea/tests/test_tea.py": FILE.replace("version", "copyright")}.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return load_settings(tmp_path)


def proven(settings: Settings) -> Proven:
    """Prove the page."""
    return prove_page(settings, Zygote(()), assemble(read_guide(settings))["tea"])


def test_a_page_is_proven(settings: Settings) -> None:
    """Each test is told which one follows, the time is rounded, and nobody asks what has changed."""
    result = proven(settings)

    assert [(HOT, SWEET), (SWEET, "")] == Exerciser.asked
    assert (True, 1.24, (), {}) == (result.record["proven"], result.record["seconds"], result.faults, result.reports)
    assert result.record == read_proof(settings, "tea")


def test_a_page_that_is_not_proven_says_what_has_changed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """After what is wrong with it; each failure with its report, also of what could not be collected."""
    monkeypatch.setattr(Exerciser, "failing", SWEET)
    monkeypatch.setattr(Exerciser, "broken", (BROKEN,))
    broken, failed = (
        Fault(Place("docs/tea.md", line), words) for line, words in ((1, "collection failed: it is broken"), (11, f"{SWEET} failed: cold"))
    )

    result = proven(settings)

    changed = "tests/test_tea.py has changed here since this page was proven last. Look whether this is what went wrong."
    assert (broken, failed, Fault(Place("docs/tea.md", 12), changed)) == result.faults
    assert {broken: BROKEN, failed: Outcome(SWEET, "failed", message="cold")} == result.reports
    assert [str(broken), str(failed)] == result.record["faults"]
