"""From the text of a page to its blocks, rules and counterexamples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

import yaml
from markdown import Markdown

from mdproof.fault import Fault, refuse, refuse_any
from mdproof.model import Block, Counterexample, Page, Role, Rule
from mdproof.read.boxes import boxes_of, counterexample_of, rule_of, section_of
from mdproof.read.checks import Parts, block_includes, swallowed, unshown
from mdproof.read.fences import Fence
from mdproof.read.links import references_of
from mdproof.read.markdown import Rendered, render, split_front_matter
from mdproof.read.roles import block_of

METADATA = re.compile(r" {0,3}[A-Za-z0-9_-]+:")
"""As MkDocs finds it where there is no front matter."""
ALIKE = 0.75
"""From what likeness on a name is taken for a misspelt one (``difflib``): no name that MkDocs or its themes read comes near."""


def read_page(path: str, name: str, data: bytes, md: Markdown) -> Page:
    """Read one page; ``path`` is what messages show, ``name`` what ``builds_on`` says.

    Raises ``Refused`` with everything that is wrong with the page.
    """
    text = _decode(path, data)
    front, body, above = split_front_matter(text)
    refuse_any(block_includes(path, body, above))
    rendered = render(path, body, above, md)
    parts = Parts(path, rendered)
    refuse_any(swallowed(parts))
    made = [_block(path, rendered, fence) for fence in rendered.fences]
    refuse_any([*(b for b in made if isinstance(b, Fault)), *unshown(parts)])
    blocks = tuple(b for b in made if isinstance(b, Block))
    return _page(parts, name, _builds_on(path, front, body), blocks)


def _page(parts: Parts, name: str, builds_on: tuple[str, ...], blocks: tuple[Block, ...]) -> Page:
    made = list(_boxes(parts, blocks))
    refuse_any(b for b in made if isinstance(b, Fault))
    rules = [b for b in made if isinstance(b, Rule)]
    counterexamples = [b for b in made if isinstance(b, Counterexample)]
    inside = {b.number for box in counterexamples for b in box.blocks}
    shown = tuple(_in_box(b) if b.number in inside else b for b in blocks)
    boxes = tuple(replace(box, blocks=tuple(map(_in_box, box.blocks))) for box in counterexamples)
    references = tuple(references_of(parts.path, name, parts.rendered.tree, parts.outside))
    return Page(parts.path, name, _title(parts, name), builds_on, parts.rendered.text, shown, tuple(rules), boxes, references)


def _boxes(parts: Parts, blocks: tuple[Block, ...]) -> Iterator[Rule | Counterexample | Fault]:
    count = 0
    for box in boxes_of(parts.path, parts.rendered.tree, parts.outside):
        if isinstance(box, Fault):
            yield box
        elif box.kind == "failure":
            count += 1
            yield counterexample_of(box, count, blocks)
        else:
            yield rule_of(box, section_of(box.place.line, parts.outside))


def _decode(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refuse(path, line, "the page is not UTF-8. Save it as UTF-8.") from error


def _builds_on(path: str, front: str, body: str) -> tuple[str, ...]:
    if not front and METADATA.match(body):
        raise refuse(path, 1, "the site takes this line for metadata and does not show it. Begin the page with its heading.")
    try:
        document = yaml.safe_load(front) if front else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or " ".join(str(error).split())
        raise refuse(path, mark.line + 2 if mark else 1, f"the front matter is no YAML: {said}. Mend it.") from error
    if not isinstance(document, dict):
        raise refuse(path, 1, "the front matter is no table of names and values. Write builds_on: [part/page].")
    for name in document.keys() - {"builds_on"}:
        if get_close_matches(str(name).lower(), ["builds_on"], cutoff=ALIKE):
            line = 2 + next((n for n, text in enumerate(front.splitlines()) if str(name) in text), -1)
            raise refuse(path, line, f"nothing reads {name}. Write builds_on: [part/page], if that is meant.")
    given = document.get("builds_on", [])
    if not isinstance(given, list) or not all(isinstance(n, str) for n in given):
        raise refuse(path, 1, "builds_on is no list of page names. Write builds_on: [part/page].")
    return tuple(given)


def _block(path: str, rendered: Rendered, fence: Fence) -> Block | Fault:
    size = fence.end - fence.start
    lines = tuple(rendered.page_line(fence.start + i) for i in range(size))
    return block_of(fence, path, lines, rendered.page_line(fence.end))


def _title(parts: Parts, name: str) -> str:
    return next((t[2:].strip() for _, t in parts.outside if t.startswith("# ")), name)


def _in_box(block: Block) -> Block:
    """Give what a box shows as code the role of a counterexample; its consoles stay consoles."""
    code = block.role in {Role.DEMONSTRATION, Role.FILE, Role.TEST}
    return replace(block, role=Role.COUNTEREXAMPLE) if code else block
