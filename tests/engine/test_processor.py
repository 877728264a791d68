"""The process of a page, forked or spawned."""

import os
import shutil
from pathlib import Path

import pytest

from mdproof.assemble.project import assemble
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exercise, Exerciser
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

CASE = Path(__file__).parent / "cases" / "plugin"


def exercise(root: Path) -> Exercise:
    """Exercise the page of the case that holds."""
    settings = load_settings(root)
    project = assemble(read_guide(settings))["part/good"]
    with Zygote(()) as zygote:
        exerciser = Exerciser(settings, zygote, project)
        for test in exerciser.exercise.items:
            exerciser.run(test)
        for box in project.page.counterexamples:
            exerciser.catch(box)
        return exerciser.finish()


@pytest.mark.parametrize("forks", [True, False])
def test_a_page_runs_forked_and_spawned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, forks: bool) -> None:
    """Where there is no fork, a spawned process runs the same tests with the same outcome."""
    root = shutil.copytree(CASE, tmp_path / "guide")
    if not forks:
        monkeypatch.delattr(os, "fork")

    ran = exercise(root)

    assert {True} == {o.passed for o in ran.outcomes.values()}
    assert (True, (), True) == (ran.complete, ran.caught[1].faults, ran.measured is not None)
