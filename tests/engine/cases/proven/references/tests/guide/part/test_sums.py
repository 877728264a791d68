"""Deeper tests of the sums."""

from calc import add


def test_more() -> None:
    """Nothing and nothing is nothing."""
    assert add(0, 0) == 0
