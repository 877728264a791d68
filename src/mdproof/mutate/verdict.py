"""What a hunt finds out."""

from __future__ import annotations

from dataclasses import dataclass

KILLED, SURVIVED, JUSTIFIED = "killed", "survived", "justified"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    id: str
    place: str
    what: str
    verdict: str
    by: str
    """The test that killed it, or the reason it is justified."""


@dataclass(frozen=True)
class Tie:
    """What breaks a rule's section so that one of the rule's own tests fails."""

    rule: str
    place: str
    """The page line that is changed, or the rule's own if no change is noticed."""
    what: str
    by: str
    """The test; empty if none of the rule's tests notices any change."""
