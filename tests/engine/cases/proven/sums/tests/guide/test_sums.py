"""Deeper."""

from calc import add


def test_more() -> None:
    """More sums."""
    assert add(2, 2) == 4
