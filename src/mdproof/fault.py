"""Where something is wrong, what it is, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file, as one can click it: ``docs/page.md:41``."""

    path: str
    """Relative to the guide's root, with forward slashes."""
    line: int
    """Counted from 1."""

    def __str__(self) -> str:
        """Give ``path:line``."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with the guide."""

    place: Place
    message: str
    """What is wrong and what to do, in whole sentences."""

    def __str__(self) -> str:
        """Give ``path:line: message``."""
        return f"{self.place}: {self.message}"


class Refused(Exception):  # noqa: N818 - a verdict, read as one: "refused"
    """The guide, or a page of it, was refused; nothing was written."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order of their places, each once."""
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


def refuse(path: str, line: int, message: str) -> Refused:
    """Give the exception for a single fault, to be raised."""
    return Refused([Fault(Place(path, line), message)])


def refuse_any(faults: Iterable[Fault]) -> None:
    """Raise ``Refused`` if there is any fault."""
    found = tuple(faults)
    if found:
        raise Refused(found)
