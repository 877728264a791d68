"""Commands, servers and workers of a page."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import psutil
import pytest

from mdproof.exercise import processes
from mdproof.exercise.processes import Background, accepts, free_port, is_question, run_commands
from mdproof.exercise.transcript import Command, commands

Runs = Callable[[int], bool]
SERVER = "echo ready; exec sleep 5"
NO_TEXT = r"printf '\377'"
"""Prints a byte that is none of any text."""


def background(folder: Path, script: str = SERVER, shown: str = "\nready", text: str = "sh server.sh") -> Background:
    """Start a server of some lines of shell; its port is that of this test."""
    (folder / "server.sh").write_text(script, encoding="utf-8")
    [command] = commands(f"$ {text}{shown}")
    return Background(command, folder, {"PATH": os.environ["PATH"], "NAME": "shop"}, free_port())


def run(folder: Path, source: str, limit: float = 10) -> list[tuple[str, int]]:
    """Run a console block's commands."""
    return list(run_commands(commands(source), folder, {"PATH": os.environ["PATH"], "NAME": "shop"}, limit))


def listening(port: int) -> socket.socket:
    """Listen at a port, in a server's place."""
    return socket.create_server(("127.0.0.1", port))


def test_a_free_port_is_nobody_elses() -> None:
    """It is one that anybody may listen at, and nothing does."""
    port = free_port()

    assert (True, False) == (port >= 1024, accepts(port))


def test_a_port_accepts_connections_while_something_listens() -> None:
    """And no longer."""
    port = free_port()
    with listening(port):
        assert accepts(port)

    assert not accepts(port)


def test_who_lets_others_wait_accepts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that takes long is none."""
    monkeypatch.setattr(processes, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy, socket.socket() as first, socket.socket() as second:
        for waiting in (first, second):
            waiting.settimeout(0)
            waiting.connect_ex(busy.getsockname())
        answers: list[bool] = []
        asking = Thread(target=lambda: answers.append(accepts(busy.getsockname()[1])), daemon=True)
        asking.start()
        asking.join(5)

        assert [False] == answers


def test_commands_share_a_shell(tmp_path: Path) -> None:
    """Variables and the folder last from one command of a block to the next."""
    results = run(tmp_path, "$ export NAME=shop\n$ mkdir inner && cd inner\n$ echo $NAME in $PWD")

    assert (f"shop in {tmp_path}/inner\n", 0) == results[-1]


def test_commands_have_the_environment_they_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of the one that is around the engine."""
    monkeypatch.setenv("BESIDE", "engine")

    assert [("shop\n", 0)] == run(tmp_path, "$ echo $NAME$BESIDE")


def test_uv_run_runs_what_is_installed(tmp_path: Path) -> None:
    """Wherever it stands in a command."""
    assert [("tea\n", 0)] == run(tmp_path, "$ true && uv run echo tea")


@pytest.mark.usefixtures("typed")
def test_nobody_types_anything_into_commands(tmp_path: Path) -> None:
    """A command that reads finds the end at once."""
    assert [("", 0)] == run(tmp_path, "$ cat")


def test_output_and_status_belong_to_their_command(tmp_path: Path) -> None:
    """Each command gets its own output and status; a question is answered with the one before."""
    results = run(tmp_path, "$ echo one\n$ sh -c 'echo two >&2; exit 3'\n$ echo $?")

    assert [("one\n", 0), ("two\n", 3), ("3\n", 0)] == results


def test_the_last_status_is_that_of_the_command(tmp_path: Path) -> None:
    """And not that of the shell, which goes on."""
    assert [("one\n", 0), ("", 3)] == run(tmp_path, "$ echo one\n$ sh -c 'exit 3'")


def test_output_that_comes_in_pieces_is_one(tmp_path: Path) -> None:
    """A command may take its time."""
    assert [("one two\n", 0)] == run(tmp_path, "$ printf 'one '; sleep 0.05; echo two")


