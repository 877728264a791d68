"""Rules and counterexamples: the boxes of a page, from the finished HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bs4 import BeautifulSoup, Tag

from mdproof.fault import Fault, Place
from mdproof.model import Block, Counterexample, Role, Rule

LEVELS = ("must", "should", "may")
OPENING = re.compile(r"^[\s>]*(?:!!!|\?\?\?\+?)\s*(?:\"|[\w -]*\b(?P<kind>must|should|may|failure)\b)")
RULE_TITLE = re.compile(r"(?P<id>[A-Z]{2,}-\d+)\s+(?P<title>\S.*)")
EXCEPTION = re.compile(r"(Except\b|Without exception\b)")


@dataclass(frozen=True)
class Box:
    """An admonition of a kind that means something to us."""

    kind: str
    title: str
    place: Place
    paragraphs: tuple[Tag, ...]
    numbers: tuple[int, ...]
    """The blocks in it."""

    def codes(self, beginning: str) -> tuple[str, ...]:
        """Give the code spans of the paragraphs that begin with a word."""
        found = [p for p in self.paragraphs if p.get_text().lstrip().startswith(beginning)]
        return tuple(code.get_text() for p in found for code in p.find_all("code"))


def boxes_of(path: str, tree: BeautifulSoup, lines: Sequence[tuple[int, str]]) -> Iterator[Box | Fault]:
    """Find the boxes of a page.

    ``lines`` are the page lines outside fences with their text; boxes are matched to them in
    order.
    """
    opened = [(n, m["kind"]) for n, text in lines if (m := OPENING.match(text)) and m["kind"]]
    tags = [t for t in tree.find_all(["div", "details"]) if _kind(t)]
    lost = _first_lost([kind for _, kind in opened], [_kind(t) for t in tags])
    if lost is not None:
        line = opened[lost][0] if lost < len(opened) else 1
        yield Fault(
            Place(path, line), "a must, should, may or failure box does not reach the site as one. Mend its indentation, or show it."
        )
        return
    for (line, kind), tag in zip(opened, tags, strict=True):
        head = tag.find(["p", "summary"])
        blocks = tuple(int(str(t["data-block"])) for t in tag.find_all(None, {"data-block": True}))
        yield Box(kind, head.get_text() if head else "", Place(path, line), tuple(tag.find_all("p")), blocks)


def _first_lost(opened: list[str], shown: list[str]) -> int | None:
    """Give the number of the first box that the text has and the site has not, or the other way round."""
    return next((n for n, (text, site) in enumerate(zip_longest(opened, shown)) if text != site), None)


def _kind(tag: Tag) -> str:
    classes = list(tag.get("class") or [])
    if tag.name == "div" and "admonition" not in classes:
        return ""
    return next((c for c in classes if c in (*LEVELS, "failure")), "")


def section_of(line: int, lines: Sequence[tuple[int, str]]) -> tuple[int, int]:
    """Give the first and last page line of the section around a line.

    It runs from the nearest heading above to the next heading of that level or a higher one.
    """
    headings = [(n, len(m[1])) for n, text in lines if (m := re.match(r"(#{1,6})\s", text))]
    start, level = next(((n, depth) for n, depth in reversed(headings) if n < line), (1, 1))
    end = next((n - 1 for n, depth in headings if n > start and depth <= level), 10**9)
    return start, end


def rule_of(box: Box, section: tuple[int, int]) -> Rule | Fault:
    """Turn a must, should or may box into a rule, or say what it lacks."""
    named = RULE_TITLE.fullmatch(box.title)
    if not named:
        return Fault(box.place, f"the rule {box.title!r} has no id. Begin its title with one such as PF-031.")
    if not any(EXCEPTION.match(p.get_text().lstrip()) for p in box.paragraphs):
        return Fault(
            box.place,
            f"{named['id']} does not say when it does not hold. Add a paragraph that begins with 'Except' or 'Without exception.'.",
        )
    tests = tuple(c for c in box.codes("Proven by") if "::" in c)
    if not tests:
        return Fault(box.place, f"{named['id']} names no test. Add a paragraph 'Proven by `tests/test_x.py::test_y`.'.")
    return Rule(named["id"], named["title"], box.kind.upper(), box.place, section, tests)


def counterexample_of(box: Box, number: int, blocks: Sequence[Block]) -> Counterexample | Fault:
    """Turn a failure box into a counterexample, or say what it lacks."""
    inside = tuple(b for b in blocks if b.number in box.numbers)
    if odd := [b for b in inside if b.role in {Role.APPEND, Role.REPLACE, Role.LAYOUT, Role.DEPENDENCIES, Role.SERVER, Role.WORKER}]:
        return Fault(
            odd[0].place, f"a block of role {odd[0].role} has no meaning in a Don't. Use an untitled Python block, or a whole file."
        )
    if not any(b.role in {Role.DEMONSTRATION, Role.FILE, Role.TEST} for b in inside):
        return Fault(box.place, "this Don't shows no code. Add the Python block that goes wrong.")
    codes = box.codes("Fails")
    tests = tuple(c for c in codes if "::" in c)
    if not tests:
        return Fault(box.place, "this Don't names no test that catches it. Add a paragraph 'Fails `tests/test_x.py::test_y`: …'.")
    return Counterexample(number, box.title, box.place, inside, tests, tuple(c for c in codes if "::" not in c))
