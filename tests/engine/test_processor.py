"""The process of a page, forked or spawned."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing import reduction
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest

from mdproof.assemble.project import assemble
from mdproof.exercise import processor
from mdproof.exercise.copy import prepare
from mdproof.exercise.job import NESTED, Job, Measured, Outcome
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.run import Exercise, Exerciser
from mdproof.fault import Refused
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
@pytest.mark.processes
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


@pytest.mark.processes
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
@pytest.mark.processes
def test_a_projects_own_zygote_has_imported_what_its_tests_load(tmp_path: Path, modules: tuple[str, ...], *, passes: bool) -> None:
    """Its forks need not import it again; what cannot be imported is left to the tests."""
    job = prepared(tmp_path, IS_LOADED)
    with Zygote(()) as zygote, zygote.of(job, modules) as own:
        process = PageProcess(own, job)
        ran = process.run("tests/test_all.py::test_loaded")
        process.finish()

    assert passes == ran.passed


@pytest.mark.processes
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


@pytest.mark.processes
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


@pytest.mark.processes
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


@pytest.mark.processes
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
@pytest.mark.processes
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


@pytest.mark.processes
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


@pytest.mark.processes
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


@pytest.mark.processes
def test_it_is_known_which_test_begins_what_others_go_on_with(tmp_path: Path) -> None:
    """The first that uses a fixture of the session."""
    job = prepared(tmp_path, WIDE)
    with Zygote(()) as zygote:
        process = PageProcess(zygote, job)
        for test, following in zip(process.items, [*process.items[1:], ""], strict=True):
            process.run(test, following)
        measured = process.finish()

    assert ("tests/test_all.py::test_wide",) == (measured and measured.widening)


TEST = "tests/test_all.py::test_loaded"
MEASURED = Measured(modules=("json",))


class Answers:
    """Stands in for what starts processes: that of a page has given its answers already."""

    def __init__(self, *answers: object) -> None:
        """Give the answers after its id, which is that of none."""
        ours, theirs = socket.socketpair()
        self.ours, self.theirs = Connection(ours.detach()), Connection(theirs.detach())
        for answer in (("started", 0), *answers):
            self.theirs.send(answer)

    def connect(self) -> tuple[Connection, None]:
        """Give the connection."""
        return self.ours, None

    def told(self) -> list[object]:
        """Give what the page's process has been told."""
        found = []
        with suppress(EOFError):
            while self.theirs.poll(0):
                found.append(self.theirs.recv())
        return found


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Give a job whose process has printed something."""
    (tmp_path / "output").write_bytes("ä\N{SNOWMAN} \udcff".encode("utf-8", "surrogateescape"))
    return Job(str(tmp_path), str(tmp_path / "output"), "page.md", "docs/page.md", (), {}, {}, {}, 0.05)


Started = Callable[..., tuple[PageProcess, Answers]]


@pytest.fixture
def started(job: Job) -> Iterator[Started]:
    """Give a function that starts a process that has collected a test, with its further answers."""
    opened: list[Answers] = []

    def started(*answers: object) -> tuple[PageProcess, Answers]:
        opened.append(Answers(("items", [TEST], [], True), *answers))
        return PageProcess(opened[-1], job), opened[-1]  # type: ignore[arg-type]

    yield started
    for one in opened:
        one.ours.close()
        one.theirs.close()


def test_a_process_is_told_its_job_and_each_test(started: Started, job: Job) -> None:
    """And that it is to end; what it answers is given."""
    passed = Outcome(TEST, "passed")
    process, answers = started(("outcome", passed, False, False), ("done", MEASURED))

    assert (passed, MEASURED) == (process.run(TEST), process.finish())
    assert ([TEST], True) == (process.items, process.forks)
    assert [job, ("run", TEST, ""), ("finish",)] == answers.told()


@pytest.mark.parametrize(("outcome", "clean"), [("passed", True), ("passed", False), ("failed", True)])
def test_forks_go_on_from_a_test_that_passed_and_left_nothing(started: Started, outcome: str, *, clean: bool) -> None:
    """Both is needed."""
    process, answers = started(("outcome", Outcome(TEST, outcome), clean, False))

    assert (outcome == "passed" and clean) == process.warm(TEST, "next")
    assert ("warm", TEST, "next") == answers.told()[1]


def test_a_fork_is_asked_for_with_its_connection(started: Started) -> None:
    """Whoever has the other end of it is the fork."""
    process, answers = started()
    os.write(answers.theirs.fileno(), b"A")  # a handle is acknowledged, here before it is sent

    connection, spawned = process.connect()

    assert ("fork",) == (answers.theirs.recv(), answers.theirs.recv())[1]
    with Connection(reduction.recv_handle(answers.theirs)) as fork, connection:
        fork.send("here")
        assert ("here", None) == (connection.recv(), spawned)


def test_a_step_has_more_time_than_a_test(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """For it keeps the limit itself."""
    limits: list[float] = []
    monkeypatch.setattr(Connection, "poll", lambda _, limit: limits.append(limit) or True)
    outcome = ("outcome", Outcome(TEST, "passed"), True, True)
    process, _ = started(outcome, outcome, ("done", MEASURED))
    process.run(TEST)
    process.run("block-1")
    process.finish()

    assert [processor.START, processor.START, 0.05, processor.STEP_GRACE + 0.05, 0.05] == limits


@pytest.mark.parametrize(
    ("answers", "outcome", "why"),
    [
        pytest.param([], "hung", "it did not end within 0.05 s", id="no-answer"),
        pytest.param([("done", "outcome")], "died", "its session ended before it did", id="another-answer"),
        pytest.param([("broken", "a service is gone")], "died", "a service is gone", id="broken"),
    ],
)
def test_what_a_process_that_is_lost_printed_is_told(started: Started, answers: list[object], outcome: str, why: str) -> None:
    """Of the test it was lost at; all that come after it are not run."""
    process, _ = started(*answers)

    lost, after, measured = process.run(TEST), process.run("next"), process.finish()

    text = "ä\N{SNOWMAN} \N{REPLACEMENT CHARACTER}"
    assert Outcome(TEST, outcome, text=text, message=f"{why}. Its output follows.", kind=outcome) == lost
    assert Outcome("next", "died", text=text, message=f"not run: {TEST}: {why}", kind="died") == after
    assert measured is None


def test_a_process_that_ends_is_lost(started: Started) -> None:
    """As one that does not answer is."""
    process, answers = started()
    answers.theirs.close()

    lost = process._receive(1, TEST)  # noqa: SLF001 - the end of a connection that nothing is sent over any more

    assert isinstance(lost, Outcome)
    assert ("died", "its process ended before it did. Its output follows.") == (lost.outcome, lost.message)


@pytest.mark.parametrize("answers", [[("outcome", "done")], []])
def test_what_does_not_end_well_has_measured_nothing(started: Started, answers: list[object]) -> None:
    """Whatever it answers."""
    process, _ = started(*answers)

    assert process.finish() is None
    assert ("it has ended" if answers else "finish: it did not end within 0.05 s") == process.dead


def test_what_is_abandoned_is_killed(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, if it started nothing; what ended before has ended."""
    killed: list[tuple[int, bool]] = []
    monkeypatch.setattr(processor, "stop_tree", lambda pid, *, alone=False: killed.append((pid, alone)))
    process, _ = started(("outcome", Outcome(TEST, "passed"), True, True))
    monkeypatch.setattr(process, "_pid", 5)
    process.run(TEST)
    process.abandon()
    dead = process.dead
    ended, _ = started(("done", MEASURED))
    ended.finish()
    ended.abandon()

    assert ([(5, True)], "it was abandoned", "it has ended") == (killed, dead, ended.dead)


