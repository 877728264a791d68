"""One page's text through the site's parser: its HTML, its fences, its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup
from markdown import Markdown

from mdproof.fault import refuse
from mdproof.read.fences import Fence, include_line, instrument, keep_lines, trace_includes

DEFAULT_EXTENSIONS: tuple[str | Mapping[str, Any], ...] = (
    "admonition",
    "attr_list",
    "footnotes",
    "md_in_html",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
    {"pymdownx.tabbed": {"alternate_style": True}},
    {"pymdownx.snippets": {"check_paths": True}},
)
"""What a guide without ``mkdocs.yml`` is read with."""

OURS = "mdproof.show"
FRONT_MATTER = re.compile(r"\A-{3}[ \t]*\n(?P<yaml>.*?\n)(?:-{3}|\.{3})[ \t]*\n", re.DOTALL)
"""As MkDocs finds it."""
LANGUAGES = ("console", "css", "html", "http", "ini", "jinja", "json", "python", "sh", "sql", "toml", "xml", "yaml")
WITHOUT_COLOURS = [{"name": language, "lang": "text"} for language in LANGUAGES]
"""For ``pymdownx.highlight``: a reader needs no colours, and making those of the usual languages took half of the time."""
COLOURS = re.compile(r"</?(?:span|a)\b[^>]*>")
"""What highlighting adds to code: nobody looks at what is only read, and it is most of the HTML."""


@dataclass(frozen=True)
class Rendered:
    """A page as the site's parser understood it."""

    text: str
    """The Markdown below the front matter."""
    html: str
    fences: tuple[Fence, ...]
    lines: tuple[int, ...]
    """The page line of each line the fence parser saw."""
    expanded: tuple[str, ...]
    """Those lines, after includes."""

    @cached_property
    def tree(self) -> BeautifulSoup:
        """Give the HTML as a tree; it is shared, so nobody changes it."""
        return BeautifulSoup(self.html, "html.parser")

    def page_line(self, line: int) -> int:
        """Translate a line after includes (from 1) to a line of the page's file."""
        return self.lines[min(max(line, 1), len(self.lines)) - 1]


class _SiteLoader(yaml.SafeLoader):
    """Reads ``mkdocs.yml``, whose Python tags and environment variables mean nothing here."""


_SiteLoader.add_multi_constructor("", lambda *_: None)


def extensions_of(site: Path) -> Sequence[str | Mapping[str, Any]]:
    """Give the ``markdown_extensions`` of an ``mkdocs.yml``, without our own; a default list without the file."""
    if not site.is_file():
        return DEFAULT_EXTENSIONS
    try:
        document = yaml.load(site.read_text(encoding="utf-8"), _SiteLoader) or {}  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise refuse(site.name, 1, f"it is no YAML: {' '.join(str(error).split())}. Mend the file.") from error
    if not isinstance(document, dict):
        raise refuse(site.name, 1, "it is no mapping, such as `site_name: Guide`. Mend the file.")
    listed = document.get("markdown_extensions") or []
    if isinstance(listed, dict):
        listed = [{name: options} for name, options in listed.items()]
    if not isinstance(listed, list) or not all(isinstance(e, str | dict) and e for e in listed):
        raise refuse(site.name, 1, "its markdown_extensions are no list of names, or of names with options. Mend the list.")
    return ["tables", "toc", *[e for e in listed if not _name(e).startswith(OURS)]]


def _name(extension: str | Mapping[str, Any]) -> str:
    return extension if isinstance(extension, str) else next(iter(extension))


def parser(extensions: Sequence[str | Mapping[str, Any]], root: Path) -> Markdown:
    """Build a parser as MkDocs does from its list of extensions; includes are found below ``root``."""
    try:
        options = {_name(e): {} if isinstance(e, str) else dict(e[_name(e)] or {}) for e in extensions}
        options.setdefault("pymdownx.superfences", {})
        options["pymdownx.highlight"] = {**options.get("pymdownx.highlight", {}), "extend_pygments_lang": WITHOUT_COLOURS}
        if "pymdownx.snippets" in options:
            snippets = options["pymdownx.snippets"]
            given = snippets.get("base_path", ["."])
            given = [given] if isinstance(given, str) else given
            snippets |= {"base_path": [str(root / p) for p in given], "check_paths": True}
        return Markdown(extensions=list(options), extension_configs=options)
    except Exception as error:
        raise refuse("mkdocs.yml", 1, f"its markdown_extensions cannot be loaded: {error}. Mend the list, or install them.") from error


def split_front_matter(text: str) -> tuple[str, str, int]:
    """Split a page as MkDocs does: YAML, the Markdown below it, how many lines stand before that."""
    found = FRONT_MATTER.match(text)
    body = text[found.end() if found else 0 :].lstrip("\n")
    return found["yaml"] if found else "", body, text.count("\n") - body.count("\n")


def render(path: str, text: str, above: int, md: Markdown) -> Rendered:
    """Render a page's Markdown; ``above`` is the number of lines of its file before it.

    Raises ``Refused`` where the parser itself stumbles: a missing include, nested footnotes.
    """
    fences = instrument(md, lambda _, html: COLOURS.sub("", html))
    origin = trace_includes(md)
    seen = keep_lines(md)
    try:
        html = md.convert(text)
    except Exception as error:
        line = include_line(md) + above
        raise refuse(path, line, f"the site's parser stopped here: {type(error).__name__}: {error}. Mend the text.") from error
    lines = tuple(n + above for n in (origin or range(1, len(seen) + 1)))
    return Rendered(text, html, tuple(fences), lines, tuple(seen))
