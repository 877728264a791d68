"""From the text of a page to its blocks, rules and counterexamples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import yaml
from bs4 import BeautifulSoup, Comment
from markdown import Markdown

from mdproof.fault import Fault, Place, refuse, refuse_any
from mdproof.model import Block, Counterexample, Page, Role, Rule
from mdproof.read.boxes import boxes_of, counterexample_of, rule_of, section_of
from mdproof.read.fences import Fence
from mdproof.read.markdown import Rendered, render, split_front_matter
from mdproof.read.roles import block_of

FENCE = re.compile(r"^[\s>]*(?P<mark>`{3,}|~{3,})(?P<head>.*)$")
BLOCK_INCLUDE = re.compile(r"^\s*;*(-{2,}8<-{2,}|-8<-)\s*$")


@dataclass(frozen=True)
class _Parts:
    path: str
    rendered: Rendered
    outside: tuple[tuple[int, str], ...]
    """Page lines outside fences, with their text."""


def read_page(path: str, name: str, data: bytes, md: Markdown) -> Page:
    """Read one page; ``path`` is what messages show, ``name`` what ``builds_on`` says.

    Raises ``Refused`` with everything that is wrong with the page.
    """
    text = _decode(path, data)
    front, body, above = split_front_matter(text)
    rendered = render(path, body, above, md)
    parts = _Parts(path, rendered, tuple(_outside(rendered)))
    refuse_any(_lost_fences(parts))
    made = [_block(path, rendered, fence) for fence in rendered.fences]
    refuse_any([*(b for b in made if isinstance(b, Fault)), *_unrendered(parts)])
    blocks = tuple(b for b in made if isinstance(b, Block))
    return _page(parts, name, _builds_on(path, front), blocks)


def _page(parts: _Parts, name: str, builds_on: tuple[str, ...], blocks: tuple[Block, ...]) -> Page:
    made = list(_boxes(parts, blocks))
    refuse_any(b for b in made if isinstance(b, Fault))
    rules = [b for b in made if isinstance(b, Rule)]
    counterexamples = [b for b in made if isinstance(b, Counterexample)]
    inside = {b.number for box in counterexamples for b in box.blocks}
    shown = tuple(_in_box(b) if b.number in inside else b for b in blocks)
    boxes = tuple(replace(box, blocks=tuple(map(_in_box, box.blocks))) for box in counterexamples)
    return Page(parts.path, name, _title(parts, name), builds_on, parts.rendered.text, shown, tuple(rules), boxes)


def _boxes(parts: _Parts, blocks: tuple[Block, ...]) -> Iterator[Rule | Counterexample | Fault]:
    count = 0
    for box in boxes_of(parts.path, parts.rendered.html, parts.outside):
        if isinstance(box, Fault):
            yield box
        elif box.kind == "failure":
            count += 1
            yield counterexample_of(box, count, blocks)
        else:
            yield rule_of(box, section_of(box.place.line, parts.outside))


def _decode(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refuse(path, line, "the page is not UTF-8. Save it as UTF-8.") from error


def _builds_on(path: str, front: str) -> tuple[str, ...]:
    try:
        document = yaml.safe_load(front) or {}
    except yaml.YAMLError as error:
        raise refuse(path, 1, f"the front matter is no YAML: {' '.join(str(error).split())}. Mend it.") from error
    given = document.get("builds_on", []) if isinstance(document, dict) else None
    if not isinstance(given, list) or not all(isinstance(n, str) for n in given):
        raise refuse(path, 1, "builds_on is no list of page names. Write builds_on: [part/page].")
    return tuple(given)


def _outside(rendered: Rendered) -> Iterator[tuple[int, str]]:
    covered = {n for fence in rendered.fences for n in range(fence.start, fence.end + 1)}
    for number, text in enumerate(rendered.expanded, 1):
        if number not in covered:
            yield rendered.page_line(number), text


def _lost_fences(parts: _Parts) -> list[Fault]:
    """Refuse the first line that still looks like a fence: what follows it was swallowed."""
    for line, text in parts.outside:
        place = Place(parts.path, line)
        if BLOCK_INCLUDE.match(text):
            return [Fault(place, 'an include over several lines cannot be traced to its page. Write one --8<-- "file" a line.')]
        if found := FENCE.match(text):
            return [Fault(place, _lost(found, parts, line))]
    return []


def _lost(found: re.Match[str], parts: _Parts, line: int) -> str:
    after = [text for number, text in enumerate(parts.rendered.expanded, 1) if parts.rendered.page_line(number) > line]
    closed = any(t.strip(" >\t").rstrip() == found["mark"] for t in after)
    if closed and found["head"].strip():
        return (
            f"the site does not take this for a fence: {found['head'].strip()!r} holds an option it does not know. "
            "Put options other than title, hl_lines and linenums in braces, or drop them."
        )
    return f"this fence is not closed, or not opened where it should be. Give it a line of {found['mark']} of its own, at the same indentation."


def _block(path: str, rendered: Rendered, fence: Fence) -> Block | Fault:
    size = fence.end - fence.start
    lines = tuple(rendered.page_line(fence.start + i) for i in range(size))
    return block_of(fence, path, lines, rendered.page_line(fence.end))


def _unrendered(parts: _Parts) -> Iterator[Fault]:
    """Refuse fences that do not reach the page, and code on the page that is no fence."""
    soup = BeautifulSoup(parts.rendered.html, "html.parser")
    for comment in soup.find_all(string=lambda s: isinstance(s, Comment)):
        comment.extract()
    shown = {int(str(t["data-block"])) for t in soup.select("[data-block]")}
    for fence in parts.rendered.fences:
        if fence.number not in shown:
            place = Place(parts.path, parts.rendered.page_line(fence.start))
            yield Fault(place, "this block does not reach the site (a comment, or an indented block, hides it). Show it or delete it.")
    for tag in soup.find_all("pre"):
        if not tag.find_parent(attrs={"data-block": True}) and not tag.has_attr("data-block"):
            yield Fault(_place_of(parts, tag.get_text()), "code that is no fenced block cannot be proven. Fence it, and give it a role.")


def _place_of(parts: _Parts, code: str) -> Place:
    first = next((t.strip() for t in code.splitlines() if t.strip()), "")
    line = next((n for n, text in parts.outside if first and first in text), 1)
    return Place(parts.path, line)


def _title(parts: _Parts, name: str) -> str:
    return next((t[2:].strip() for _, t in parts.outside if t.startswith("# ")), name)


def _in_box(block: Block) -> Block:
    """Give what a box shows as code the role of a counterexample; its consoles stay consoles."""
    code = block.role in {Role.DEMONSTRATION, Role.FILE, Role.TEST}
    return replace(block, role=Role.COUNTEREXAMPLE) if code else block