def test_output_is_text_whatever_was_printed(tmp_path: Path) -> None:
    """Its lines end as they do here, and what is no text is shown as such."""
    assert [("a\nb\nc \N{REPLACEMENT CHARACTER}ä\n", 0)] == run(tmp_path, rf"$ printf 'a\r\nb\rc '; {NO_TEXT}; echo ä")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("$ exit 0\n$ echo never", [("", 1), ("", 1)], id="at-once"),
        pytest.param("$ echo one\n$ exit 0\n$ echo never\n$ echo never", [("one\n", 0), ("", 1), ("", 1), ("", 1)], id="later"),
        pytest.param("$ exit 3\n$ echo never", [("", 3), ("", 3)], id="with-a-status"),
        pytest.param("$ exec >&- 2>&-; sleep 0.1; exit 0", [("", 1)], id="after-its-output"),
    ],
)
def test_a_command_that_ends_the_shell_fails_with_what_follows(tmp_path: Path, source: str, expected: list[tuple[str, int]]) -> None:
    """After ``exit`` no later command counts as run, and the shell is waited for."""
    assert expected == run(tmp_path, source)


def test_each_result_is_given_as_its_command_ends(tmp_path: Path, runs: Runs) -> None:
    """What is left is killed when nobody asks for it any more."""
    results = run_commands(commands("$ echo $$\n$ sleep 1; echo > late\n$ echo never"), tmp_path, {"PATH": os.environ["PATH"]}, 60)
    with closing(results):
        shell, status = next(results)

        assert (0, True) == (status, runs(int(shell)))

    assert (False, False) == (runs(int(shell)), (tmp_path / "late").exists())


def test_no_command_can_print_what_ends_an_output(tmp_path: Path) -> None:
    """It is something else in each shell."""
    scripts = set()
    for _ in range(2):
        with closing(run_commands(commands("$ echo $$\n$ sleep 5"), tmp_path, {"PATH": os.environ["PATH"]}, 60)) as results:
            scripts.add(" ".join(psutil.Process(int(next(results)[0])).cmdline()))

    assert 2 == len(scripts)


def test_a_command_that_never_ends_is_killed(tmp_path: Path, runs: Runs) -> None:
    """A command over its limit is killed with what it started."""
    with pytest.raises(TimeoutError, match=r"^it did not end within 2 s; it printed:\n\d+\n\d+\n$") as failed:
        run(tmp_path, "$ echo $$; sh -c 'echo $$; sleep 60'", limit=2)

    assert [False, False] == [runs(int(pid)) for pid in str(failed.value).split()[-2:]]


def test_a_command_that_never_pauses_is_killed(tmp_path: Path) -> None:
    """There is always more of its output to be read."""
    with pytest.raises(TimeoutError, match=r"^it did not end within 0\.2 s; it printed:\n"):
        run(tmp_path, "$ yes", limit=0.2)


def test_a_question_is_about_the_status() -> None:
    """And nothing else is one."""
    assert (True, False) == (is_question(Command(1, "echo $? ", ())), is_question(Command(1, "echo", ())))


def test_a_server_is_ready_stops_and_leaves_nothing(tmp_path: Path, runs: Runs) -> None:
    """It printed what is shown and accepts connections; then SIGTERM ends it."""
    server = background(tmp_path)
    with listening(server.port):
        server.wait_ready(listens=True, limit=10)
    server.stop()

    assert not runs(server.pid)


def test_a_worker_need_not_listen(tmp_path: Path, runs: Runs) -> None:
    """Somebody else may do so at its port, before and after."""
    worker = background(tmp_path)
    with listening(worker.port):
        worker.wait_ready(listens=False, limit=10)
        worker.stop()

    assert not runs(worker.pid)


def test_what_nobody_waited_for_need_not_have_listened(tmp_path: Path, runs: Runs) -> None:
    """It is stopped all the same, whoever has its port."""
    server = background(tmp_path)
    with listening(server.port):
        server.stop()

    assert not runs(server.pid)


