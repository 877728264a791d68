"""What cannot be assembled: paths given twice, lines that do not last, folders in each other's place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from mdproof.assemble.lines import Lines, head, lines_of, span
from mdproof.fault import Fault, Place
from mdproof.model import Block, Page, Role

EDITS = frozenset({Role.APPEND, Role.REPLACE})


def given_twice(page: Page) -> Iterator[Fault]:
    """Refuse a path that two blocks of a page give whole."""
    first: dict[str, Block] = {}
    for block in page.files():
        if block.role in EDITS:
            continue
        if block.path in first:
            line = first[block.path].place.line
            yield Fault(
                block.place,
                f"{block.path} is given twice on this page (first at line {line}). Mark this block .append or .replace, or drop one.",
            )
        first.setdefault(block.path, block)


def file_and_folder(page: Page, files: Mapping[str, Lines]) -> Iterator[Fault]:
    """Refuse a path that is a file and a folder at once."""
    for path in sorted(files):
        folder = next((p for p in files if path.startswith(f"{p}/")), None)
        if folder:
            own = [block.place for block in page.files() if block.path in {path, folder}]
            place = max(own, default=Place(page.path, 1))
            yield Fault(place, f"{folder} is a file, so {path} cannot lie in it. Rename one of them.")


def overwritten(page: Page, files: Mapping[str, Lines]) -> Iterator[Fault]:
    """Refuse what a page shows and then gives again: the first form is in no project, so nothing runs it."""
    lasting = {line.origin for lines in files.values() for line in lines}
    for block in page.files():
        if lost := next((place for place in _told(block) if place not in lasting), None):
            yield Fault(
                lost, f"a block further down gives this part of {block.path} again, so nothing runs what is shown here. Show it once."
            )


def _told(block: Block) -> Iterator[Place | None]:
    """Give the first line of each statement below a block's docstring and imports; of a text, its lines."""
    if block.path.endswith(".py"):
        tree = ast.parse(block.source)
        yield from (block.place_of(span(node)[0]) for node in tree.body[head(tree) :])
    else:
        yield from (line.origin for line in lines_of(block))


def inside_another(pages: Mapping[str, Page]) -> Iterator[Fault]:
    """Refuse a page named as a folder of pages: one project would lie in the other."""
    for name, page in pages.items():
        below = next((other for key, other in pages.items() if key.startswith(f"{name}/")), None)
        if below:
            yield Fault(
                Place(page.path, 1), f"its project would hold that of {below.path}. Move this page to {name}/index.md, or rename it."
            )
