"""Lines that know where they come from, and how blocks change them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mdproof.fault import Fault, Place, refuse
from mdproof.model import Block


@dataclass(frozen=True)
class Line:
    """A line of an assembled file and the page line it was written on."""

    text: str
    origin: Place | None
    """``None`` for generated lines."""


Lines = tuple[Line, ...]


def lines_of(block: Block) -> Lines:
    """Give a block's own lines."""
    texts = block.source.removesuffix("\n").split("\n") if block.source else []
    return tuple(Line(text, block.place_of(number)) for number, text in enumerate(texts, 1))


def text_of(lines: Sequence[Line]) -> str:
    """Give the text of a file, which ends in a newline unless it is empty."""
    return "".join(f"{line.text}\n" for line in lines)


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


def definitions(text: str) -> dict[str, ast.stmt]:
    """Give the top-level definitions of a Python text by name: functions, classes, assignments."""
    return {name: node for node in ast.parse(text).body if (name := defined_name(node))}


def defined_name(node: ast.stmt) -> str:
    """Give the name a top-level statement defines, or nothing."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def span(node: ast.stmt) -> tuple[int, int]:
    """Give the first and last line of a definition, decorators included."""
    return min([node.lineno, *(d.lineno for d in _decorators(node))]), node.end_lineno or node.lineno


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return getattr(node, "decorator_list", [])


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
    if fault := _lost_decorators(old, node, name, place):
        raise refuse(fault.place.path, fault.place.line, fault.message)
    (start, end), (first, last) = span(old), span(node)
    return base[: start - 1] + own[first - 1 : last] + base[end:]


def _lost_decorators(old: ast.stmt, new: ast.stmt, name: str, place: Place) -> Fault | None:
    if _decorators(old) and not _decorators(new):
        return Fault(place, f"{name!r} has decorators in the file and none here, so it would lose its route. Repeat them.")
    return None


def head(tree: ast.Module) -> int:
    """Count the statements at the head that are a docstring or imports."""
    return next((i for i, n in enumerate(tree.body) if not (_is_import(n) or (i == 0 and _is_docstring(n)))), len(tree.body))


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _join_imports(base: Lines, block: Block) -> tuple[Lines, Lines]:
    """Give the base with the block's imports joined, and what is left of the block."""
    tree = ast.parse(block.source)
    own = lines_of(block)
    first = head(tree)
    for node in tree.body[:first]:
        if _is_import(node):
            base = _join_import(base, node, own[node.lineno - 1 : node.end_lineno])
    start = span(tree.body[first])[0] - 1 if first < len(tree.body) else len(own)
    while start > 0 and own[start - 1].text.startswith("#"):
        start -= 1
    return base, own[start:]


def _join_import(base: Lines, node: ast.stmt, lines: Lines) -> Lines:
    """Join one import: not twice, names of one module in one statement, modules in order."""
    tree = ast.parse(text_of(base))
    present = [n for n in tree.body[: head(tree)] if _is_import(n)]
    if any(ast.dump(n) == ast.dump(node) for n in present):
        return base
    for old in present:
        if isinstance(old, ast.ImportFrom) and isinstance(node, ast.ImportFrom) and _module(old) == _module(node):
            merged = tuple(_merged(old, node, lines[0].origin))
            return base[: old.lineno - 1] + merged + base[old.end_lineno :]
    group = [n for n in present if _rank(n)[0] == _rank(node)[0]]
    before = [n for n in present if _rank(n) <= _rank(node)]
    if group:
        same = [n for n in group if n in before]
        at = same[-1].end_lineno if same else group[0].lineno - 1
        return base[:at] + lines + base[at:]
    return _join_group(base, tree, present, before, lines)


def _join_group(base: Lines, tree: ast.Module, present: list[ast.stmt], before: list[ast.stmt], lines: Lines) -> Lines:
    """Join an import whose group (future, standard library, others, the project) is new."""
    blank = (Line("", lines[0].origin),)
    if before:
        at = before[-1].end_lineno
        return base[:at] + blank + lines + base[at:]
    if present:
        at = present[0].lineno - 1
        return base[:at] + lines + blank + base[at:]
    at = tree.body[0].end_lineno if tree.body and _is_docstring(tree.body[0]) else 0
    return base[:at] + (blank if at else ()) + lines + (() if at else blank) + base[at:]


def _merged(old: ast.ImportFrom, new: ast.ImportFrom, origin: Place | None) -> Iterator[Line]:
    """Write one ``from`` import with the names of both, as ruff's isort would."""
    names = {(a.name, a.asname or "") for a in (*old.names, *new.names)}
    shown = [f"{n} as {other}" if other else n for n, other in sorted(names, key=lambda p: (_name_rank(p[0]), p[1]))]
    level, module = _module(old)
    start = f"from {'.' * level}{module} import "
    if len(start + ", ".join(shown)) <= WIDTH:
        yield Line(start + ", ".join(shown), origin)
        return
    yield Line(f"{start}(", origin)
    for name in shown:
        yield Line(f"    {name},", origin)
    yield Line(")", origin)


WIDTH = 79
"""Columns of guide code: what fits a code block of the site."""


def _name_rank(name: str) -> tuple[bool, bool, str, str]:
    """Sort constants, then classes, then the rest, whatever the case of their letters, as isort does."""
    return not (name.isupper() and len(name) > 1), not name[:1].isupper(), name.lower(), name


def _module(node: ast.stmt) -> tuple[int, str]:
    """Give how many dots an import's module begins with, and the rest of its name."""
    if isinstance(node, ast.ImportFrom):
        return node.level, node.module or ""
    return 0, node.names[0].name  # type: ignore[attr-defined]


def _rank(node: ast.stmt) -> tuple[int, bool, int, str]:
    """Sort imports as isort does: by group, ``import`` before ``from``, from farthest above, by module."""
    level, module = _module(node)
    top = "." if level else module.split(".")[0]
    groups = (top == "__future__", top in sys.stdlib_module_names, top != ".", True)
    return groups.index(True), isinstance(node, ast.ImportFrom), -level, ast.unparse(node).lower()
