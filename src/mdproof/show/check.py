"""What keeps a page from being published: pure functions of its text, its proof and its HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from mdproof.proof.record import Record, digest


def text_faults(path: str, text: str, record: Record | None) -> list[str]:
    """Say why a page with this text is not proven as it stands; nothing if it is."""
    remedy = f"Run `python -m mdproof prove {path}`."
    if record is None:
        return [f"{path}:1: this page is not in the proof. {remedy}"]
    if record["text"] != digest(text):
        return [f"{path}:1: this page was changed after it was proven. {remedy}"]
    if not record["proven"]:
        return list(record["faults"]) or [f"{path}:1: this page is not proven. {remedy}"]
    return []


def code_faults(path: str, source: str, record: Record | None, html: str) -> list[str]:
    """Say where the code blocks of finished HTML and those of the proof differ; ``source`` is the page's file."""
    soup = BeautifulSoup(html, "html.parser")
    known = {str(b["number"]): str(b["place"]) for b in (record or {}).get("blocks", [])}
    shown = Counter(str(t["data-block"]) for t in soup.select("[data-block]"))
    return [*_missing(known, shown), *_unknown(path, source, known, soup), *_repeated(known, shown), *_unmarked(path, source, soup)]


def _missing(known: dict[str, str], shown: Counter[str]) -> Iterator[str]:
    for number, place in known.items():
        if number not in shown:
            yield f"{place}: this block was proven and is not on the finished page. Mend the plugin, hook or template that drops it."


def _repeated(known: dict[str, str], shown: Counter[str]) -> Iterator[str]:
    for number, place in known.items():
        if shown[number] > 1:
            yield f"{place}: the finished page has this block {shown[number]} times. Show each block once."


def _unknown(path: str, source: str, known: dict[str, str], soup: BeautifulSoup) -> Iterator[str]:
    for tag in soup.select("[data-block]"):
        if str(tag["data-block"]) not in known:
            yield f"{path}:{_line_of(source, tag)}: the proof knows no such block. Run `python -m mdproof prove {path}`."


def _unmarked(path: str, source: str, soup: BeautifulSoup) -> Iterator[str]:
    for tag in soup.find_all("pre"):
        if not any(t.has_attr("data-block") for t in (tag, *tag.parents)) and not tag.has_attr("data-proof"):
            yield f"{path}:{_line_of(source, tag)}: this code on the finished page is no proven block. Fence it, or drop what adds it."


def _line_of(source: str, tag: Tag) -> int:
    """Give the line of the page's file that holds the first line of some code; the first if none does."""
    first = (tag.find("pre") or tag).get_text().strip().partition("\n")[0].rstrip()
    return next((n for n, text in enumerate(source.splitlines(), 1) if first in text), 1)