def test_a_server_of_which_nothing_is_shown_may_print_anything(tmp_path: Path, runs: Runs) -> None:
    """Then it is ready as soon as it accepts connections."""
    server = background(tmp_path, shown="")
    with listening(server.port):
        server.wait_ready(listens=True, limit=10)
    server.stop()

    assert not runs(server.pid)


@pytest.mark.usefixtures("typed")
def test_a_server_has_folder_and_environment_and_a_session_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it prints, errors too, is kept; nobody types anything, and no signal of a terminal reaches it."""
    monkeypatch.setenv("BESIDE", "engine")
    server = background(
        tmp_path,
        rf"echo ready >&2; echo ä$NAME$BESIDE $PWD; cat; {NO_TEXT}; echo .; exec sleep 5",
        "\nready\nä...\n...\n\N{REPLACEMENT CHARACTER}.",
    )
    server.wait_ready(listens=False, limit=10)
    printed, session = server.printed(), os.getsid(server.pid)
    server.stop()

    assert f"ready\näshop {tmp_path}\n\N{REPLACEMENT CHARACTER}.\n" == printed
    assert server.pid == session


def test_a_server_is_said_to_be_run_by_uv_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """What it is given may well say so again; there need not be any uv."""
    (tmp_path / "uv").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "uv").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    server = background(tmp_path, 'echo "$@"; exec sleep 5', "\nuv run tea\n", "uv run sh server.sh uv run tea")
    server.wait_ready(listens=False, limit=10)
    server.stop()

    assert not runs(server.pid)


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        pytest.param("\nlistening", r"^it was not ready within 2 s; it printed:\nready\n", id="that-prints-something-else"),
        pytest.param("\nready", r"^it was not ready within 2 s; it printed:\nready\n", id="that-does-not-listen"),
    ],
)
def test_a_server_is_not_ready(tmp_path: Path, shown: str, message: str) -> None:
    """What the page shows must be printed, and connections accepted."""
    server = background(tmp_path, shown=shown)

    with pytest.raises(AssertionError, match=message):
        server.wait_ready(listens=shown == "\nready", limit=2)
    server.stop()


def test_a_server_that_ends_is_not_ready(tmp_path: Path) -> None:
    """A server that ends by itself shows its output."""
    server = background(tmp_path, "echo no such setting; exit 2")

    with pytest.raises(AssertionError, match=r"^it ended with status 2 before it was ready:\nno such setting\n"):
        server.wait_ready(listens=False, limit=10)
    with pytest.raises(AssertionError, match=r"^it had ended by itself with status 2:\nno such setting\n"):
        server.stop()


def test_a_server_deaf_to_sigterm_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """One that ignores SIGTERM is killed, and that is a failure."""
    monkeypatch.setattr(processes, "GRACE", 0.1)
    server = background(tmp_path, "trap '' TERM; echo ready; exec sleep 2")
    server.wait_ready(listens=False, limit=10)

    with pytest.raises(AssertionError, match=r"^it did not stop within 0\.1 s of SIGTERM:\nready\n"):
        server.stop()
    assert not runs(server.pid)


def test_children_left_behind_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Processes that outlive their server are killed, and that is a failure; those of others are let be."""
    monkeypatch.setattr(processes, "GRACE", 0.1)
    with subprocess.Popen(["sleep", "2"]) as other:
        server = background(tmp_path, "sh -c 'sleep 2 & echo $!; wait' & echo $!; wait", "\n...\n...")
        while len(server.printed().splitlines()) < 2:
            time.sleep(0.01)

        with pytest.raises(AssertionError, match="it left processes behind") as failed:
            server.stop()

        left = [int(pid) for pid in re.findall(r"\d+", str(failed.value))]
        assert (2, [False, False], True) == (len(left), [runs(pid) for pid in left], runs(other.pid))
        other.kill()


def test_a_port_that_still_answers_fails(tmp_path: Path) -> None:
    """Whatever it is that has it, the next server could not."""
    server = background(tmp_path)
    with listening(server.port):
        server.wait_ready(listens=True, limit=10)

        with pytest.raises(AssertionError, match=f"^port {server.port} still answers after it stopped"):
            server.stop()