def test_the_end_of_much_output_is_told(started: Started, job: Job) -> None:
    """And nothing of what was never printed."""
    process, _ = started()
    Path(job.output).write_text("begun" + "ended" * 4_000)

    assert "ended" * 4_000 == process.output()
    Path(job.output).unlink()
    assert "" == process.output()


def received(control: socket.socket) -> tuple[bytes, Connection]:
    """Give what a zygote is asked for, and the connection that what it forks is to serve."""
    kind, (end,), _, _ = socket.recv_fds(control, 16, 1)
    return kind, Connection(end)


def test_a_zygote_is_asked_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is handed the other end of the connection; where nothing can be forked, a process is spawned."""
    spawned: list[tuple[Any, ...]] = []
    monkeypatch.setattr(processor, "_start", lambda kind, end, modules: spawned.append((kind, end.fileno() > 0, modules)) or "spawned")
    ours, theirs = socket.socketpair()
    with theirs, Zygote((), ours) as zygote:
        connection, process = zygote.connect()
        kind, end = received(theirs)
        with connection, end:
            end.send("here")
            assert ("here", processor.PAGE, None) == (connection.recv(), kind, process)
        monkeypatch.delattr(os, "fork")
        connection, process = zygote.connect()
        connection.close()

    assert ("spawned", [("page", True, ())]) == (process, spawned)


def test_a_zygote_is_started_when_it_is_first_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, with what it is to import; then the time it takes is known."""
    begun: list[tuple[Any, ...]] = []
    monkeypatch.setattr(processor, "seconds_of", float)
    with subprocess.Popen(["true"]) as process, Zygote(("json",)) as zygote:

        def start(kind: str, end: socket.socket, modules: tuple[str, ...]) -> subprocess.Popen[bytes]:
            begun.append((kind, end.dup(), modules))
            return process

        monkeypatch.setattr(processor, "_start", start)
        before = zygote.seconds
        for _ in range(2):
            zygote.connect()[0].close()

        assert (0.0, float(process.pid)) == (before, zygote.seconds)
    begun[0][1].close()

    assert [("zygote", ("json",))] == [(kind, modules) for kind, _, modules in begun]


