"""What a page declares with ``uv add``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from mdproof.fault import Place, refuse
from mdproof.model import Block, Role
from mdproof.read.roles import is_declaration


@dataclass(frozen=True)
class Dependency:
    """A package that a page tells the reader to install."""

    requirement: str
    """As written, without quotes: ``pydantic[email]``."""
    development: bool
    """Added with ``--dev``."""
    place: Place

    @property
    def name(self) -> str:
        """Give the distribution's normal name."""
        return normal_name(Requirement(self.requirement).name)


def normal_name(name: str) -> str:
    """Give a distribution's name as the package index compares it."""
    return name.lower().replace("_", "-").replace(".", "-")


def declared(blocks: Sequence[Block]) -> tuple[Dependency, ...]:
    """Give what the console blocks of a page declare. Raises ``Refused`` for what is no requirement."""
    return tuple(d for b in blocks if b.role in {Role.DEPENDENCIES, Role.CONSOLE} for d in _declared(b))


def _declared(block: Block) -> Iterator[Dependency]:
    for number, line in enumerate(block.source.splitlines(), 1):
        if not (line.startswith("$ ") and is_declaration(line[2:])):
            continue
        words = shlex.split(line)[3:]
        place = block.place_of(number)
        development = "--dev" in words
        named = [w for w in words if w != "--dev"]
        if not named:
            raise refuse(place.path, place.line, "this declares nothing. Write the packages' names after it.")
        for word in named:
            try:
                Requirement(word)
            except InvalidRequirement as error:
                why = str(error).partition("\n")[0]
                raise refuse(
                    place.path, place.line, f"{word!r} is no requirement that can be declared: {why}. Write a package's name."
                ) from error
            yield Dependency(word, development, place)
