"""The nouns of a guide: pages, blocks, rules and counterexamples."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mdproof.fault import Place


class Role(StrEnum):
    """What a fenced block is for. The list is closed: every block has one."""

    FILE = "file"
    APPEND = "append"
    REPLACE = "replace"
    TEST = "test"
    DEMONSTRATION = "demonstration"
    CONSOLE = "console"
    SERVER = "server"
    WORKER = "worker"
    HTTP = "http"
    LAYOUT = "layout"
    DEPENDENCIES = "dependencies"
    COUNTEREXAMPLE = "counterexample"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    number: int
    """Its place among the blocks of the page, from 1."""
    place: Place
    """The line of its opening fence."""
    end: int
    """The page line of its closing fence."""
    role: Role
    language: str
    title: str
    """The path it gives, or the title shown; empty without one."""
    classes: tuple[str, ...]
    """``append`` or ``replace``, as written in braces."""
    source: str
    """The text between the fences, without the fences' indentation."""
    lines: tuple[int, ...]
    """The page line of each line of the source."""

    @property
    def path(self) -> str:
        """The path of the project's file it gives or changes, or nothing."""
        return self.title if "/" in self.title or "." in self.title or self.title in KNOWN_FILES else ""

    def place_of(self, line: int) -> Place:
        """Give the place of a line of the source, counted from 1."""
        if not self.lines:
            return self.place
        return Place(self.place.path, self.lines[min(max(line, 1), len(self.lines)) - 1])


KNOWN_FILES = frozenset({"Dockerfile", "Containerfile", "Makefile", "Procfile"})
"""Titles without a dot or a slash that are paths all the same."""


@dataclass(frozen=True)
class Rule:
    """A MUST, SHOULD or MAY, and the tests that prove it."""

    id: str
    title: str
    level: str
    place: Place
    section: tuple[int, int]
    """First and last page line of the section it speaks of."""
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Counterexample:
    """A Don't: blocks that make named tests fail for a given reason."""

    number: int
    title: str
    place: Place
    blocks: tuple[Block, ...]
    tests: tuple[str, ...]
    messages: tuple[str, ...]
    """Texts that must occur in the failure message."""


@dataclass(frozen=True)
class Reference:
    """A link to a test, a rule or a Don't of a page, by its name."""

    place: Place
    page: str
    """The page's name."""
    name: str
    """The test's id, the rule's id, or the Don't's title."""


@dataclass(frozen=True)
class Page:
    """A page as its blocks mean it."""

    path: str
    """Relative to the guide's root: ``docs/part/page.md``."""
    name: str
    """Its name in ``builds_on``: ``part/page``."""
    title: str
    builds_on: tuple[str, ...]
    text: str
    """The text as the site's parser receives it, without front matter."""
    blocks: tuple[Block, ...]
    rules: tuple[Rule, ...] = ()
    counterexamples: tuple[Counterexample, ...] = ()
    references: tuple[Reference, ...] = ()

    def files(self) -> tuple[Block, ...]:
        """Give the blocks that make files of the project, in page order."""
        inside = {block.number for box in self.counterexamples for block in box.blocks}
        return tuple(b for b in self.blocks if b.role in FILES and b.number not in inside)

    def steps(self) -> tuple[Block, ...]:
        """Give the blocks that are run one by one, in page order."""
        inside = {block.number for box in self.counterexamples for block in box.blocks}
        return tuple(b for b in self.blocks if b.role in STEPS and b.number not in inside)


FILES = frozenset({Role.FILE, Role.APPEND, Role.REPLACE, Role.TEST})
STEPS = frozenset({Role.CONSOLE, Role.SERVER, Role.WORKER, Role.HTTP, Role.LAYOUT})


@dataclass(frozen=True)
class Guide:
    """All pages, parents before the pages that build on them."""

    pages: dict[str, Page] = field(default_factory=dict)
    """By name, in building order."""

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Give the names of the pages a page builds on, directly or not, farthest first."""
        found: dict[str, None] = {}
        for parent in self.pages[name].builds_on:
            found.update(dict.fromkeys(self.ancestors(parent)))
            found[parent] = None
        return tuple(found)
