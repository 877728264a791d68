"""What the site swallows or hides: fences that are none, code that no reader sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdproof.read.checks import Parts, swallowed, unshown
from mdproof.read.fences import Fence
from mdproof.read.markdown import DEFAULT_EXTENSIONS, Rendered, parser, render

OPTION = (
    "the site does not take this for a fence: {!r} holds an option it does not know, or an open quote. "
    "Put options other than title, hl_lines and linenums in braces, or drop them."
)
UNCLOSED = "this fence is not closed, or not opened where it should be. Give it a line of ``` of its own, at the same indentation."
UNSEEN = "this block does not reach the reader (a comment, a hidden element or an indented block holds it). Show it or delete it."
UNFENCED = "code that is no fenced block cannot be proven. Fence it, and give it a role."
INCLUDED = "```python linenos\nx = 1\n```\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "```python\nx = 1\n\n```python\n```\n",
            "1: this fence is not closed before the next begins at line 4. Close it with ```, or open it with ````.",
        ),
        ("> ```python linenos\n> x = 1\n> ```\n", f"1: {OPTION.format('python linenos')}"),
        ("```python linenos\nx = 1\n```X\n", f"1: {UNCLOSED}"),
        ("```python linenos\nx = 1\n```\n\n```python linenos\nx = 2\n```\n", f"1: {OPTION.format('python linenos')}"),
        ('# Page\n\n--8<-- "included.txt"\n', f"3: {OPTION.format('python linenos')}"),
        ("```python\nx = 1\n```\n```python\nx = 2\n```\n", None),
        ('```text title="a`b.txt"\n~~~python\n```\n', None),
    ],
    ids=["swallows an empty fence", "in a quote", "closed by no mark", "the first of two", "included", "good", "backtick in a title"],
)
def test_what_looks_like_a_fence(tmp_path: Path, text: str, said: str | None) -> None:
    """The first that is none, or that takes the next one for its text, is said with the reason."""
    (tmp_path / "included.txt").write_text(INCLUDED, encoding="utf-8")

    found = swallowed(Parts("docs/page.md", render("docs/page.md", text, 0, parser(DEFAULT_EXTENSIONS, tmp_path))))

    assert ([f"docs/page.md:{said}"] if said else []) == [str(fault) for fault in found]


def parts(html: str, text: str, *fences: Fence) -> Parts:
    """Give a page whose HTML is as if another parser had made it."""
    lines = tuple(text.split("\n"))
    return Parts("docs/page.md", Rendered(text, html, fences, tuple(range(1, len(lines) + 1)), lines))


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<div data-block="1"><pre>x = 1</pre></div>', []),
        ('<pre data-block="1">x = 1</pre>', []),
        ('<div style="display: flex"><pre data-block="1">x = 1</pre></div>', []),
        ('<template><pre data-block="1">x = 1</pre></template>', [UNSEEN]),
        ('<noscript><div><pre data-block="1">x = 1</pre></div></noscript>', [UNSEEN]),
        ('<div hidden><pre data-block="1">x = 1</pre></div>', [UNSEEN]),
        ('<div style="visibility:hidden"><pre data-block="1">x = 1</pre></div>', [UNSEEN]),
        ("", [UNSEEN]),
    ],
)
def test_a_fence_reaches_the_reader(html: str, said: list[str]) -> None:
    """Whatever element it becomes, neither it nor anything around it is hidden."""
    fence = Fence(1, 2, 4, "python", {}, (), {}, "x = 1")

    assert [f"docs/page.md:2: {one}" for one in said] == [str(fault) for fault in unshown(parts(html, "\n```python\nx = 1\n```", fence))]


@pytest.mark.parametrize(
    ("text", "html", "line"),
    [
        ("Look:\n\n    x = 1\n    y = 2", "<pre><code>x = 1\ny = 2</code></pre>", 3),
        ("Look:\n\n<b>\n<pre>x = 1</pre>", "<b><pre>x = 1</pre></b>", 4),
        ("Look:\n\n<pre>a &lt; b</pre>", "<pre>a &lt; b</pre>", 1),
        ("Look:\n\n<pre>\n\n</pre>", "<pre>\n\n</pre>", 3),
    ],
    ids=["indented", "raw", "with entities", "empty"],
)
def test_code_that_is_no_fence(text: str, html: str, line: int) -> None:
    """It is said at the line with its first words, or else where it begins; at the page's first if neither is in the text."""
    assert [f"docs/page.md:{line}: {UNFENCED}"] == [str(fault) for fault in unshown(parts(html, text))]
