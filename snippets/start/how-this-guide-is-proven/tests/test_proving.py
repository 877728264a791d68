"""Tests of the proof in miniature."""

from pathlib import Path

from proving import blocks, vacuous

HERE = Path(__file__)
PAGE = HERE.parents[1] / "guide" / "docs" / "price.md"


def test_every_block_is_found() -> None:
    """The page shows a module and its tests, and no more."""
    module, tests = blocks(PAGE.read_text(encoding="utf-8"))

    assert "def gross(net: int) -> int:" in module.splitlines()
    assert "def test_tax_is_added() -> None:" in tests.splitlines()


def test_vacuous_test_is_found() -> None:
    """The page's second test asserts nothing."""
    found = [vacuous(b) for b in blocks(PAGE.read_text(encoding="utf-8"))]

    assert [[], ["test_nothing_is_free"]] == found


def test_own_tests_all_assert() -> None:
    """What is asked of others holds here."""
    assert [] == vacuous(HERE.read_text(encoding="utf-8"))
