"""Links of a page to what proves something: a test, a rule or a Don't of some page."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from bs4 import BeautifulSoup

from mdproof.fault import Place
from mdproof.model import Reference

NAME = re.compile(r"tests/\S+::\S+|[A-Z]{2,}-\d+|Don['\u2019]t .+")
"""What a link's text is if it names a proof: a test's id, a rule's id, a Don't's title."""


def references_of(path: str, name: str, tree: BeautifulSoup, lines: Sequence[tuple[int, str]]) -> Iterator[Reference]:
    """Give the links whose text names a proof, and which lead to a page's file; ``lines`` are the page's lines with their numbers."""
    for link in tree.find_all("a", href=True):
        text, target = " ".join(link.get_text().split()), str(link["href"]).partition("#")[0]
        if NAME.fullmatch(text) and (target.endswith(".md") or not target) and "://" not in target:
            below = posixpath.normpath(posixpath.join(posixpath.dirname(name), target)).removesuffix(".md") if target else name
            yield Reference(Place(path, _line(str(link["href"]), text, lines)), below, text)


def _line(href: str, text: str, lines: Sequence[tuple[int, str]]) -> int:
    near = [n for n, line in lines if text in line]
    return next((n for n, line in lines if text in line and href in line), near[0] if near else 1)
