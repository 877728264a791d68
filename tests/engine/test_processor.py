"""The process of a page, forked or spawned."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from mdproof.assemble.project import assemble
from mdproof.exercise.copy import prepare
from mdproof.exercise.job import Job
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.run import Exercise, Exerciser
from mdproof.fault import Refused
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

pytestmark = pytest.mark.processes

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


def prepared(root: Path, code: str) -> Job:
    """Write a guide of one test and give the job of its page."""
    (root / "docs").mkdir()
    (root / "docs/page.md").write_text(f'# Page\n\n{FENCE}python title="tests/test_all.py"\n{code}{FENCE}\n', encoding="utf-8")
    settings = load_settings(root)
    project = assemble(read_guide(settings))["page"]
    return prepare(settings, project, blocks=project.page.blocks)


IS_LOADED = """\
import sys


def test_loaded():
    assert "tabnanny" in sys.modules
"""


@pytest.mark.parametrize(("modules", "passes"), [(("tabnanny", "no_such_module"), True), ((), False)])
def test_a_projects_own_zygote_has_imported_what_its_tests_load(tmp_path: Path, modules: tuple[str, ...], *, passes: bool) -> None:
    """Its forks need not import it again; what cannot be imported is left to the tests."""
    job = prepared(tmp_path, IS_LOADED)
    with Zygote(()) as zygote, zygote.of(job, modules) as own:
        process = PageProcess(own, job)
        ran = process.run("tests/test_all.py::test_loaded")
        process.finish()

    assert passes == ran.passed


def test_a_zygote_that_cannot_be_forked_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that starts a thread when it is imported would leave forks without it."""
    (tmp_path / "mdproof_threads.py").write_text("import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    job = prepared(tmp_path, IS_LOADED)
    with Zygote(()) as zygote:
        with zygote.of(job, ["tabnanny"]) as own:
            assert own is not zygote
        assert zygote is zygote.of(job, ["mdproof_threads"])
        monkeypatch.delattr(os, "fork")
        assert zygote is zygote.of(job, ["tabnanny"])


def test_a_killed_zygote_is_told_of(tmp_path: Path) -> None:
    """With the page's place, and what to do; a zygote of a project's own is done without."""
    job, before = prepared(tmp_path, IS_LOADED), set(psutil.Process().children())
    with Zygote(()) as zygote:
        PageProcess(zygote, job).abandon()
        (started,) = (c for c in psutil.Process().children() if c not in before and "mdproof.exercise.zygote" in c.cmdline())
        started.kill()
        started.wait()

        assert zygote is zygote.of(job, ["tabnanny"])
        with pytest.raises(Refused) as refused:
            PageProcess(zygote, job)

    expected = "docs/page.md:1: what starts its process has ended: it was killed, or memory ran out. Run it again."
    assert expected == str(refused.value)


SERVED = f"""\
# Page

{FENCE}python title="src/myapp/__init__.py"
{FENCE}

{FENCE}python title="tests/test_all.py"
def test_all():
    assert 1 in {{1}}
{FENCE}

{FENCE}console title="Server"
$ python -m http.server $PORT --bind 127.0.0.1
{FENCE}
"""
ASKS = """\
import sys
import time
from pathlib import Path
from mdproof.assemble.project import assemble
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exerciser
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

settings = load_settings(Path(sys.argv[1]))
with Zygote(()) as zygote:
    exerciser = Exerciser(settings, zygote, assemble(read_guide(settings))["page"])
    print(exerciser.run("block-3").outcome, flush=True)
    time.sleep(600)
"""


def test_servers_end_with_whoever_asked_for_them(tmp_path: Path) -> None:
    """Even if it is killed, and can stop nothing itself."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/page.md").write_text(SERVED, encoding="utf-8")
    with subprocess.Popen([sys.executable, "-c", ASKS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        assert "passed\n" == asking.stdout.readline()
        listed = psutil.process_iter(["cwd", "cmdline"])
        servers = [p for p in listed if str(tmp_path) in (p.info["cwd"] or "") and "http.server" in (p.info["cmdline"] or ())]
        asking.kill()

    assert 1 == len(servers)
    assert [] == psutil.wait_procs(servers, timeout=20)[1]


def test_a_page_cannot_import_what_lies_beside_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who takes the project has none of it."""
    (tmp_path / "beside.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    job = prepared(tmp_path, "import importlib\n\n\ndef test_beside():\n    assert importlib.import_module('beside')\n")
    with Zygote(()) as zygote:
        process = PageProcess(zygote, job)
        ran = process.run("tests/test_all.py::test_beside")
        process.finish()

    assert (False, "ModuleNotFoundError: No module named 'beside'") == (ran.passed, ran.words)


IN_MEMORY = """
@pytest.fixture(scope="session")
def wide():
    return ["in memory"]
"""
THREAD = """
@pytest.fixture(scope="session")
def wide():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
FILE = """
@pytest.fixture(scope="session")
def wide():
    Path("left").write_text("")
"""
FOLDER = """
@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    return tmp_path_factory.mktemp("left")
"""
OWN_FILE = """
@pytest.fixture
def wide(tmp_path):
    Path(tmp_path, "own").write_text("")
"""
DATABASE = """
@pytest.fixture(scope="session")
def wide():
    return sqlite3.connect(":memory:")
"""
PROCESS = """
@pytest.fixture(scope="package")
def wide():
    with subprocess.Popen(["sleep", "60"]) as process:
        yield
        process.kill()
"""
READ = """
@pytest.fixture(scope="session")
def wide(pytestconfig):
    return os.listdir("."), Path("pyproject.toml").read_text()
"""
FAILING = """
@pytest.fixture
def wide():
    assert 1 == 2
"""
WARM = """\
import os
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest
{}

def test_wide(wide):
    pass
"""


@pytest.mark.parametrize(
    ("fixture", "clean"),
    [(IN_MEMORY, True), (READ, True), (OWN_FILE, True)] + [(f, False) for f in (THREAD, FILE, FOLDER, DATABASE, PROCESS, FAILING)],
)
def test_forks_go_on_only_from_what_is_in_memory(tmp_path: Path, fixture: str, *, clean: bool) -> None:
    """A file, a thread, a connection or a process that a fixture of wider scope made would be shared by all forks."""
    job = prepared(tmp_path, WARM.format(fixture))
    with Zygote(()) as zygote:
        process = PageProcess(zygote, job)
        warm = process.warm("tests/test_all.py::test_wide", "tests/test_all.py::test_wide")
        process.abandon()

    assert clean == warm


BUSY = """\
import subprocess
import time


def test_busy():
    begun = time.process_time()
    while time.process_time() < begun + 0.5:
        pass
    assert 1 == subprocess.Popen(["sleep", "600"]).returncode
"""


def test_what_is_abandoned_leaves_nothing_but_the_time_it_took(tmp_path: Path) -> None:
    """Its children are killed too; what they and it took counts as the zygote's."""
    job = replace(prepared(tmp_path, BUSY), explained=False)
    with Zygote(()) as zygote:
        process, before = PageProcess(zygote, job), zygote.seconds
        ran = process.run("tests/test_all.py::test_busy")
        listed = psutil.process_iter(["cwd", "cmdline"])
        (sleeping,) = (p for p in listed if (p.info["cwd"], p.info["cmdline"]) == (job.folder, ["sleep", "600"]))
        process.abandon()
        taken = zygote.seconds - before

    assert [] == psutil.wait_procs([sleeping], timeout=20)[1]
    assert (False, True) == (ran.passed, taken >= 0.5)


def test_a_failure_that_nobody_reads_about_is_not_described(tmp_path: Path) -> None:
    """It has its words, and none of the code around it."""
    job = prepared(tmp_path, BUSY)
    with Zygote(()) as zygote:
        texts = []
        for explained in (True, False):
            process = PageProcess(zygote, replace(job, explained=explained))
            texts.append(process.run("tests/test_all.py::test_busy").text)
            process.abandon()

    assert [True, False] == ["def test_busy" in text for text in texts]
    assert [True, True] == ["1 == None" in text or "returncode" in text for text in texts]


WIDE = """
import pytest


@pytest.fixture(scope="session")
def wide():
    return [1]


@pytest.fixture(scope="module")
def narrow():
    return [1]


def test_none():
    assert [1]


def test_narrow(narrow):
    assert narrow == [1]


def test_wide(wide):
    assert wide == [1]


def test_wide_again(wide):
    assert wide == [1]
"""


def test_it_is_known_which_test_begins_what_others_go_on_with(tmp_path: Path) -> None:
    """The first that uses a fixture of the session."""
    job = prepared(tmp_path, WIDE)
    with Zygote(()) as zygote:
        process = PageProcess(zygote, job)
        for test, following in zip(process.items, [*process.items[1:], ""], strict=True):
            process.run(test, following)
        measured = process.finish()

    assert ("tests/test_all.py::test_wide",) == (measured and measured.widening)