@pytest.mark.parametrize("able", [True, False])
def test_a_projects_own_zygote_is_asked_for_what_it_imports(job: Job, *, able: bool) -> None:
    """It is asked for pages at once; if it cannot be forked, the one that is there goes on."""
    ours, theirs = socket.socketpair()
    asked: list[object] = []

    def answer() -> None:
        kind, nested = received(theirs)
        with nested:
            asked.extend((kind, nested.recv()))
            nested.send(able)
            if able:
                with socket.socket(fileno=os.dup(nested.fileno())) as control:
                    kind, end = received(control)
                end.close()
                asked.append(kind)

    answering = Thread(target=answer, daemon=True)
    answering.start()
    with theirs, Zygote((), ours) as zygote:
        own = zygote.of(job, ["json"])
        if able:
            with own:
                own.connect()[0].close()
        answering.join(5)

    assert (not able, [NESTED, (job, ["json"]), *[processor.PAGE] * able]) == (own is zygote, asked)


def test_where_nothing_can_be_forked_no_zygote_is(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is there goes on, and is not asked."""
    monkeypatch.delattr(os, "fork")
    with Zygote(()) as zygote:
        assert zygote is zygote.of(job, ["json"])


PRINTS = """\
#!/bin/sh
echo "$@" "[$(cat)]" "$BESIDE$PYTEST_BESIDE$COVERAGE_BESIDE"
test -e "/proc/$$/fd/$5" && echo open
"""


@pytest.mark.usefixtures("typed")
def test_a_process_is_started_with_its_end_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It imports nothing of the folder it is started in, nobody types anything, and what measures the engine does not measure it."""
    (tmp_path / "python").write_text(PRINTS)
    (tmp_path / "python").chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    for name in ("BESIDE", "PYTEST_BESIDE", "COVERAGE_BESIDE"):
        monkeypatch.setenv(name, name)
    with Zygote(("json",)) as zygote, suppress(BrokenPipeError):  # what is started here ends at once, asked or not
        zygote.connect()[0].close()

    words = capfd.readouterr().out.split()

    expected = ["-P", "-m", "mdproof.exercise.zygote", "zygote", "json", "[]", "BESIDE", "open"]
    assert expected == [*words[:4], *words[5:]]
