"""Deeper tests of the sums."""

from calc import add


def test_more() -> None:
    """Sums of sums are right."""
    assert add(add(1, 2), 3) == 6
