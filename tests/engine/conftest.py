"""Guides to be proven in a folder of their own, by one warm process for all tests."""

from __future__ import annotations

import locale
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from mdproof import command
from mdproof.exercise.processor import Zygote

FAULT = re.compile(r"\S+:\d+: ")
"""How a message begins that says where something is wrong; the reports below it are indented."""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    root: Path
    status: int
    output: str
    errors: str

    @property
    def faults(self) -> str:
        """Give the lines of standard error that name a place."""
        return "".join(f"{line}\n" for line in self.errors.splitlines() if FAULT.match(line))


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """Give the process from which all tests fork their pages."""
    with Zygote(()) as zygote:
        yield zygote


@pytest.fixture
def run(tmp_path: Path, zygote: Zygote, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs ``mdproof`` on a copy of a guide."""
    monkeypatch.setattr(command, "Zygote", lambda _: nullcontext(zygote))
    monkeypatch.setenv("COLUMNS", "100")

    def run(guide: Path, *arguments: str) -> Ran:
        shutil.copytree(guide, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
        capfd.readouterr()
        status = command.main(["--root", str(tmp_path), *arguments])
        said = capfd.readouterr()
        return Ran(tmp_path, status, said.out, said.err)

    return run


@pytest.fixture(autouse=True)
def ascii_locale(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let texts be ASCII unless whoever opens them says otherwise, so that a test can notice an encoding that is left out."""
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, before if request.node.get_closest_marker("processes") else "C")
    yield
    locale.setlocale(locale.LC_CTYPE, before)


@pytest.fixture
def typed() -> Iterator[str]:
    """Give what waits at standard input, where only a process that inherits it reads it."""
    before, (end, typing) = os.dup(0), os.pipe()
    os.write(typing, b"typed\n")
    os.close(typing)
    os.dup2(end, 0)
    yield "typed"
    os.dup2(before, 0)
    os.close(before)
    os.close(end)


Runs = Callable[[int], bool]


@pytest.fixture(scope="session")
def runs() -> Runs:
    """Give a function that tells whether a process is there, and has not ended."""

    def runs(pid: int) -> bool:
        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    return runs
