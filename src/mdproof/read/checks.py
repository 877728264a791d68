"""What the site swallows or hides: text that looks like a fence and is none, code that no reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bs4 import Tag

from mdproof.fault import Fault, Place
from mdproof.read.fences import Fence
from mdproof.read.markdown import Rendered

FENCE = re.compile(r"^[\s>]*(?P<mark>`{3,}(?=[^`]*$)|~{3,})(?P<head>.*)$")
HEAD = re.compile(r"\s*\.?[\w#.+-]*(\s+title=(\"[^\"]*\"|'[^']*')|\s+(hl_lines|linenums)=[\"'][\d\s-]+[\"'])*\s*|\s*[\w#.+-]*\s*\{.*\}\s*")
"""What may stand after the mark of a fence."""
BLOCK_INCLUDE = re.compile(r"^\s*-+8<-+\s*$")
UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")


@dataclass(frozen=True)
class Parts:
    """A page's text and HTML, and what lies outside its fences."""

    path: str
    rendered: Rendered

    @cached_property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """Give the page line and the text of each line after includes."""
        return tuple((self.rendered.page_line(n), text) for n, text in enumerate(self.rendered.expanded, 1))

    @cached_property
    def outside(self) -> tuple[tuple[int, str], ...]:
        """Give those of them that are outside fences."""
        covered = {n for fence in self.rendered.fences for n in range(fence.start, fence.end + 1)}
        return tuple(pair for n, pair in enumerate(self.lines, 1) if n not in covered)


def block_includes(path: str, body: str, above: int) -> Iterator[Fault]:
    """Refuse includes of several lines, also in a fence: their lines could not be traced."""
    for number, text in enumerate(body.split("\n"), above + 1):
        if BLOCK_INCLUDE.match(text):
            yield Fault(Place(path, number), 'an include over several lines cannot be traced to its page. Write one --8<-- "file" a line.')
            return


def swallowed(parts: Parts) -> list[Fault]:
    """Refuse the first line that still looks like a fence, or fence that holds the next one: what follows is lost."""
    lost = (Fault(Place(parts.path, line), _lost(match, parts, line)) for line, text in parts.outside if (match := FENCE.match(text)))
    return sorted([*lost, *(f for fence in parts.rendered.fences for f in _swallows(fence, parts))])[:1]


def _swallows(fence: Fence, parts: Parts) -> Iterator[Fault]:
    """Say which fence, left open, has taken the next one for its text."""
    opening = FENCE.match(parts.lines[fence.start - 1][1])
    if not opening:
        return
    mark = opening["mark"]
    inside = parts.lines[fence.start : fence.end - 1]
    swallowed = next((line for line, text in inside if (found := FENCE.match(text)) and found["mark"].startswith(mark)), None)
    if swallowed:
        place = Place(parts.path, parts.rendered.page_line(fence.start))
        yield Fault(
            place,
            f"this fence is not closed before the next begins at line {swallowed}. Close it with {mark}, or open it with {mark}{mark[0]}.",
        )


def _lost(found: re.Match[str], parts: Parts, line: int) -> str:
    closed = any(text.strip(" >\t") == found["mark"] for number, text in parts.lines if number >= line)
    if closed and not HEAD.fullmatch(found["head"]):
        return (
            f"the site does not take this for a fence: {found['head'].strip()!r} holds an option it does not know, or an open quote. "
            "Put options other than title, hl_lines and linenums in braces, or drop them."
        )
    mark = found["mark"]
    return f"this fence is not closed, or not opened where it should be. Give it a line of {mark} of its own, at the same indentation."


def unshown(parts: Parts) -> Iterator[Fault]:
    """Refuse fences that do not reach a reader, and code on the page that is no fence."""
    tree = parts.rendered.tree
    shown = {int(str(t["data-block"])) for t in tree.find_all(None, {"data-block": True}) if not _hidden(t)}
    for fence in parts.rendered.fences:
        if fence.number not in shown:
            place = Place(parts.path, parts.rendered.page_line(fence.start))
            yield Fault(
                place,
                "this block does not reach the reader (a comment, a hidden element or an indented block holds it). Show it or delete it.",
            )
    for tag in tree.find_all("pre"):
        if not tag.find_parent(attrs={"data-block": True}) and not tag.has_attr("data-block"):
            yield Fault(_place_of(parts, tag.get_text()), "code that is no fenced block cannot be proven. Fence it, and give it a role.")


def _hidden(tag: Tag) -> bool:
    """Tell whether an element or one around it is not displayed."""
    around = [tag, *tag.parents]
    return any(t.name in {"template", "noscript"} or t.has_attr("hidden") or UNSEEN.search(str(t.get("style"))) for t in around)


def _place_of(parts: Parts, code: str) -> Place:
    first = next((t.strip() for t in code.splitlines() if t.strip()), "<pre")
    whole = (n for n, text in parts.lines if text.strip() == first)
    part = (n for n, text in parts.outside if first in text)
    return Place(parts.path, next(whole, next(part, 1)))
