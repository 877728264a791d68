"""Forks of a process that has collected its tests."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import Pipe, reduction
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.copy import prepare
from mdproof.exercise.fork import Fork, changed
from mdproof.exercise.job import Change, Job
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.trees import reap
from mdproof.mutate.mutants import mutants
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

CASES = Path(__file__).parent / "cases"
BEFORE = """\
def outer(a):
    def inner():
        return a
    return inner
"""


def prepared(case: Path, folder: Path) -> tuple[Project, Job]:
    """Give the project of a guide's one page, and its job."""
    shutil.copytree(case, folder, dirs_exist_ok=True)
    settings = load_settings(folder)
    (project,) = assemble(read_guide(settings)).values()
    return project, replace(prepare(settings, project, blocks=()), measure=False)


@pytest.fixture
def gates(tmp_path: Path, zygote: Zygote) -> Iterator[tuple[Project, Job, PageProcess]]:
    """Give the process of a page whose functions are held by others."""
    project, job = prepared(CASES / "mutated/closure", tmp_path)
    process = PageProcess(zygote, job)
    yield project, job, process
    process.abandon()


def failing(process: PageProcess) -> list[str]:
    """Run all tests; give those that fail."""
    return [test for test in process.items if not process.run(test).passed]


def test_a_fork_runs_changed_code(gates: tuple[Project, Job, PageProcess]) -> None:
    """The fork fails the tests that the change breaks; the process it is of, and the next fork, do not."""
    project, job, process = gates
    text = project.texts["src/gates/__init__.py"]
    change = changed("gates.py", text, text.replace("min(number, limit)", "max(number, limit)"))

    forked = PageProcess(process, job, change)
    broken = failing(forked)
    forked.abandon()
    again = failing(PageProcess(process, job, Change()))

    assert ["tests/test_gates.py::test_large_numbers_are_cut", "tests/test_gates.py::test_a_function_goes_by_its_name"] == broken
    assert ([], []) == (again, failing(process))


def test_a_fork_that_dies_takes_nobody_along(gates: tuple[Project, Job, PageProcess]) -> None:
    """A change that ends the process is that fork's end alone."""
    project, job, process = gates
    text = project.texts["src/gates/__init__.py"]
    change = changed("gates.py", text, text.replace("    return number * 2", "    import os; os._exit(3)"))

    died = PageProcess(process, job, change).run("tests/test_gates.py::test_large_numbers_are_cut")

    assert "died" == died.outcome
    assert [] == failing(process)


def test_a_process_with_threads_is_not_forked(tmp_path: Path, zygote: Zygote) -> None:
    """Its fork would lack them."""
    _, job = prepared(CASES / "unmutated/thread-that-runs-at-import", tmp_path)

    process = PageProcess(zygote, job)
    process.abandon()

    assert (False, False) == (bool(process.broken), process.forks)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(BEFORE.replace("return a", "return 1"), id="variable-of-the-function-around"),
        pytest.param(BEFORE.replace("return inner", "return lambda: inner"), id="function-more"),
        pytest.param(BEFORE.replace("    def inner():\n        return a\n    return inner", "    return None"), id="function-less"),
        pytest.param(BEFORE.replace("inner", "within"), id="name"),
    ],
)
def test_code_that_no_function_can_be_given(after: str) -> None:
    """A change of what a function holds is no change of code alone."""
    with pytest.raises(ValueError, match="outer"):
        changed("x.py", BEFORE, after)


def test_each_mutant_has_an_id_of_its_own(tmp_path: Path) -> None:
    """The same change of the same line counts twice where it is written twice, and each can be compiled."""
    text = "def one(a):\n    return a\n\n\ndef two(a):\n    return a\n"
    (tmp_path / "docs").mkdir()
    fence = "```"
    (tmp_path / "docs/twice.md").write_text(f'# Twice\n\n{fence}python title="src/twice.py"\n{text}{fence}\n', encoding="utf-8")
    (project,) = assemble(read_guide(load_settings(tmp_path))).values()

    found = list(mutants(project))

    assert 4 == len(found) == len({m.id for m in found}) == len({m.text for m in found})
    assert [range(2, 3), range(6, 7)] == [m.body for m in found if m.what == "return_nothing: return a -> return None"]
    for mutant in found:
        compile(mutant.text, mutant.path, "exec")


