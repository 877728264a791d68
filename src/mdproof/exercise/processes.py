"""Processes a page starts: commands that end, servers and workers that are stopped."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from mdproof.exercise.transcript import STATUS_QUESTION, Command, lines_match
from mdproof.exercise.trees import stop_tree

POLL = 0.02
"""Seconds between looks at something that should soon be so."""
GRACE = 15.0
"""Seconds a server has to stop after SIGTERM."""
PATIENCE = 1.0
"""Seconds that a connection may take to be accepted."""


def free_port() -> int:
    """Give a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Tell whether something accepts connections at a port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(PATIENCE)
        return probe.connect_ex(("127.0.0.1", port)) == 0


UV = 'uv() { if [ "$1" = run ]; then shift; "$@"; else command uv "$@"; fi; }'
"""What makes ``uv run x`` mean x of this environment, wherever it stands in a command."""


def run_commands(listed: Sequence[Command], folder: Path, environment: Mapping[str, str], limit: float) -> Generator[tuple[str, int]]:
    """Run the commands of a block in one shell; give output and exit status of each as soon as it ends.

    Raises ``TimeoutError`` with what the command printed if they do not end in time. What still runs
    when nobody asks any more is killed.
    """
    mark = f"mdproof-{os.urandom(8).hex()}"
    script = f"{UV}\nstatus=0\n" + "".join(f"(exit $status)\n{c.text}\nstatus=$?; printf '\\n{mark} %s\\n' $status\n" for c in listed)
    process = subprocess.Popen(
        ["/bin/sh", "-c", script], cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
    )  # fmt: skip
    with process:
        try:
            yield from _results(process, re.compile(rf"\n{mark} (\d+)\n".encode()), len(listed), limit)
        finally:
            if process.poll() is None:
                stop_tree(process.pid)


def _results(process: subprocess.Popen[bytes], mark: re.Pattern[bytes], count: int, limit: float) -> Iterator[tuple[str, int]]:
    """Give what stands before each mark, and the status in it; the last command's only once the shell has ended."""
    printed, deadline = b"", time.monotonic() + limit
    status: list[int] = []
    for chunk in _read(process, deadline):
        printed += chunk
        while len(status) < count - 1 and (found := mark.search(printed)):
            status.append(int(found[1]))
            yield _text(printed[: found.start()]), status[-1]
            printed = printed[found.end() :]
    if process.poll() is None and time.monotonic() >= deadline:
        message = f"it did not end within {limit:g} s; it printed:\n{_text(printed)}"
        raise TimeoutError(message)
    last, *rest = mark.split(printed)
    yield _text(last), int(rest[0]) if rest else process.wait() or 1
    yield from [("", process.wait() or 1)] * (count - len(status) - 1)


def _read(process: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    """Give what a process prints, until all that have its output have closed it, or time runs out."""
    assert process.stdout is not None
    while (left := deadline - time.monotonic()) > 0 and select.select([process.stdout], [], [], left)[0]:
        if not (chunk := process.stdout.read(CHUNK)):
            return
        yield chunk


CHUNK = 65_536
"""Bytes read at once."""


def _text(printed: bytes) -> str:
    return printed.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def is_question(command: Command) -> bool:
    """Tell whether a command asks for the exit status of the one before."""
    return command.text.strip() == STATUS_QUESTION


class Background:
    """A server or worker: started, waited for, stopped."""

    def __init__(self, command: Command, folder: Path, environment: Mapping[str, str], port: int) -> None:
        """Start it; what it prints goes to a file."""
        self.command, self.port = command, port
        self._listens = False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec env {command.text.replace('uv run ', '', 1)}"], cwd=folder, env=dict(environment),
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Give its process id."""
        return self._process.pid

    def printed(self) -> str:
        """Give what it has printed so far."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def wait_ready(self, *, listens: bool, limit: float) -> None:
        """Wait until it printed what the page shows and, if it should, accepts connections.

        Raises ``AssertionError`` with its output if it ends or time runs out first.
        """
        self._listens = listens
        deadline = time.monotonic() + limit
        shown = [*self.command.output, "..."]
        while not (lines_match(shown, self.printed().splitlines()) and (not listens or accepts(self.port))):
            assert self._process.poll() is None, f"it ended with status {self._process.returncode} before it was ready:\n{self.printed()}"
            assert time.monotonic() < deadline, f"it was not ready within {limit:g} s; it printed:\n{self.printed()}"
            time.sleep(POLL)

    def stop(self) -> None:
        """Stop it with SIGTERM. Raises ``AssertionError`` if it, a child or its port stays behind."""
        try:
            self._stop()
        finally:
            self._log.close()

    def _stop(self) -> None:
        if self._process.poll() is not None:
            message = f"it had ended by itself with status {self._process.returncode}:\n{self.printed()}"
            raise AssertionError(message)
        family = psutil.Process(self.pid).children(recursive=True)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired as error:
            stop_tree(self.pid)
            self._process.wait()
            message = f"it did not stop within {GRACE:g} s of SIGTERM:\n{self.printed()}"
            raise AssertionError(message) from error
        _, left = psutil.wait_procs(family, timeout=GRACE)
        for process in left:
            stop_tree(process.pid)
        assert not left, f"it left processes behind: {[p.pid for p in left]}"
        assert not (self._listens and accepts(self.port)), f"port {self.port} still answers after it stopped"
