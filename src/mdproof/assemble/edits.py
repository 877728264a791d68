"""How blocks change a file that is there: they add to it, or replace what it defines."""

from __future__ import annotations

import ast

from mdproof.assemble import imports
from mdproof.assemble.lines import Line, Lines, decorators, defined_name, definitions, head, is_import, lines_of, span, text_of
from mdproof.fault import refuse
from mdproof.model import Block


def append(base: Lines, block: Block) -> Lines:
    """Add a block to the end of a file; imports at its head join the file's imports."""
    if not block.path.endswith(".py"):
        return base + lines_of(block)
    joined, rest = _join_imports(base, block)
    gap = (Line("", rest[0].origin),) * 2 if rest and joined else ()
    return joined + gap + rest


def replace(base: Lines, block: Block) -> Lines:
    """Put a block's top-level definitions in the place of those of the same name.

    Raises ``Refused`` if the block holds anything else, or a name the file does not define.
    """
    if not block.path.endswith(".py"):
        raise refuse(block.place.path, block.place.line, ".replace is for Python files only. Give the whole file.")
    tree = ast.parse(block.source)
    own = lines_of(block)
    joined, _ = _join_imports(base, block)
    for node in tree.body[head(tree) :]:
        joined = _replace_one(joined, node, block, own)
    return joined


def _replace_one(base: Lines, node: ast.stmt, block: Block, own: Lines) -> Lines:
    name = defined_name(node)
    place = block.place_of(node.lineno)
    if not name:
        raise refuse(
            place.path, place.line, "only imports and top-level definitions can replace. Move this line into one, or give the whole file."
        )
    old = definitions(text_of(base)).get(name)
    if old is None:
        raise refuse(place.path, place.line, f"{block.path} defines no {name!r} that could be replaced. Mind the spelling, or use .append.")
    if decorators(old) and not decorators(node):
        raise refuse(place.path, place.line, f"{name!r} has decorators in the file and none here, so it would lose its route. Repeat them.")
    (start, end), (first, last) = span(old), span(node)
    return base[: start - 1] + own[first - 1 : last] + base[end:]


def _join_imports(base: Lines, block: Block) -> tuple[Lines, Lines]:
    """Give the base with the block's imports joined, and what is left of the block."""
    tree = ast.parse(block.source)
    own = lines_of(block)
    first = head(tree)
    for node in tree.body[:first]:
        if is_import(node):
            base = imports.join(base, node, own[node.lineno - 1 : node.end_lineno])
    start = span(tree.body[first])[0] - 1 if first < len(tree.body) else len(own)
    while start > 0 and own[start - 1].text.startswith("#"):
        start -= 1
    return base, own[start:]
