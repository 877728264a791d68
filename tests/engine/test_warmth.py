"""What fixtures of wider scope may do, so that forks can go on from them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mdproof.exercise.warmth import Warmth


@pytest.fixture(autouse=True)
def no_other_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the threads of a test only, not those of whoever runs it."""
    before = threading.active_count()
    monkeypatch.setattr(threading, "active_count", lambda count=threading.active_count: count() - before + 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file that is there."""
    path = tmp_path / "file.txt"
    path.write_text("text", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("act", "clean"),
    [
        pytest.param(lambda _: None, True, id="nothing"),
        pytest.param(lambda file: file.read_text(encoding="utf-8"), True, id="reads"),
        pytest.param(lambda file: list(file.parent.iterdir()), True, id="lists"),
        pytest.param(lambda file: os.putenv("MDPROOF_TEST", str(file)), True, id="names"),
        pytest.param(lambda file: file.write_text("other", encoding="utf-8"), False, id="writes"),
        pytest.param(lambda file: file.open("r+", encoding="utf-8").close(), False, id="may-write"),
        pytest.param(lambda file: file.unlink(), False, id="deletes"),
        pytest.param(lambda file: (file.unlink(), list(file.parent.iterdir())), False, id="deletes-and-lists"),
    ],
)
def test_what_touches_memory_only_is_clean(file: Path, act: Callable[[Path], object], *, clean: bool) -> None:
    """Reading and looking around do no harm; what is written, or deleted, all forks would share."""
    warmth = Warmth()

    with warmth.fixture():
        act(file)

    assert clean is warmth.is_clean


def test_only_fixtures_are_watched(file: Path) -> None:
    """What a test does itself is over when it ends, and what other events mean nobody asks."""
    warmth = Warmth()

    file.write_text("before", encoding="utf-8")
    with warmth.fixture(), warmth.fixture():
        compile("1", "a text", "eval")
    file.write_text("after", encoding="utf-8")

    assert warmth.is_clean


def test_a_thread_that_is_left_is_not_clean() -> None:
    """A fork has one thread, whatever it is a fork of."""
    warmth, end = Warmth(), threading.Event()
    thread = threading.Thread(target=end.wait)

    thread.start()
    before = warmth.is_clean
    end.set()
    thread.join()

    assert (False, True) == (before, warmth.is_clean)
