"""One page: its bytes, its front matter, its title."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdproof.fault import Refused
from mdproof.model import Page
from mdproof.read.markdown import DEFAULT_EXTENSIONS, parser
from mdproof.read.page import read_page

MISSPELT = "nothing reads {}. Write builds_on: [part/page], if that is meant."
CONTROL = (
    "the front matter is no YAML: unacceptable character #x0001: special characters are not allowed "
    'in "<unicode string>", position 18. Mend it.'
)


def read(data: bytes) -> Page:
    """Read a page."""
    return read_page("docs/part/page.md", "part/page", data, parser(DEFAULT_EXTENSIONS, Path()))


@pytest.mark.parametrize(
    "data",
    [
        "# Süms\n\nOne.\n".encode(),
        "# Süms\n\nOne.\n".encode("utf-8-sig"),
        "# Süms\r\n\r\nOne.\r\n".encode(),
        "# Süms\r\rOne.\r".encode(),
    ],
    ids=["plain", "byte order mark", "of Windows", "of an old Mac"],
)
def test_a_page_may_come_from_any_editor(data: bytes) -> None:
    """A mark at its beginning is none of its text, and each end of a line is one."""
    page = read(data)

    assert ("# Süms\n\nOne.\n", "Süms") == (page.text, page.title)


def test_a_mark_within_a_page_is_text() -> None:
    """Only at the beginning does it say how the file is encoded."""
    assert "One.\ufeff" == read("One.\ufeff".encode()).text


def test_a_page_without_a_heading() -> None:
    """It is called by its name."""
    assert "part/page" == read(b"One.\n").title


@pytest.mark.parametrize("name", ["build", "title", "hide"])
def test_front_matter_of_others(name: str) -> None:
    """What is not like our own name is theirs to read."""
    assert ("x",) == read(f"---\n{name}: [y]\nbuilds_on: [x]\n---\n\n# One\n".encode()).builds_on


@pytest.mark.parametrize(
    ("front", "line", "said"),
    [
        ("title: One\nbuild_on: [x]\n", 3, MISSPELT.format("build_on")),
        ('title: One\n"builds\\x2don": [x]\n', 1, MISSPELT.format("builds-on")),
        ("title: One\nkeys:  \x01\n", 1, CONTROL),
        ("title: One\na: [\n", 4, "the front matter is no YAML: expected the node content, but found '<stream end>'. Mend it."),
    ],
    ids=["misspelt", "misspelt by its code", "a control character", "an open list"],
)
def test_front_matter_that_is_refused(front: str, line: int, said: str) -> None:
    """It is said at its line, or at the page's first where nobody knows the line."""
    with pytest.raises(Refused) as refused:
        read(f"---\n{front}---\n\n# One\n".encode())

    assert f"docs/part/page.md:{line}: {said}" == str(refused.value)


def test_code_is_read_without_its_colours() -> None:
    """Nobody looks at them, and making them takes long; whatever else the site asks of highlighting is done."""
    html = parser([{"pymdownx.highlight": {"pygments_lang_class": True}}], Path()).convert("```python\nx = 1\n```")

    assert '<div class="language-python highlight"><pre><span></span><code>x = 1\n</code></pre></div>' == html
