"""A page's text before and after the site's parser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mdproof.fault import Refused
from mdproof.read.markdown import DEFAULT_EXTENSIONS, Rendered, extensions_of, parser, render, split_front_matter

TEXT = "# Süms\n\n```rust\nlet x = 1;\n```"


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


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("[abbr, toc: {title: Überblick}, mdproof.show.extension]", ["abbr", {"toc": {"title": "Überblick"}}]),
        ("{abbr: , toc: {title: Überblick}, mdproof.show.extension: {}}", [{"abbr": None}, {"toc": {"title": "Überblick"}}]),
        ("", []),
    ],
    ids=["list", "mapping", "nothing"],
)
def test_extensions_of_a_site(tmp_path: Path, listed: str, expected: list[object]) -> None:
    """In both forms that MkDocs knows, without our own, after those that it always has."""
    (tmp_path / "mkdocs.yml").write_text(f"markdown_extensions: {listed}\n", encoding="utf-8")

    assert ["tables", "toc", *expected] == extensions_of(tmp_path / "mkdocs.yml")


def test_a_site_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """As one that is no YAML."""
    (tmp_path / "mkdocs.yml").write_bytes("site_name: Süms\n".encode("latin-1"))

    with pytest.raises(Refused, match=r"^mkdocs\.yml:1: it is no YAML: 'utf-8' codec can't decode byte 0xfc"):
        extensions_of(tmp_path / "mkdocs.yml")


@pytest.mark.parametrize("text", ["- site_name\n", "Guide\n"], ids=["list", "text"])
def test_a_site_without_settings_is_refused(tmp_path: Path, text: str) -> None:
    """A list or a text has no place for extensions."""
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")

    with pytest.raises(Refused) as refused:
        extensions_of(tmp_path / "mkdocs.yml")

    assert "mkdocs.yml:1: it is no mapping, such as `site_name: Guide`. Mend the file." == str(refused.value)


@pytest.mark.parametrize("listed", ["abbr", "[5]", "[{}]"])
def test_extensions_that_are_not_listed_are_refused(tmp_path: Path, listed: str) -> None:
    """Each is a name, or a name with options."""
    (tmp_path / "mkdocs.yml").write_text(f"markdown_extensions: {listed}\n", encoding="utf-8")

    with pytest.raises(Refused) as refused:
        extensions_of(tmp_path / "mkdocs.yml")

    said = "its markdown_extensions are no list of names, or of names with options. Mend the list."
    assert f"mkdocs.yml:1: {said}" == str(refused.value)


@pytest.mark.parametrize("extension", [{"toc": 5}, {"pymdownx.highlight": [1]}, {"pymdownx.snippets": {"base_path": 5}}, "none"])
def test_extensions_that_cannot_be_loaded_are_refused(extension: Any) -> None:
    """Whether that is found here or there."""
    with pytest.raises(Refused, match=r"^mkdocs\.yml:1: its markdown_extensions cannot be loaded: .+\. Mend the list, or install them\.$"):
        parser([extension], Path())


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, "root"), ({"base_path": "shared"}, "shared"), ({"base_path": ["none", "shared"]}, "shared")],
    ids=["none", "one", "list"],
)
def test_includes_are_found_below_the_root(tmp_path: Path, options: dict[str, Any], expected: str) -> None:
    """In the folder, or folders, that the site names, or else in the root itself."""
    (tmp_path / "shared").mkdir()
    for path, text in (("one.md", "root"), ("shared/one.md", "shared")):
        (tmp_path / path).write_text(text, encoding="utf-8")

    assert f"<p>{expected}</p>" == parser([{"pymdownx.snippets": options}], tmp_path).convert('--8<-- "one.md"')


@pytest.mark.parametrize(
    ("extensions", "lines"),
    [(DEFAULT_EXTENSIONS, range(4, 9)), (["pymdownx.superfences"], range(4, 11))],
    ids=["includes", "no includes"],
)
def test_a_page_is_rendered(extensions: Any, lines: range) -> None:
    """Without colours, each line at its line in the file; after includes the parser adds two empty ones at the end."""
    rendered = render("docs/page.md", TEXT, 3, parser(extensions, Path()))

    html = '<h1>Süms</h1>\n<div data-block="1" class="highlight"><pre><code>let x = 1;\n</code></pre></div>'
    assert (html, (*TEXT.split("\n"), "", "")) == (rendered.html, rendered.expanded)
    assert tuple(lines) == rendered.lines


def test_an_include_that_is_missing_is_said_at_its_line(tmp_path: Path) -> None:
    """In the file, whose front matter stands above."""
    with pytest.raises(Refused) as refused:
        render("docs/page.md", 'One.\n\n--8<-- "none.md"\n', 4, parser(DEFAULT_EXTENSIONS, tmp_path))

    assert str(refused.value).startswith("docs/page.md:7: the site's parser stopped here: SnippetMissingError: ")
