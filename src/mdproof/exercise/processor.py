"""The proving side: starts the zygote, has it fork a process a page, talks to each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import reduction
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from mdproof.exercise.job import NESTED, PAGE, Change, Job, Measured, Outcome
from mdproof.exercise.trees import seconds_of, stop_tree
from mdproof.fault import refuse

START = 120.0
"""Seconds a session may take to collect its tests."""


STEP_GRACE = 20.0
"""Seconds more for a console or server, which keeps the limit itself and says what was printed."""


class Zygote:
    """Forks processes; ends with the process that made it."""

    def __init__(self, preload: Sequence[str], control: socket.socket | None = None) -> None:
        """Remember what to import; nothing is started yet, unless there is one already that ``control`` leads to."""
        self._preload = tuple(preload)
        self._starting = Lock()
        self._control = control
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End it."""
        self.close()

    @property
    def seconds(self) -> float:
        """Give the seconds of CPU that were taken by it and by all processes below it."""
        return seconds_of(self._process.pid) if self._process else 0.0

    def connect(self) -> tuple[Connection, subprocess.Popen[bytes] | None]:
        """Give a connection to a fresh process, and the process where it was spawned."""
        ours, theirs = socket.socketpair()
        connection = Connection(ours.detach())
        with theirs:
            if not hasattr(os, "fork"):
                return connection, _start("page", theirs, ())
            self._ask(PAGE, theirs)
        return connection, None

    def of(self, job: Job, modules: Sequence[str]) -> Zygote:
        """Give a zygote for one project, in whose surroundings some modules are imported already.

        What cannot be forked after that, or on this machine, is served by this zygote.
        """
        if not hasattr(os, "fork"):
            return self
        ours, theirs = socket.socketpair()
        connection = Connection(ours.detach())
        try:
            with theirs:
                self._ask(NESTED, theirs)
            connection.send((job, modules))
            return Zygote((), socket.socket(fileno=os.dup(connection.fileno()))) if connection.recv() else self
        except (EOFError, OSError):
            return self
        finally:
            connection.close()

    def _ask(self, kind: bytes, end: socket.socket) -> None:
        """Have a process forked that is served over the socket."""
        with self._starting:
            if self._control is None:
                self._control, theirs = socket.socketpair()
                with theirs:
                    self._process = _start("zygote", theirs, self._preload)
            socket.send_fds(self._control, [kind], [end.fileno()])

    def close(self) -> None:
        """End the zygote; processes it forked end with their connections."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.wait()
        self._control = self._process = None


def _start(kind: str, end: socket.socket, modules: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "mdproof.exercise.zygote", kind, str(end.fileno()), *modules]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COVERAGE_"))}
    return subprocess.Popen(command, pass_fds=[end.fileno()], env=environment, stdin=subprocess.DEVNULL)


class PageProcess:
    """The process of one page, as seen from the proving side."""

    def __init__(self, zygote: Zygote | PageProcess, job: Job, change: Change | None = None) -> None:
        """Start the process and collect its tests; or fork it of one that has, with a change of its code.

        Raises ``Refused`` if what should be forked has been killed.
        """
        self._job = job
        try:
            self._connection, self._spawned = zygote.connect()
        except OSError as error:
            raise refuse(job.shown, 1, "what starts its process has ended: it was killed, or memory ran out. Run it again.") from error
        self.dead = ""
        """Why it cannot be talked to any more."""
        self.items: list[str] = []
        self.broken: list[Outcome] = []
        self._pid, self._alone = 0, False
        self.forks = False
        """Whether others can be forked of it."""
        self._connection.send(change or job)
        started = self._receive(START, "collection")
        self._pid = 0 if isinstance(started, Outcome) else int(started[1])
        answer = self._receive(START, "collection")
        if isinstance(answer, Outcome):
            self.broken = [answer]
        elif answer[0] == "items":
            self.items, self.broken, self.forks = answer[1:]
        elif answer[0] == "waiting":
            self.forks = answer[1]
        else:
            self.broken = [self._lost("died", "collection", "its session ended before a test was run")]

    def connect(self) -> tuple[Connection, None]:
        """Give a connection to a fork of the process as it is; what runs in that leaves no trace in this one."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._connection.send(("fork",))
            reduction.send_handle(self._connection, theirs.fileno(), self._pid)
        return Connection(ours.detach()), None

    def run(self, test: str, following: str = "") -> Outcome:
        """Run a test; ``following`` is the one after it, for its fixtures' sake."""
        return self._ran("run", test, following)[0]

    def warm(self, test: str, following: str) -> bool:
        """Run a test for what it leaves in memory; tell whether forks can go on from there, each with fixtures of its own."""
        outcome, clean = self._ran("warm", test, following)
        return outcome.passed and clean

    def _ran(self, how: str, test: str, following: str) -> tuple[Outcome, bool]:
        if self.dead:
            return Outcome(test, "died", text=self.output(), message=f"not run: {self.dead}", kind="died"), False
        self._connection.send((how, test, following))
        answer = self._receive(self._job.limit + (STEP_GRACE if test.startswith("block-") else 0), test)
        if isinstance(answer, Outcome):
            return answer, False
        if answer[0] != "outcome":
            return self._lost("died", test, "its session ended before it did"), False
        outcome, clean, self._alone = answer[1:]
        return outcome, clean

    def finish(self) -> Measured | None:
        """End the session; give what it measured, or nothing if it died."""
        if self.dead:
            return None
        self._connection.send(("finish",))
        answer = self._receive(self._job.limit, "finish")
        self.dead = self.dead or "it has ended"
        self._close()
        return answer[1] if not isinstance(answer, Outcome) and answer[0] == "done" else None

    def abandon(self) -> None:
        """Kill the process and what it started, whatever it does."""
        if self._pid:
            stop_tree(self._pid, alone=self._alone)
        self._close()
        self.dead = self.dead or "it was abandoned"

    def output(self) -> str:
        """Give what the process has printed."""
        path = Path(self._job.output)
        return path.read_text(encoding="utf-8", errors="replace")[-20_000:] if path.is_file() else ""

    def _close(self) -> None:
        self._connection.close()
        if self._spawned is not None:
            self._spawned.wait()

    def _receive(self, limit: float, test: str) -> tuple[Any, ...] | Outcome:
        try:
            if not self._connection.poll(limit):
                return self._lost("hung", test, f"it did not end within {limit:g} s")
            answer = self._connection.recv()
        except (EOFError, OSError):
            return self._lost("died", test, "its process ended before it did")
        if answer[0] == "broken":
            return self._lost("died", test, str(answer[1]))
        message: tuple[Any, ...] = answer
        return message

    def _lost(self, outcome: str, test: str, why: str) -> Outcome:
        self.dead = f"{test}: {why}"
        if self._pid:
            stop_tree(self._pid)
        self._close()
        return Outcome(test, outcome, text=self.output(), message=f"{why}. Its output follows.", kind=outcome)
