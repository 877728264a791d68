"""The scores of all pages as a table, put where a page asks for it by the line ``[MUTATIONS]``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from mdproof.proof.record import Record

MARK = "[MUTATIONS]"
HEADS = ("Page", "Changes", "Noticed", "Justified", "Score")


def put_table(root: Element, page: Record, pages: Iterable[Record]) -> None:
    """Replace every paragraph that is the mark with the table; its links are to files, as an author writes them."""
    for element in [e for e in root.iter("p") if (e.text or "").strip() == MARK and not len(e)]:
        element.tag, element.text = "table", None
        head = SubElement(SubElement(element, "thead"), "tr")
        for name in HEADS:
            SubElement(head, "th").text = name
        body = SubElement(element, "tbody")
        for other in pages:
            if other.get("mutation") or other["project"]:
                _row(SubElement(body, "tr"), page, other)


def _row(row: Element, page: Record, other: Record) -> None:
    link = SubElement(SubElement(row, "td"), "a", {"href": posixpath.relpath(other["page"], posixpath.dirname(page["page"]))})
    link.text = other.get("title") or other["page"]
    for said in _figures(other.get("mutation")):
        SubElement(row, "td").text = said


def _figures(score: dict[str, Any] | None) -> list[str]:
    """Give a score's cells; the page's own state decides whether they still hold."""
    if score is None:
        return ["", "", "", "not measured"]
    stale = ", of an earlier state of the page" if score["stale"] else ""
    return [*(str(score[key]) for key in ("mutants", "killed", "justified")), f"{score['percent']} %{stale}"]
