"""Rules and Don'ts: what of the HTML is a box, and what is in it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from mdproof.fault import Fault, Place
from mdproof.model import Rule
from mdproof.read.boxes import Box, boxes_of, rule_of

RULE = '!!! must "PF-001 Do this"'
SHOWN = '<div class="admonition must"><p>PF-001 Do this</p></div>'
LOST = "a must, should, may or failure box does not reach the site as one. Mend its indentation, or show it."


def boxes(html: str, *lines: tuple[int, str]) -> list[Box | Fault]:
    """Give what is found on a page."""
    return list(boxes_of("docs/page.md", BeautifulSoup(html, "html.parser"), lines))


def the_box(html: str, opening: str) -> Box:
    """Give the one box of a page."""
    (box,) = boxes(html, (3, opening))
    assert isinstance(box, Box)
    return box


@pytest.mark.parametrize(
    ("html", "opening", "paragraphs"),
    [
        ('<div class="admonition must"><p>PF-001 Do this</p><p>Why.</p></div>', RULE, ["PF-001 Do this", "Why."]),
        ('<details class="must"><summary>PF-001 Do this</summary><p>Why.</p></details>', RULE.replace("!", "?"), ["Why."]),
    ],
)
def test_a_box_may_be_folded(html: str, opening: str, paragraphs: list[str]) -> None:
    """Its title is what stands at its head, and all its paragraphs are there."""
    box = the_box(html, opening)

    assert ("must", "PF-001 Do this", Place("docs/page.md", 3), ()) == (box.kind, box.title, box.place, box.numbers)
    assert paragraphs == [p.get_text() for p in box.paragraphs]


@pytest.mark.parametrize(
    "html",
    [
        '<div class="admonition note"><p>Mind</p></div>',
        '<details class="note"><summary>Mind</summary></details>',
        '<div class="must"><p>Mind</p></div>',
        '<p class="admonition must">Mind</p>',
        "<div><p>Mind</p></div>",
    ],
)
def test_what_is_no_box_of_ours(html: str) -> None:
    """Other admonitions mean nothing to us, and neither does one of our words on anything else."""
    assert [] == boxes(html, (1, "# Page"), (3, '!!! note "Mind"'))


@pytest.mark.parametrize(
    ("html", "lines", "line"),
    [
        (SHOWN, (), 1),
        (SHOWN + SHOWN, ((4, RULE),), 1),
        (SHOWN, ((4, RULE), (9, RULE)), 9),
        (SHOWN, ((4, RULE.replace("must", "may")),), 4),
    ],
)
def test_a_box_is_in_the_text_and_on_the_site(html: str, lines: tuple[tuple[int, str], ...], line: int) -> None:
    """One that is only in the text is said at its line, one that is only in the HTML at the page's first."""
    assert [Fault(Place("docs/page.md", line), LOST)] == boxes(html, *lines)


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ('<div class="highlight" data-block="2"><pre>x = 1</pre></div><p>Fails.</p>', "Fails."),
        ('<div class="highlight" data-block="2"><pre>x = 1</pre></div>', ""),
    ],
)
def test_a_box_without_a_title(inside: str, title: str) -> None:
    """It has the name of its first paragraph, if it has one, and never that of its code."""
    box = the_box(f'<div class="admonition failure">{inside}</div>', '!!! failure ""')

    assert (title, (2,)) == (box.title, box.numbers)


RAW = """\
<div class="admonition must"><p>PF-001 Do this</p>
<p>
  Except on Sundays.</p>
<ul><li>Proven by <code>tests/test_a.py::test_c</code>.</li></ul>
<p>
  Proven by <strong><code>tests/test_a.py::test_a</code></strong> and <em>tests/test_a.py::test_b</em>.</p>
</div>
"""


def test_what_a_rule_says_stands_in_paragraphs() -> None:
    """One of raw HTML may begin on its next line; what counts in it are spans of code, and in no list."""
    box = the_box(RAW, RULE)

    expected = Rule("PF-001", "Do this", "MUST", box.place, (1, 9), ("tests/test_a.py::test_a",))
    assert expected == rule_of(box, (1, 9))
