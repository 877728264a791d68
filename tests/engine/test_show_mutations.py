"""The scores of all pages as a table, to the letter."""

from typing import Any
from xml.etree.ElementTree import fromstring, tostring

import pytest

from mdproof.show.mutations import put_table

PAGE = {"page": "docs/a/scores.md"}
SCORE = {"mutants": 20, "killed": 18, "justified": 1, "percent": 94, "stale": False}
HEAD = "<thead><tr><th>Page</th><th>Changes</th><th>Noticed</th><th>Justified</th><th>Score</th></tr></thead>"


@pytest.mark.parametrize(
    ("other", "row"),
    [
        (
            {"page": "docs/b/two.md", "title": "Two", "project": "snippets/b/two", "mutation": SCORE},
            '<tr><td><a href="../b/two.md">Two</a></td><td>20</td><td>18</td><td>1</td><td>94 %</td></tr>',
        ),
        (
            {"page": "docs/a/x.md", "project": None, "mutation": SCORE},
            '<tr><td><a href="x.md">docs/a/x.md</a></td><td>20</td><td>18</td><td>1</td><td>94 %</td></tr>',
        ),
        (
            {"page": "docs/a/x.md", "title": "X", "project": "snippets/a/x"},
            '<tr><td><a href="x.md">X</a></td><td></td><td></td><td></td><td>not measured</td></tr>',
        ),
        ({"page": "docs/a/x.md", "title": "X", "project": None}, ""),
    ],
    ids=["measured", "no title, no project", "not measured", "neither"],
)
def test_a_page_has_a_row_if_it_has_a_project_or_a_score(other: dict[str, Any], row: str) -> None:
    """It links the page's file, from the page with the table."""
    root = fromstring("<div><p>Text.</p><p> [MUTATIONS] </p></div>")

    put_table(root, PAGE, [other])

    expected = f"<div><p>Text.</p><table>{HEAD}<tbody>{row}</tbody></table></div>"
    assert expected == tostring(root, encoding="unicode", short_empty_elements=False)


@pytest.mark.parametrize("text", ["<h2>[MUTATIONS]</h2>", "<p>[MUTATIONS]<em>x</em></p>", "<p>[mutations]</p>", "<p><em>x</em></p>"])
def test_what_is_no_paragraph_of_the_mark_alone_stays(text: str) -> None:
    """No table takes its place."""
    root = fromstring(f"<div>{text}</div>")

    put_table(root, PAGE, [])

    assert f"<div>{text}</div>" == tostring(root, encoding="unicode")
