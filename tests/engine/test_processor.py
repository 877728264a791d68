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


FENCE = "```"
PAGE = f"""\
# Processes

{FENCE}console
$ uv add --dev anyio
{FENCE}

{FENCE}python title="tests/test_all.py"
import subprocess

import pytest


def test_starts():
    assert 0 == subprocess.run(["true"]).returncode


def test_plugins(pytestconfig):
    has = pytestconfig.pluginmanager.hasplugin
    assert (True, False, False) == (has("anyio.pytest_plugin"), has("schemathesis"), has("xdist"))
{FENCE}
"""


def test_a_session_has_the_plugins_it_declares_and_knows_who_starts_processes(tmp_path: Path) -> None:
    """What else is installed beside the engine is not loaded; a test that starts a process is noted."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/page.md").write_text(PAGE, encoding="utf-8")
    settings = load_settings(tmp_path)
    with Zygote(()) as zygote:
        exerciser = Exerciser(settings, zygote, assemble(read_guide(settings))["page"])
        outcomes = [exerciser.run(test) for test in exerciser.exercise.items]
        measured = exerciser.finish().measured

    assert [(True, ""), (True, "")] == [(o.passed, o.message) for o in outcomes]
    assert ("tests/test_all.py::test_starts",) == (measured and measured.started)
