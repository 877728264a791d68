"""The instrumented fence parser: finds what the site renders, line by line, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown

from mdproof.read.checks import Parts
from mdproof.read.fences import include_line, instrument
from mdproof.read.markdown import DEFAULT_EXTENSIONS, Rendered, parser, render

CASES = Path(__file__).parent / "cases"
PROBE = (CASES / "probe.md").read_text(encoding="utf-8")


def plain_parser() -> Markdown:
    """Give the site's parser as the site has it."""
    return parser(DEFAULT_EXTENSIONS, CASES.parent)


@pytest.fixture
def rendered() -> Rendered:
    """Give the probe page as our reader understands it."""
    return render("probe.md", PROBE, 0, plain_parser())


def codes(html: str) -> list[str]:
    """Give the text of each code block of a page, in page order."""
    tags = BeautifulSoup(html, "html.parser").select("div.highlight")
    return [(tag.select_one("td.code pre") or tag.select_one("pre") or tag).get_text() for tag in tags]


def test_private_names_are_there() -> None:
    """The parts of pymdown-extensions that nobody promised us still exist; if not, ``fences.py`` is the place."""
    md = plain_parser()
    fenced = md.preprocessors["fenced_code_block"]

    needed = ["process_nested_block", "_store", "rebuild_block", "run"]

    assert needed == [name for name in needed if callable(getattr(fenced, name, None))]
    assert callable(md.preprocessors["snippet"].run)


def test_private_state_is_as_we_read_it() -> None:
    """Language, options, classes and attributes of a fence are where we look for them."""
    md = plain_parser()
    fences = instrument(md)

    md.convert('```{.python .append #here title="x.py" linenums="1" data-a="b"}\nx = 1\n```\n')

    (fence,) = fences
    assert (fence.number, fence.start, fence.end) == (1, 1, 3)
    assert (fence.language, fence.source) == ("python", "x = 1")
    assert fence.options["title"] == "x.py"
    assert fence.options["linenums"] == "1"
    assert fence.classes == ("append",)
    assert fence.attributes == {"data-a": "b", "id": "here"}


def test_probe_has_every_form(rendered: Rendered) -> None:
    """All twenty-two Python blocks a reader sees are found, and each once."""
    python = [f for f in rendered.fences if f.language in {"python", "py"} and "23" not in f.source]

    assert len(python) == 22
    assert [f.number for f in rendered.fences] == list(range(1, len(rendered.fences) + 1))


def test_fences_equal_the_plain_site(rendered: Rendered) -> None:
    """What is found is what the site renders without our instruments, no block more or less."""
    seen = BeautifulSoup(rendered.html, "html.parser").select("[data-block]")
    sources = {fence.number: fence.source for fence in rendered.fences}

    found = [sources[int(str(tag["data-block"]))].strip("\n") for tag in seen]

    assert [code.strip("\n") for code in codes(plain_parser().convert(PROBE))] == found
    assert len(found) == len(set(found))


def test_lines_are_those_of_the_page(rendered: Rendered) -> None:
    """Every line of a block stands on the page line it is said to stand on."""
    lines = PROBE.split("\n")

    for fence in (f for f in rendered.fences if "20" not in f.source):
        for line in (rendered.page_line(fence.start), rendered.page_line(fence.end)):
            assert lines[line - 1].lstrip(" >").startswith(("```", "~~~"))
        for number, text in enumerate(fence.source.split("\n") if fence.source else (), rendered.page_line(fence.start) + 1):
            assert lines[number - 1].endswith(text)


def test_lines_of_an_include_are_the_line_that_includes(rendered: Rendered) -> None:
    """A block from another file is at the page line that asks for it."""
    (fence,) = [f for f in rendered.fences if "20" in f.source]
    line = PROBE.split("\n").index('--8<-- "cases/included.txt"') + 1

    assert [line] * 3 == [rendered.page_line(n) for n in range(fence.start, fence.end + 1)]


def test_what_is_appended_to_every_page_is_at_its_last_line() -> None:
    """Nothing on the page asks for it."""
    appending = {"pymdownx.snippets": {"auto_append": ["cases/included.txt"]}}

    rendered = render("page.md", "One.\n\nTwo.", 0, parser(["pymdownx.superfences", appending], CASES.parent))

    (fence,) = rendered.fences
    assert "number = 20" == fence.source
    assert [3] * 3 == [rendered.page_line(n) for n in range(fence.start, fence.end + 1)]
    assert (1, 2, 3) == rendered.lines[:3]


@pytest.mark.parametrize("md", [Markdown(), plain_parser()], ids=["no includes", "nothing read yet"])
def test_a_failure_before_any_include_is_at_the_first_line(md: Markdown) -> None:
    """Where nothing was included, no include says where the parser stopped."""
    assert 1 == include_line(md)


def test_nothing_outside_looks_like_a_fence(rendered: Rendered) -> None:
    """What is left of the page outside its blocks holds no fence."""
    assert [] == [text for _, text in Parts("probe.md", rendered).outside if text.lstrip(" >").startswith(("```", "~~~"))]


def test_html_of_a_block_can_be_decorated() -> None:
    """The site's edge gets each fence with its HTML, and may set its options before."""
    md = plain_parser()
    instrument(md, lambda fence, html: f"{html}<p>{fence.number}</p>", lambda fence, options: options.update(title=f"No. {fence.number}"))

    html = md.convert("```python\nx = 1\n```\n\n```python\nx = 2\n```\n")

    assert ["1", "2"] == [p.get_text() for p in BeautifulSoup(html, "html.parser").select("div.highlight ~ p")]
    assert ["No. 1", "No. 2"] == [t.get_text() for t in BeautifulSoup(html, "html.parser").select("span.filename")]
