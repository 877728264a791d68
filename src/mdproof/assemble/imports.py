"""Imports that join those of a file, as a formatter would sort them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from mdproof.assemble.lines import Line, Lines, head, is_docstring, is_import, text_of
from mdproof.fault import Place


def join(base: Lines, node: ast.stmt, lines: Lines) -> Lines:
    """Join one import: not twice, names of one module in one statement, modules in order."""
    tree = ast.parse(text_of(base))
    present = [n for n in tree.body[: head(tree)] if is_import(n)]
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
    at = tree.body[0].end_lineno if tree.body and is_docstring(tree.body[0]) else 0
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
