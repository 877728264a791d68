"""The warm process: what it has loaded, and how it forks a process for each connection that comes in."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from mdproof.exercise import zygote
from mdproof.exercise.job import NESTED, PAGE
from mdproof.exercise.trees import reap

NO_CHILD, A_CHILD = 0, 5
"""What a fork gives in the child and in its parent."""


class EndedError(Exception):
    """A function that does not return was called with this."""


def end(argument: Connection | int) -> None:
    """End the process with its status, or hand it over to a connection."""
    raise EndedError(argument)


@pytest.fixture(autouse=True)
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Tell what is done instead of what would change this process, or end it."""
    done: list[Any] = []
    monkeypatch.setattr(signal, "signal", lambda *arguments: done.append(arguments))
    monkeypatch.setattr(zygote, "reap_all", lambda limit: done.append(("reap_all", limit)))
    monkeypatch.setattr(gc, "collect", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(os, "fork", lambda: A_CHILD)
    monkeypatch.setattr(zygote, "serve", end)
    return done


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give both ends of a control."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@contextmanager
def asked(control: socket.socket, kind: bytes) -> Iterator[socket.socket]:
    """Ask for a process; give our end of its connection."""
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(control, [kind], [theirs.fileno()])
    with ours:
        yield ours


def test_a_page_can_be_served_by_a_process_of_its_own(ends: tuple[socket.socket, socket.socket]) -> None:
    """Where there is no fork."""
    descriptor = os.dup(ends[1].fileno())

    with pytest.raises(EndedError) as ended:
        zygote.main(["page", str(descriptor)])
    connection = ended.value.args[0]

    assert descriptor == connection.fileno()
    connection.close()


@pytest.fixture
def cold(done: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare what warms."""
    monkeypatch.setattr(zygote, "warm_up", lambda modules: done.append(("warm_up", modules)))


@pytest.mark.usefixtures("cold")
def test_a_zygote_is_warm_before_it_forks(done: list[Any], ends: tuple[socket.socket, socket.socket]) -> None:
    """It goes on until nobody asks any more, and then waits for its children."""
    with asked(ends[0], PAGE) as first, asked(ends[0], PAGE) as second:
        ends[0].close()

        zygote.main(["zygote", str(os.dup(ends[1].fileno())), "json", "csv"])

        assert [b"", b""] == [first.recv(1), second.recv(1)]
    assert [("warm_up", ["json", "csv"]), (signal.SIGCHLD, reap), ("reap_all", 5.0)] == done


@pytest.mark.usefixtures("cold")
def test_an_interrupt_ends_a_zygote(done: list[Any], ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a traceback: who pressed the keys knows."""
    interrupts = iter([KeyboardInterrupt()])

    def interrupt(*_: object) -> None:
        raise next(interrupts)

    monkeypatch.setattr(socket, "recv_fds", interrupt)

    zygote.main(["zygote", str(os.dup(ends[1].fileno()))])

    assert ("reap_all", 5.0) == done[-1]


@pytest.mark.usefixtures("cold")
def test_a_fork_serves_its_connection(done: list[Any], ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its children are its own again."""
    monkeypatch.setattr(os, "fork", lambda: NO_CHILD)
    with asked(ends[0], PAGE) as page:
        with pytest.raises(EndedError) as ended:
            zygote.main(["zygote", str(os.dup(ends[1].fileno()))])
        connection = ended.value.args[0]
        connection.send_bytes(b"here")
        connection.close()

        assert (b"here", (signal.SIGCHLD, signal.SIG_DFL)) == (page.recv(100)[-4:], done[-1])


@pytest.mark.parametrize("threads", [0, 1])
@pytest.mark.usefixtures("cold")
def test_a_zygote_of_one_project_says_whether_it_can_be_forked(
    threads: int, done: list[Any], ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has imported what it can in the surroundings of the project, and goes on until nobody asks any more."""
    monkeypatch.setattr(os, "fork", lambda: NO_CHILD)
    monkeypatch.setattr(zygote, "enter", lambda job: done.append(("enter", job)))
    ended = threading.Event()
    for _ in range(threads):
        threading.Thread(target=ended.wait).start()
    sys.modules.pop("colorsys", None)
    with asked(ends[0], NESTED) as ours, Connection(os.dup(ours.fileno())) as connection:
        connection.send(("a job", ["no_module_of_the_kind", "colorsys"]))
        ours.shutdown(socket.SHUT_WR)

        with pytest.raises(EndedError) as left:
            zygote.main(["zygote", str(os.dup(ends[1].fileno()))])
        ended.set()

        assert (0, threads == 0, True) == (left.value.args[0], connection.recv(), "colorsys" in sys.modules)
    assert [(signal.SIGCHLD, signal.SIG_DFL), ("enter", "a job"), "freeze", (signal.SIGCHLD, reap), ("reap_all", 5.0)] == done[2:]


def test_what_warms_leaves_nothing(
    tmp_path: Path, done: list[Any], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But the modules: no output, no module of its own, no file; it is a session that holds."""
    main = pytest.main
    monkeypatch.setattr(pytest, "main", lambda arguments: done.append(main(arguments)))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    sys.modules.pop("colorsys", None)

    zygote.warm_up(["no_module_of_the_kind", "colorsys"])

    assert [pytest.ExitCode.OK, "freeze"] == done
    assert (True, False) == ("colorsys" in sys.modules, "test_warm" in sys.modules)
    assert ("", "", []) == (*capfd.readouterr(), list(tmp_path.iterdir()))


def test_what_warms_may_go_wrong(done: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages then say themselves what is wrong."""
    monkeypatch.setattr(pytest, "main", lambda _: pytest.ExitCode.USAGE_ERROR)

    zygote.warm_up([])

    assert ["freeze"] == done
