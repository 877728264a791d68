"""Which tests a Don't can change: those that ran the body it changes, or read the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from mdproof.assemble.lines import defined_name, definitions, span
from mdproof.assemble.project import Project
from mdproof.exercise.job import Measured


def affected(project: Project, spoiled: Project, measured: Measured) -> set[str] | None:
    """Give the tests that a change of the project can reach, by what each of them ran; ``None`` if it may be any.

    It may be any unless only bodies of functions differ, none of which ran at import or in a
    process that several tests use, and imports whose names are new.
    """
    found: set[str] = set()
    for path in project.texts:
        old, new = project.texts[path], spoiled.texts[path]
        if old == new:
            continue
        lines = _bodies(old, new) if path.endswith(".py") else None
        if lines is None:
            return None
        for ran in (measured.contexts.get(path, {}), measured.processes.get(path, {})):
            found.update(*(ran.get(line, ()) for line in lines))
        if "" in found:
            return None
        found.update(measured.opened.get(path, ()), measured.started)
    return found - {""}


def _bodies(old: str, new: str) -> list[int] | None:
    """Give the lines of the functions whose bodies differ; nothing if anything else does."""
    before, after = ([n for n in ast.parse(text).body if defined_name(n)] for text in (old, new))
    return _in_turn(before, after) if _same_names(old, new) else None


def _in_turn(before: Sequence[ast.stmt], after: Sequence[ast.stmt]) -> list[int] | None:
    """Compare statements one by one, of which there must be as many."""
    found = list(map(_lines, before, after)) if len(before) == len(after) else [None]
    return None if None in found else [line for part in found for line in part or ()]


def _lines(old: ast.stmt, new: ast.stmt) -> list[int] | None:
    """Give the lines of a statement's function bodies that differ in another; nothing if anything else does."""
    if ast.dump(old) == ast.dump(new):
        return []
    if type(old) is not type(new) or _head(old) != _head(new):
        return None
    match old, new:
        case ((ast.FunctionDef() | ast.AsyncFunctionDef()), _):
            return list(range(old.body[0].lineno, span(old)[1] + 1))
        case ast.ClassDef(), ast.ClassDef():
            return _in_turn(*(node.body[1:] if ast.get_docstring(node) is not None else node.body for node in (old, new)))
        case _:
            return None


def _head(node: ast.stmt) -> list[str]:
    """Give what importing a function or a class evaluates besides its body, and its name."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [node.name, *map(ast.dump, node.decorator_list), ast.dump(node.args)]
        case ast.ClassDef():
            return [node.name, *map(ast.dump, (*node.decorator_list, *node.bases, *node.keywords))]
        case _:
            return []


def _same_names(old: str, new: str) -> bool:
    """Tell whether the rest of a file is the same, but for imports of names that were not there."""
    (names, rest), (more, others) = _rest(old), _rest(new)
    taken = {name for name, _ in names} | set(definitions(old))
    return rest == others and names <= more and not taken & {name for name, _ in more - names}


def _rest(text: str) -> tuple[set[tuple[str, str]], list[str]]:
    """Give what a file imports, as names and where they are from, and its other statements that define nothing."""
    tree = ast.parse(text)
    imports = {pair for node in tree.body for pair in _imported(node)}
    return imports, [ast.dump(n) for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom) and not defined_name(n)]


def _imported(node: ast.stmt) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Import(names=names):
            yield from ((a.asname or a.name.split(".")[0], a.name) for a in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            yield from ((a.asname or a.name, f"{level} {module} {a.name}") for a in names)
