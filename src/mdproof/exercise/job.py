"""What passes between the process that proves and the process that runs a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mdproof.model import Block
from mdproof.settings import Service

STEP = re.compile(r"^(mdproof\.exercise\.compare\.)?Mismatch: \S+:\d+: ")
"""What stands before the words of a console, transcript or server."""

CONTEXT, PROCESS = "MDPROOF_CONTEXT", "*"
"""The variable that tells a process to whom its lines are credited, and what stands before a test that started it."""

PAGE, NESTED = b"page", b"zygote"
"""What a zygote can be asked for: a page's process, a zygote of one project."""


@dataclass(frozen=True)
class Job:
    """A page's project to be run in a process of its own."""

    folder: str
    """The run copy; the process works there."""
    output: str
    """The file that takes what the process prints."""
    page: str
    """The page's copy below the folder, such as ``tests/caching.md``; empty for none."""
    shown: str
    """The page as reports name it: ``docs/caching.md``."""
    blocks: tuple[Block, ...]
    """The demonstrations, consoles and transcripts to run, in page order."""
    origins: Mapping[str, tuple[tuple[str, int], ...]]
    """For each file of the copy, the place each of its lines was written at."""
    environment: Mapping[str, str]
    ports: Mapping[str, str]
    limit: float
    """Seconds a command may take."""
    services: tuple[Service, ...] = ()
    """What the page's processes reach besides."""
    plugins: tuple[str, ...] = ()
    """Modules of the pytest plugins that the project's dependencies bring."""
    bytecode: str = ""
    """The folder that keeps the bytecode of what is imported for the next process; empty for none."""
    measure: bool = True
    """Whether lines are recorded."""
    explained: bool = True
    """Whether anybody reads why a test fails; to describe a failure costs more than most tests."""
    tests: tuple[str, ...] = ("tests",)
    """The files and folders of tests to collect."""
    until: str = ""
    """The file whose import the session waits for, to be forked there; empty to run tests."""


@dataclass(frozen=True)
class Change:
    """How a fork differs from the process it is of."""

    code: tuple[tuple[bytes, bytes], ...] = ()
    """The code of functions before and after, marshalled."""
    tests: tuple[str, ...] = ()
    """The files and folders of tests to collect, of a session that waits for an import."""


@dataclass(frozen=True)
class Outcome:
    """What became of one test."""

    id: str
    outcome: str
    """passed, failed or skipped; ``died`` and ``hung`` for its process."""
    when: str = "call"
    """setup, call or teardown: where it failed."""
    seconds: float = 0.0
    text: str = ""
    """The report, at page lines."""
    message: str = ""
    """The failure's own words."""
    kind: str = ""
    """The name of the exception."""
    place: tuple[str, int] | None = None
    """Where it failed."""
    sections: tuple[tuple[str, str], ...] = ()
    """Captured output."""

    @property
    def words(self) -> str:
        """Give the first line that says why it failed, without what pytest and the engine put before it."""
        told = [line for line in self.message.splitlines() if line.strip()]
        shown = [line for line in self.text.splitlines() if line.startswith("E ")]
        return STEP.sub("", next(iter([*told, *shown]), "").removeprefix("E ").strip()).rstrip(":")

    @property
    def passed(self) -> bool:
        """Tell whether it ran and held."""
        return self.outcome == "passed"


@dataclass(frozen=True)
class Measured:
    """What a page's process executed, opened and loaded."""

    statements: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Executable lines by file."""
    missing: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Those that never ran."""
    partial: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Branches never taken, as (from, to) lines; a negative line leaves the function that begins there."""
    contexts: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    """The tests that ran each line, by file; the empty id is what ran at import."""
    processes: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    """The tests whose own processes ran each line, by file; the empty id is a process that several tests use."""
    opened: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The tests that opened each file."""
    started: tuple[str, ...] = ()
    """The tests that started a process, in which anything may have run."""
    widening: tuple[str, ...] = ()
    """The tests that were the first to use a fixture of the session."""
    modules: tuple[str, ...] = ()
    """Modules loaded from outside the project, by full name."""
    commands: tuple[str, ...] = ()
    """Programs run by consoles."""
    compared: Mapping[str, int] = field(default_factory=dict)
    """Comparisons made by each console or transcript."""
