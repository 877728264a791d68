"""Forks of a process that has collected its tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.copy import prepare
from mdproof.exercise.fork import changed
from mdproof.exercise.job import Change, Job
from mdproof.exercise.processor import PageProcess, Zygote
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
