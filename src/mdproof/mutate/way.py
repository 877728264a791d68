"""How a process is come by that runs some tests of a changed project: the quickest ways first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Lock

from mdproof.exercise.job import Change
from mdproof.model import Page, Role

WHOLE = "tests"
COLLECTION = "collection"
"""What notices a change that keeps the tests from being collected."""


@dataclass(frozen=True)
class Way:
    """A kind of process, and the tests to run in it."""

    tests: tuple[str, ...]
    collected: str = WHOLE
    """The file or folder whose tests it collects."""
    until: str = ""
    """The file for whose import the process waited that it is forked of; empty for one that imports all of the project itself."""
    change: Change | None = None
    """What a fork is told to change; nothing for a process that imports the project anew."""
    before: int = 0
    """The block whose files it begins with: those that the page's earlier steps left."""
    story: bool = False
    """Whether all steps before are run as well."""
    alone: bool = False
    """Whether of the block there is the changed command only."""
    plain: bool = False
    """Whether nothing is imported beforehand."""

    def unchanged(self) -> Way:
        """Give the same way to the project as it was."""
        return replace(self, change=self.change and Change())

    @property
    def bare(self) -> Way:
        """Give what two mutants that are run in the same way have in common; a control is the same whichever file was waited for."""
        return replace(self, tests=(), until="any" if self.until else "", change=self.change and Change())


@dataclass(frozen=True)
class Controls:
    """What is known of tests without any change: in which ways they are green, and in which they are not."""

    sound: set[tuple[Way, str]] = field(default_factory=set)
    doubts: set[tuple[Way, str]] = field(default_factory=set)
    _turns: defaultdict[tuple[Way, str], Lock] = field(default_factory=lambda: defaultdict(Lock))

    def turn(self, one: tuple[Way, str]) -> Lock:
        """Give what lets one after the other find out about a test, so that only the first has to run it."""
        return self._turns[one]


def scenes(page: Page) -> dict[str, int]:
    """Give, by step and stop of a page, the block whose files it begins with: its own, or of requests their session's first."""
    found: dict[str, int] = {}
    session = 0
    stops: dict[str, int] = {}
    for block in (b for b in page.steps() if b.role is not Role.LAYOUT):
        session = 0 if block.role is Role.SERVER else session
        if block.role is Role.HTTP:
            session = session or block.number
        found[f"block-{block.number}"] = session if block.role is Role.HTTP else block.number
        stops[f"block-{block.number}-stop"] = block.number
    return found | stops


def ways(tests: tuple[str, ...], change: Change | None, page: str, path: str, *, warm: bool) -> Iterator[Way]:
    """Give the ways to run tests with a change of the file at ``path``: a fork, a process that collects one file, one that collects all.

    The tests of blocks are in the ``page``.

    What passes in a fork of a ``warm`` process may do so for what was there already, so it is run again.
    """
    if change is not None:
        yield Way(tests, change=change)
        if not warm:
            return
    first = _file(tests[0], page) if tests else ""
    if first:
        until = path if path.endswith(".py") and not path.startswith("tests/") else ""
        yield Way(tuple(test for test in tests if _file(test, page) == first), first, until)
    yield Way(tuple(test for test in tests if _file(test, page) != first))


def _file(test: str, page: str) -> str:
    return page if test.startswith("block-") else test.partition("::")[0]
