"""Places and what is wrong there."""

from __future__ import annotations

from mdproof.fault import Fault, Place, Refused


def test_what_is_refused_is_said_in_order() -> None:
    """Each fault is a line, by file and line number, however often and in whatever order it was found."""
    first, second, third = Fault(Place("a.md", 9), "No."), Fault(Place("a.md", 10), "Neither."), Fault(Place("b.md", 1), "Nor.")

    refused = Refused([third, second, first, second])

    assert (first, second, third) == refused.faults
    assert "a.md:9: No.\na.md:10: Neither.\nb.md:1: Nor." == str(refused)
