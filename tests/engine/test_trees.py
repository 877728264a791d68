"""Trees of processes: killed, reaped, and what they took."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from mdproof.exercise import trees
from mdproof.exercise.trees import reap, reap_all, seconds_of, stop_tree

Runs = Callable[[int], bool]
FAMILY = "sh -c 'sleep 5 & echo $!; wait' & echo $!; wait"
"""A shell with a child that has a child; it prints their ids."""


@pytest.fixture
def family(runs: Runs) -> Iterator[list[int]]:
    """Give the ids of a process, of its child and of that one's child."""
    with subprocess.Popen(["sh", "-c", FAMILY], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        below = [int(process.stdout.readline()) for _ in range(2)]
        yield [process.pid, *sorted(below)]
        for pid in (process.pid, *below):
            if runs(pid):
                os.kill(pid, signal.SIGKILL)


def test_a_process_is_killed_with_all_it_started(family: list[int], runs: Runs) -> None:
    """And what that started."""
    stop_tree(family[0])

    assert [False, False, False] == [runs(pid) for pid in family]


def test_who_starts_others_is_killed_first(family: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell whose command was killed would go on with the next; who kills itself kills nobody after."""
    killed: list[int] = []
    monkeypatch.setattr(psutil.Process, "kill", lambda process: killed.append(process.pid))
    monkeypatch.setattr(trees, "ENDING", 0)

    stop_tree(family[0])
    stop_tree(os.getpid())

    first, last = killed[:3], killed[3:]
    assert ([family[0], os.getpid()], sorted(family)) == ([first[0], last[-1]], sorted(first))
    assert set(family) <= set(last)


def test_what_has_started_nothing_is_killed_alone(family: list[int], runs: Runs) -> None:
    """Nobody looks for what is below it."""
    stop_tree(family[0], alone=True)

    assert [False, True, True] == [runs(pid) for pid in family]


def test_what_is_gone_is_killed_already(runs: Runs) -> None:
    """There is nothing to do."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    stop_tree(process.pid)

    assert not runs(process.pid)


def test_a_child_that_ends_just_now_spares_nobody(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are killed all the same."""
    children = psutil.Process.children
    others: list[int] = []

    def ended(process: psutil.Process, *, recursive: bool) -> list[psutil.Process]:
        first, other = children(process, recursive=recursive)
        others.append(other.pid)
        first.kill()
        while psutil.pid_exists(first.pid):
            time.sleep(0.001)
        return [first, other]

    monkeypatch.setattr(psutil.Process, "children", ended)
    monkeypatch.setattr(trees, "ENDING", 1)
    with subprocess.Popen(["sh", "-c", "sleep 5 & sleep 5 & echo; wait"], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        stop_tree(parent.pid)

    assert (-signal.SIGKILL, [False]) == (parent.returncode, [runs(pid) for pid in others])


def test_a_kill_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the process has ended, which need not be at once, and no longer."""
    states = iter([psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP, psutil.STATUS_ZOMBIE])
    slept: list[float] = []
    monkeypatch.setattr(psutil.Process, "status", lambda _: next(states))
    monkeypatch.setattr(trees.time, "sleep", slept.append)
    with subprocess.Popen(["sleep", "5"]) as process:
        stop_tree(process.pid)

    assert [trees.POLL] * 2 == slept


def test_a_process_that_was_reaped_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever started it may have asked for its status already."""
    kill = psutil.Process.kill

    def killed(process: psutil.Process) -> None:
        kill(process)
        os.waitpid(process.pid, 0)

    slept: list[float] = []
    monkeypatch.setattr(trees, "ENDING", 0.05)
    monkeypatch.setattr(psutil.Process, "kill", killed)
    monkeypatch.setattr(trees.time, "sleep", slept.append)
    with subprocess.Popen(["sleep", "5"]) as process:
        stop_tree(process.pid)

    assert [] == slept


def test_seconds_are_those_of_all_that_is_below(family: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own, those of its children's children, and of what they had reaped, but not what they waited for."""
    gone = family[1]

    def times(process: psutil.Process) -> tuple[float, ...]:
        if process.pid == gone:
            raise psutil.NoSuchProcess(gone)
        return 1.0, 2.0, 4.0, 8.0, 16.0

    monkeypatch.setattr(psutil.Process, "cpu_times", times)

    assert 30.0 == seconds_of(family[0])


def test_all_children_that_have_ended_are_reaped(runs: Runs) -> None:
    """However many there are, and though none is asked for by its id."""
    started = [subprocess.Popen(["true"]) for _ in range(3)]
    while any(runs(one.pid) for one in started):
        time.sleep(0.001)

    reap()

    assert [False] * 3 == [psutil.pid_exists(one.pid) for one in started]
    assert [0] * 3 == [one.wait() for one in started]


def test_children_are_waited_for_until_the_last_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no longer."""
    children = iter([["one", "two"], ["two"], []])
    done: list[object] = []
    monkeypatch.setattr(psutil.Process, "children", lambda _: next(children))
    monkeypatch.setattr(trees, "reap", lambda: done.append("reaped"))
    monkeypatch.setattr(trees.time, "sleep", done.append)

    reap_all(60)

    assert [trees.POLL_LONG, "reaped"] * 2 == done


def test_children_that_do_not_end_are_left(runs: Runs) -> None:
    """After some time."""
    with subprocess.Popen(["sleep", "5"]) as lasting:
        reap_all(0.05)

        assert runs(lasting.pid)
        lasting.kill()
