"""The process of a page: what it leaves behind of its parent, and what it says from its start to its end."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.machinery import PathFinder
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mdproof.assemble.project import assemble
from mdproof.exercise import child, inner
from mdproof.exercise.copy import prepare
from mdproof.exercise.job import Change, Job, Measured
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
PAGE = f"""\
# Sums

{FENCE}python title="src/sums_of_a_child/__init__.py"
def two():
    return 2
{FENCE}

{FENCE}python title="tests/conftest.py"
import sums_of_a_child
{FENCE}

{FENCE}python title="tests/test_sums.py"
def test_two():
    assert 3 == len("ab")


def test_own(fixture_of_a_plugin):
    assert 2 == fixture_of_a_plugin
{FENCE}

{FENCE}console
$ echo $COUNTER
at 7
{FENCE}
"""
Serve = Callable[..., list[Any]]


class EndedError(Exception):
    """The process would have ended here."""


def end(status: int) -> None:
    """Say the status with which the process would have ended."""
    raise EndedError(status)


@pytest.fixture(autouse=True)
def setsid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    """Bring back all that a page's process leaves behind; tell how often it left its session."""
    left: list[None] = []
    kept, modules = [os.dup(n) for n in range(3)], set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "setsid", lambda: left.append(None))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(sys, "addaudithook", lambda _: None)
    for name in ("argv", "path", "meta_path"):
        monkeypatch.setattr(sys, name, list(getattr(sys, name)))
    for name in ("dont_write_bytecode", "pycache_prefix"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    yield left
    for n, descriptor in enumerate(kept):
        os.dup2(descriptor, n)
        os.close(descriptor)
    for name in set(sys.modules) - modules:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Give the job of a page."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(PAGE, encoding="utf-8")
    settings = load_settings(tmp_path)
    (project,) = assemble(read_guide(settings)).values()
    return replace(prepare(settings, project, blocks=project.page.blocks), measure=False)


@pytest.mark.parametrize(("bytecode", "settings"), [("", (True, None)), ("/kept", (False, "/kept"))])
def test_a_process_leaves_its_parent_behind(bytecode: str, settings: tuple[bool, str | None], job: Job, setsid: list[None]) -> None:
    """Its session, folder, variables, arguments; it reads nothing and prints to a file that is its own."""
    child.enter(replace(job, bytecode=bytecode))
    os.write(1, b"out\n")
    os.write(2, b"err\n")

    assert (b"", "out\nerr\n", 0o600) == (os.read(0, 1), Path(job.output).read_text("utf-8"), stat.S_IMODE(Path(job.output).stat().st_mode))
    assert ([None], job.folder, job.environment, ["pytest"]) == (setsid, str(Path.cwd()), os.environ, sys.argv)
    assert settings == (sys.dont_write_bytecode, sys.pycache_prefix)


def test_what_was_printed_before_is_gone(job: Job) -> None:
    """Only the output of the last run is kept."""
    Path(job.output).write_text("from the run before", encoding="utf-8")

    child.enter(job)

    assert Path(job.output).read_text("utf-8") == ""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Give a function that runs a job with commands that wait for it; it gives what is answered."""
    services = SimpleNamespace(start=lambda _: None, variables={"COUNTER": "at 7"})
    monkeypatch.setattr(child, "Services", lambda _: services)

    def serve(job: Job, *commands: tuple[str, ...]) -> list[Any]:
        theirs, ours = Pipe()
        for message in (job, *commands, ("finish",)):
            theirs.send(message)
        with pytest.raises(EndedError, match=r"^0$"):
            child.serve(ours)
        answers = []
        while theirs.poll():
            answers.append(theirs.recv())
        return answers

    return serve


@pytest.mark.parametrize("explained", [True, False])
def test_a_process_says_what_it_does(job: Job, serve: Serve, *, explained: bool) -> None:
    """That it is there, what it can run, what became of that, what it measured; why a test fails only if somebody reads it."""
    started, offer, fails, block, done = serve(
        replace(job, explained=explained), ("run", "tests/test_sums.py::test_two", "block-4"), ("run", "block-4", "")
    )

    assert (("started", os.getpid()), "items") == (started, offer[0])
    assert ["block-4", "tests/test_sums.py::test_two", "tests/test_sums.py::test_own"] == offer[1]
    assert ("failed", explained) == (fails[1].outcome, "def test_two" in fails[1].text)
    assert ("passed", "", "at 7") == (block[1].outcome, block[1].message, os.environ["COUNTER"])
    assert ("done", Measured) == (done[0], type(done[1]))


def test_a_plugin_that_the_project_declares_is_loaded(tmp_path: Path, job: Job, serve: Serve) -> None:
    """Its fixtures are there."""
    plugin = "import pytest\n\n\n@pytest.fixture\ndef fixture_of_a_plugin():\n    return 2\n"
    (tmp_path / "plugin_of_a_child.py").write_text(plugin, encoding="utf-8")
    sys.path.insert(0, str(tmp_path))

    *_, own, _ = serve(replace(job, plugins=("plugin_of_a_child",)), ("run", "tests/test_sums.py::test_own", ""))

    assert "passed" == own[1].outcome


def test_a_process_waits_where_a_file_is_imported(job: Job, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is, whoever else finds modules, and for a fork, which goes on."""
    imported = []

    def split(connection: object, _services: object) -> tuple[object, Change]:
        imported.append("sums_of_a_child" in sys.modules)
        return connection, Change(tests=("tests/test_sums.py",))

    monkeypatch.setattr(inner, "Fork", lambda _: SimpleNamespace(split=split))
    sys.meta_path.insert(0, PathFinder)
    sys.path.insert(0, f"{job.folder}/src")

    answers = serve(replace(job, until="src/sums_of_a_child/__init__.py"), ("fork",))

    assert ([False], ["started", "waiting", "items", "done"]) == (imported, [answer[0] for answer in answers])
    assert ["tests/test_sums.py::test_two", "tests/test_sums.py::test_own"] == answers[2][1]


def test_what_breaks_a_process_is_said(job: Job, serve: Serve) -> None:
    """An error of whatever kind, with its name."""
    assert [("started", os.getpid()), ("broken", "FileNotFoundError: [Errno 2] No such file or directory: '/nowhere'")] == serve(
        replace(job, folder="/nowhere")
    )
