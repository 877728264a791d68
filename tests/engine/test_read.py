"""The parts of reading that have a boundary of their own."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from mdproof.fault import Place
from mdproof.model import Reference
from mdproof.read.boxes import section_of
from mdproof.read.links import references_of

LINES = ((3, "[`CA-001`][rule] and [`CA-002`](b.md)"), (5, "again [`CA-001`](../c/d.md#e)"), (9, "[rule]: a.md"))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="a.md">CA-001</a>', Reference(Place("docs/p/q.md", 3), "p/a", "CA-001")),
        ('<a href="../c/d.md#e"><code>CA-001</code></a>', Reference(Place("docs/p/q.md", 5), "c/d", "CA-001")),
        ('<a href="#e">CA-003</a>', Reference(Place("docs/p/q.md", 1), "p/q", "CA-003")),
        ('<a href="b.md">tests/test_a.py::\n test_b</a>', None),
        ('<a href="b.md">tests/test_a.py::test_b[1-2]</a>', Reference(Place("docs/p/q.md", 1), "p/b", "tests/test_a.py::test_b[1-2]")),
        ('<a href="b.md">Don\u2019t wait\n here</a>', Reference(Place("docs/p/q.md", 1), "p/b", "Don\u2019t wait here")),
        ('<a href="b.md">Don\'t wait</a>', Reference(Place("docs/p/q.md", 1), "p/b", "Don't wait")),
        ('<a href="https://example.org/b.md">CA-001</a>', None),
        ('<a href="b.html">CA-001</a>', None),
        ('<a href="b.md">A-001</a>', None),
        ('<a href="b.md">see CA-001</a>', None),
        ("<a>CA-001</a>", None),
        ('<span href="b.md">CA-001</span>', None),
    ],
)
def test_links_that_name_a_proof(link: str, expected: Reference | None) -> None:
    """Their page is found from the page they are on, their line by text and target, or else by text."""
    found = list(references_of("docs/p/q.md", "p/q", BeautifulSoup(link, "html.parser"), LINES))

    assert ([expected] if expected else []) == found


HEADINGS = ((1, "text"), (3, "# One"), (5, "## Two"), (7, "### Three"), (9, "## Four"), (11, "#hash"), (13, "# Five"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [(2, (1, 2)), (3, (1, 2)), (4, (3, 12)), (5, (3, 12)), (6, (5, 8)), (8, (7, 8)), (10, (9, 12)), (12, (9, 12)), (14, (13, 10**9))],
)
def test_the_section_of_a_line(line: int, expected: tuple[int, int]) -> None:
    """From the heading above it to the next that is as high; before any heading, from the first line."""
    assert expected == section_of(line, HEADINGS)


def test_a_section_before_any_heading_is_as_high_as_the_page() -> None:
    """Headings below the page's own do not end it."""
    assert (1, 8) == section_of(2, ((1, "text"), (5, "## Two"), (9, "# One")))
