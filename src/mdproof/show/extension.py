"""The Python-Markdown extension that shows a page's proof on the page.

List it last. It works wherever Python-Markdown does; it knows a page by the digest of its text
alone, so a page that was changed after it was proven is one it does not know, and says so.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from mdproof.model import Role
from mdproof.proof.record import Record
from mdproof.read.boxes import LEVELS, RULE_TITLE
from mdproof.read.fences import Fence, instrument
from mdproof.show import lines
from mdproof.show.files import changed_lines, first_text, generated
from mdproof.show.mutations import put_table
from mdproof.show.proofs import Proofs, load, path_of

SEES_RAW_LINES, SEES_BOXES = 10_000, 6
"""Priorities: before any preprocessor; after inline patterns, before MkDocs looks for anchors and resolves links."""
COMPARED = frozenset({Role.FILE, Role.TEST, Role.REPLACE, Role.COUNTEREXAMPLE})
"""Blocks that give lines of a file anew."""


class ProofExtension(Extension):
    """Marks every block with its number and shows what was proven of it."""

    def __init__(self, **options: Any) -> None:
        """Know where the proof is."""
        self.config = {
            "proof": ["build/proof.json", "the proof that `python -m mdproof prove` writes"],
            "root": [".", "the guide's folder, that the proof's paths are relative to"],
            "subject": ["", "the package whose version a page states besides Python's"],
        }
        self.page: Record | None = None
        self.proofs: Proofs | None = None
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Instrument a parser that has SuperFences."""
        instrument(md, self._decorate, self._prepare)
        md.preprocessors.register(_Recognise(self), "mdproof_recognise", SEES_RAW_LINES)
        md.treeprocessors.register(_Annotate(md, self), "mdproof_annotate", SEES_BOXES)

    def recognise(self, text: str) -> None:
        """Find the page with this text in the proof."""
        self.proofs = load(self.root / self.getConfig("proof"))
        self.page = self.proofs.of_text(text) if self.proofs else None

    @property
    def root(self) -> Path:
        """Give the guide's folder."""
        return Path(self.getConfig("root"))

    @property
    def proven(self) -> Record | None:
        """Give the page's record if the page is proven as it stands."""
        return self.page if self.page and self.page["proven"] else None

    def _block(self, number: int) -> Record | None:
        return next((b for b in self.proven["blocks"] if b["number"] == number), None) if self.proven else None

    def _decorate(self, fence: Fence, html: str) -> str:
        block = self._block(fence.number)
        return html + lines.block_line(block, self.proven["project"]) if block and self.proven else html

    def _prepare(self, fence: Fence, options: dict[str, Any]) -> None:
        if "append" in fence.classes and options.get("title"):
            options["title"] += " … (continued)"
        if not options.get("hl_lines") and (changed := self._changed(fence)):
            options["hl_lines"] = changed

    def _changed(self, fence: Fence) -> str:
        """Give the lines of a file that were not in it before: on the pages below, or, for a Don't, in the Do."""
        block, page = self._block(fence.number), self.proven
        if not (block and page and self.proofs and block["path"] and block["role"] in COMPARED):
            return ""
        below = [self.proofs.of_name(page, name) for name in page.get("builds_on", [])]
        compared = [page] if block["role"] == Role.COUNTEREXAMPLE else below
        before = first_text([self.root / p["project"] for p in compared if p and p["project"]], block["path"])
        return changed_lines(before, fence.source) if before else ""


class _Recognise(Preprocessor):
    """Sees a page's lines before anything changes them."""

    def __init__(self, extension: ProofExtension) -> None:
        super().__init__()
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        self.extension.recognise("\n".join(lines))
        return lines


class _Annotate(Treeprocessor):
    """Adds to a page's boxes, below its title and at its foot."""

    def __init__(self, md: Markdown, extension: ProofExtension) -> None:
        super().__init__(md)
        self.md: Markdown = md
        self.extension = extension

    def run(self, root: Element) -> None:
        page = self.extension.proven
        self._badges(root)
        if page is None:
            known = self.extension.page
            root.insert(_below_title(root), self._raw(lines.banner(known["faults"] if known else [])))
            return
        self._boxes(root, page)
        put_table(root, page, self.extension.proofs.pages if self.extension.proofs else ())
        if page["blocks"]:
            root.insert(_below_lede(root), self._summary(page))
        if page["project"] and (foot := lines.foot(generated(self.extension.root / page["project"]))):
            root.append(self._raw(foot))

    def _raw(self, html: str) -> Element:
        """Give an element that becomes this HTML, untouched by what runs after us."""
        element = Element("p")
        element.text = self.md.htmlStash.store(html)
        return element

    def _badges(self, root: Element) -> None:
        for box in _boxes(root, LEVELS):
            title = box[0]
            text = title.text or ""
            if named := RULE_TITLE.match(text):
                box.set("id", named["id"])
            badge = Element("span", {"class": "rule-level"})
            badge.text, badge.tail, title.text = _kind(box, LEVELS).upper(), f" {text}", None
            title.insert(0, badge)

    def _boxes(self, root: Element, page: Record) -> None:
        for box, rule in zip(_boxes(root, LEVELS), page["rules"], strict=False):
            box.append(self._raw(lines.rule_line(rule, page["tests"])))
            if seen := lines.seen_broken(page.get("mutation"), rule["id"]):
                box.append(self._raw(seen))
        for box, counterexample in zip(_boxes(root, ("failure",)), page["counterexamples"], strict=False):
            box.append(self._raw(lines.caught(counterexample)))

    def _summary(self, page: Record) -> Element:
        proofs = self.extension.proofs
        element = Element("p", {"class": "proof-page", "data-search-exclude": ""})
        said = lines.summary(page, proofs.versions if proofs else {}, self.extension.getConfig("subject"))
        parents: list[str] = page.get("builds_on", [])
        element.text = "Starts from " if parents else self.md.htmlStash.store(said)
        for number, name in enumerate(parents, 1):
            link = self._link(page, name)
            link.tail = ", " if number < len(parents) else f". {self.md.htmlStash.store(said)}"
            element.append(link)
        return element

    def _link(self, page: Record, name: str) -> Element:
        """Link a page by its file, as a page's author would: MkDocs makes the address of it."""
        parent = self.extension.proofs.of_name(page, name) if self.extension.proofs else None
        href = posixpath.relpath(path_of(page, name), posixpath.dirname(page["page"]))
        link = Element("a", {"href": href})
        title = (parent or {}).get("title") or name.rpartition("/")[2].replace("-", " ").capitalize()
        link.text = self.md.htmlStash.store(lines.escape(title))
        return link


def _kind(box: Element, kinds: tuple[str, ...]) -> str:
    classes = (box.get("class") or "").split()
    if box.tag == "details" or (box.tag == "div" and "admonition" in classes):
        return next((c for c in classes if c in kinds), "")
    return ""


def _boxes(root: Element, kinds: tuple[str, ...]) -> list[Element]:
    return [e for e in root.iter() if _kind(e, kinds) and len(e)]


def _below_title(root: Element) -> int:
    return next((n for n, e in enumerate(root, 1) if e.tag == "h1"), 0)


def _below_lede(root: Element) -> int:
    """Give the place below the title and, if there is one, the sentence after it."""
    title = _below_title(root)
    lede = root[title] if title and len(root) > title else None
    return title + (lede is not None and lede.tag == "p" and not (lede.text or "").startswith("\x02"))


def makeExtension(**options: Any) -> ProofExtension:  # noqa: N802 - Python-Markdown's name
    """Make the extension, as Python-Markdown asks for it."""
    return ProofExtension(**options)
