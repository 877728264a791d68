"""A page's text before and after the site's parser."""

from __future__ import annotations

import pytest

from mdproof.read.markdown import Rendered, split_front_matter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\na: b\n---\n\n\n    x = 1\n", ("a: b\n", "    x = 1\n", 5)),
        ("\n\n\tx = 1\n", ("", "\tx = 1\n", 2)),
        ("---\na: b\n...\nXylophones\n", ("a: b\n", "Xylophones\n", 3)),
        ("# One\n\n---\na: b\n---\n", ("", "# One\n\n---\na: b\n---\n", 0)),
    ],
)
def test_what_stands_above_a_page(text: str, expected: tuple[str, str, int]) -> None:
    """Front matter and empty lines are taken off and counted, and nothing of the first line that is not empty."""
    assert expected == split_front_matter(text)


@pytest.mark.parametrize(("line", "expected"), [(0, 5), (1, 5), (2, 7), (3, 7), (4, 7)])
def test_a_line_after_includes_is_one_of_the_page(line: int, expected: int) -> None:
    """What an extension adds at either end belongs to the line there."""
    assert expected == Rendered("", "", (), (5, 7), ("", "")).page_line(line)
