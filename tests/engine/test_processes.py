"""Commands, servers and workers of a page."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from mdproof.exercise import processes
from mdproof.exercise.processes import Background, free_port, run_commands
from mdproof.exercise.transcript import commands

pytestmark = pytest.mark.processes

SERVER = """\
import os, signal, socket, subprocess, sys
{extra}
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
print("ready", flush=True)
signal.pause()
"""


def background(folder: Path, extra: str = "", shown: str = "ready") -> Background:
    """Start a server that listens, after some further lines."""
    (folder / "server.py").write_text(SERVER.format(extra=extra), encoding="utf-8")
    port = free_port()
    [command] = commands(f"$ {sys.executable} server.py\n{shown}")
    return Background(command, folder, {**os.environ, "PORT": str(port)}, port)


def run(folder: Path, source: str, limit: float = 10) -> list[tuple[str, int]]:
    """Run a console block's commands."""
    return list(run_commands(commands(source), folder, {"PATH": os.environ["PATH"]}, limit))


def test_commands_share_a_shell(tmp_path: Path) -> None:
    """Variables and the folder last from one command of a block to the next."""
    results = run(tmp_path, "$ export NAME=shop\n$ mkdir inner && cd inner\n$ echo $NAME in $(basename $PWD)")

    assert ("shop in inner\n", 0) == results[-1]


def test_output_and_status_belong_to_their_command(tmp_path: Path) -> None:
    """Each command gets its own output and status; a question is answered with the one before."""
    results = run(tmp_path, "$ echo one\n$ sh -c 'echo two >&2; exit 3'\n$ echo $?")

    assert [("one\n", 0), ("two\n", 3), ("3\n", 0)] == results


def test_a_command_that_ends_the_shell_fails_what_follows(tmp_path: Path) -> None:
    """After ``exit`` no later command counts as run."""
    results = run(tmp_path, "$ exit 0\n$ echo never")

    assert [1, 1] == [status for _, status in results]


def test_each_result_is_given_as_its_command_ends(tmp_path: Path) -> None:
    """What is left is killed when nobody asks for it any more."""
    source = "$ echo $$\n$ sleep 600\n$ echo never"
    results = run_commands(commands(source), tmp_path, {"PATH": os.environ["PATH"]}, 60)
    shell, status = next(results)
    started = psutil.Process(int(shell))
    results.close()

    assert (0, False) == (status, started.is_running() and started.status() != psutil.STATUS_ZOMBIE)


def test_a_command_that_never_ends_is_killed(tmp_path: Path) -> None:
    """A command over its limit is killed with what it started."""
    with pytest.raises(TimeoutError, match=r"it did not end within 0\.5 s; it printed:\nbegun"):
        run(tmp_path, "$ echo begun; sleep 60", limit=0.5)


def test_a_server_is_ready_stops_and_leaves_nothing(tmp_path: Path) -> None:
    """It printed what is shown and accepts connections; then SIGTERM ends it."""
    server = background(tmp_path)
    server.wait_ready(listens=True, limit=10)
    server.stop()

    assert not psutil.pid_exists(server.pid)


def test_a_server_that_prints_something_else_is_not_ready(tmp_path: Path) -> None:
    """What the page shows must be printed."""
    server = background(tmp_path, shown="listening")

    with pytest.raises(AssertionError, match=r"it was not ready within 0\.5 s; it printed:\nready"):
        server.wait_ready(listens=True, limit=0.5)
    server.stop()


def test_a_server_that_ends_is_not_ready(tmp_path: Path) -> None:
    """A server that ends by itself shows its output."""
    server = background(tmp_path, "sys.exit('no such setting')")

    with pytest.raises(AssertionError, match="it ended with status 1 before it was ready:\nno such setting"):
        server.wait_ready(listens=True, limit=10)
    with pytest.raises(AssertionError, match="it had ended by itself"):
        server.stop()


def test_a_server_deaf_to_sigterm_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ignores SIGTERM is killed, and that is a failure."""
    monkeypatch.setattr(processes, "GRACE", 0.5)
    server = background(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    server.wait_ready(listens=True, limit=10)

    with pytest.raises(AssertionError, match=r"it did not stop within 0\.5 s of SIGTERM"):
        server.stop()


def test_a_child_left_behind_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that outlives its server is killed, and that is a failure."""
    monkeypatch.setattr(processes, "GRACE", 0.5)
    server = background(tmp_path, "subprocess.Popen(['sleep', '60'])")
    server.wait_ready(listens=True, limit=10)

    with pytest.raises(AssertionError, match="it left processes behind"):
        server.stop()