@pytest.mark.parametrize("conftest", ["", "import gates\n"])
def test_a_session_that_waits_for_an_import_goes_on_in_its_forks(tmp_path: Path, zygote: Zygote, conftest: str) -> None:
    """Each imports the file as it is by then, and collects what it is asked to; so does one that only a test file imports."""
    project, job = prepared(CASES / "mutated/closure", tmp_path)
    path, text = Path(job.folder, "src/gates/__init__.py"), project.texts["src/gates/__init__.py"]
    Path(job.folder, "tests/conftest.py").write_text(conftest, encoding="utf-8")
    waiting = PageProcess(zygote, replace(job, until="src/gates/__init__.py"))

    failed = []
    for changed_text in (text.replace("min(number, limit)", "max(number, limit)"), text):
        path.write_text(changed_text, encoding="utf-8")
        forked = PageProcess(waiting, job, Change(tests=("tests/test_gates.py",)))
        failed.append(failing(forked))
        forked.abandon()
    waiting.abandon()

    assert (True, []) == (waiting.forks, waiting.items)
    assert [["tests/test_gates.py::test_large_numbers_are_cut", "tests/test_gates.py::test_a_function_goes_by_its_name"], []] == failed


@pytest.fixture
def function(tmp_path: Path) -> Callable[[], int]:
    """Give a function of a project, compiled from its file."""
    names: dict[str, Any] = {}
    exec(compile(ONE, f"{tmp_path}/x.py", "exec", dont_inherit=True), names)
    return names["one"]  # type: ignore[no-any-return]


ONE = "def one():\n    return 1\n"


class Stood:
    """Stands in for services, and for the process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, forked: int) -> None:
        """Be in the parent of a fork, or in the fork, where its number is 0."""
        self.did: list[object] = []
        monkeypatch.setattr(os, "fork", lambda: forked)
        monkeypatch.setattr(os, "setsid", lambda: self.did.append("setsid"))
        monkeypatch.setattr(signal, "signal", lambda *arguments: self.did.append(arguments))
        monkeypatch.setattr(gc, "collect", lambda: None)
        monkeypatch.setattr(gc, "freeze", lambda: self.did.append("freeze"))

    def start(self, connection: Connection) -> None:
        """Tell who is told of this process' death."""
        self.did.append(("start", connection))

    def stop(self) -> None:
        """Tell that it was stopped."""
        self.did.append("stop")


def handed(to: Connection) -> Connection:
    """Hand one end of a connection over, as soon as it is taken, and give the other."""
    ours, theirs = Pipe()

    def hand() -> None:
        with theirs:
            reduction.send_handle(to, theirs.fileno(), os.getpid())

    Thread(target=hand).start()
    return ours


def test_a_process_that_is_forked_stays_as_it_is(tmp_path: Path, function: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first fork finds its functions and stops its services; the connection it hands over is the fork's alone."""
    stood, fork = Stood(monkeypatch, 5), Fork(str(tmp_path))
    control, served = Pipe()

    for _ in range(2):
        ours = handed(control)
        assert (served, None) == fork.split(served, stood)  # type: ignore[arg-type]
        with pytest.raises(EOFError):
            ours.recv()

    assert (1, ["stop", (signal.SIGCHLD, reap), "freeze"]) == (function(), stood.did)


def test_a_fork_has_the_changed_code(tmp_path: Path, function: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """It serves the connection it was handed and no other, with services of its own."""
    stood = Stood(monkeypatch, 0)
    control, served = Pipe()
    ours = handed(control)
    change = changed(f"{tmp_path}/x.py", ONE, ONE.replace("1", "2"))
    ours.send(change)

    connection, asked = Fork(str(tmp_path)).split(served, stood)  # type: ignore[arg-type]

    assert (change, ("started", os.getpid()), True) == (asked, ours.recv(), served.closed)
    assert ["setsid", (signal.SIGCHLD, signal.SIG_DFL), ("start", connection)] == stood.did[-3:]
    assert 2 == function()


def test_what_is_the_same_is_no_change() -> None:
    """Whatever this engine itself is compiled with."""
    assert Change() == changed("x.py", BEFORE, BEFORE)
