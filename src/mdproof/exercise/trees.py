"""Trees of processes: killed, waited for, and the time they took."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import psutil

POLL = 0.005
"""Seconds between looks at a process that was killed, which ends at once or nearly so."""
POLL_LONG = 0.02
"""Seconds between looks at processes that end by themselves."""
ENDING = 15.0
"""Seconds that a killed process may take to end."""


def stop_tree(pid: int, *, alone: bool = False) -> None:
    """Kill a process and all it started; one that is ``alone`` has started nothing, which spares the search.

    Who starts others goes first, so that none goes on when another has ended; who asks for it goes last.
    """
    try:
        parent = psutil.Process(pid)
        family = [parent, *(() if alone else parent.children(recursive=True))]
    except psutil.NoSuchProcess:
        return
    for process in sorted(family, key=lambda one: one.pid == os.getpid()):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    deadline = time.monotonic() + ENDING
    while not all(_has_ended(process) for process in family) and time.monotonic() < deadline:
        time.sleep(POLL)


def _has_ended(process: psutil.Process) -> bool:
    """Tell whether a process has ended, though whoever should may not have asked for its status yet, which can take seconds."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def seconds_of(pid: int) -> float:
    """Give the seconds of CPU that a process has taken, with all below it: those that are there, and those that were reaped."""
    process = psutil.Process(pid)
    taken = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            taken += sum(one.cpu_times()[:4])  # user, system, and the same of reaped children
    return taken


def reap(*_signal_and_frame: object) -> None:
    """Ask for the status of all children that have ended, so that the time they took counts as this process' children's."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def reap_all(limit: float) -> None:
    """Wait some seconds for all children to end."""
    deadline = time.monotonic() + limit
    while psutil.Process().children() and time.monotonic() < deadline:
        time.sleep(POLL_LONG)
        reap()
