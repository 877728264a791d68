"""What a text knows without running anything else: literals, and names bound to nothing but them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BUILT_IN = frozenset(dir(builtins)) - {"open", "input", "__import__", "globals", "locals", "vars", "eval", "exec"}


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes of a scope; functions inside it are given, and not entered."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, FUNCTIONS):
            yield from own_nodes(node)


def is_literal(node: ast.AST, literals: frozenset[str]) -> bool:
    """Tell whether nothing outside the text can change what a node evaluates to."""
    inside = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    bound = {n.id for c in ast.walk(node) if isinstance(c, ast.comprehension) for n in ast.walk(c.target) if isinstance(n, ast.Name)}
    return not inside - literals - bound


def literal_names(scope: ast.AST, outer: frozenset[str]) -> frozenset[str]:
    """Give the names that, in a scope, are bound to literals and nowhere handed to anything that could change them.

    ``outer`` are such names of the scopes around it, of a module's the built-in ones, which stay so
    whoever is handed them. A test's parameters count where they are given as literals by ``parametrize``.
    """
    given: dict[str, list[ast.expr]] = {}
    for name, value in _bindings(scope):
        given.setdefault(name, []).append(value)
    bound, loaded = _bound(scope), _loaded(scope)
    elsewhere = bound - given.keys() | loaded
    found = outer - bound - (loaded - BUILT_IN)
    while more := {n for n, values in given.items() if n not in found | elsewhere and all(is_literal(v, found) for v in values)}:
        found |= more
    return found


def _bindings(scope: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Give each name with each value it is bound to by an assignment, a loop or ``parametrize``."""
    for node in own_nodes(scope):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((n.id, value) for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.For(target=target, iter=value):
                yield from ((n.id, value) for n in ast.walk(target) if isinstance(n, ast.Name))
    if isinstance(scope, FUNCTIONS):
        yield from _parameters(scope)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, ast.expr]]:
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[ast.Constant(value=str() as names), values, *_]):
                yield from ((name.strip(), values) for name in names.split(","))


def _bound(scope: ast.AST) -> set[str]:
    """Give the names bound in a scope in whatever way."""
    names: set[str] = set()
    for node in own_nodes(scope):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str() as name):
                names.add(name)
            case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                names.update((a.asname or a.name).split(".")[0] for a in imported)
    return names


def _loaded(scope: ast.AST) -> set[str]:
    """Give the names that other code than assertions reads or rebinds: whoever is handed a list may fill it."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.Nonlocal | ast.Global):
            names.update(node.names)
        elif not isinstance(node, ast.Assert):
            names |= _loaded(node)
    return names
