"""Assertions of a text, and which of them a test executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mdproof.proof.literals import BUILT_IN, is_literal, literal_names, own_nodes

CONTEXTS = frozenset({"raises", "warns", "deprecated_call"})
"""pytest's context managers that assert."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def assertion_lines(source: str) -> frozenset[int]:
    """Give the lines (from 1) of the statements of a Python text that can fail a test.

    An assertion on nothing but constants and a test's own literals cannot, and does not count.
    """
    return frozenset(_lines(ast.parse(source), BUILT_IN))


def _lines(scope: ast.AST, outer: frozenset[str]) -> Iterator[int]:
    literals = literal_names(scope, outer)
    for node in own_nodes(scope):
        if isinstance(node, FUNCTIONS):
            yield from _lines(node, literals)
        elif isinstance(node, ast.stmt) and _can_fail(node, literals):
            yield node.lineno


def _can_fail(node: ast.stmt, literals: frozenset[str]) -> bool:
    match node:
        case ast.Assert(test=test):
            return not is_literal(test, literals)
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            return any(_asserts(i.context_expr) for i in items) and not all(is_literal(s, literals) for s in body)
        case ast.Expr(value=value):
            return _asserts(value)
        case _:
            return False


def _asserts(expression: ast.expr) -> bool:
    match expression:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="pytest"), attr=name)):
            return name in CONTEXTS
        case _:
            return False


def defined_tests(source: str) -> Iterator[str]:
    """Give the names of the tests a Python text defines, those of classes as ``Class::test``."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from (f"{node.name}::{name}" for inner in node.body if (name := _test_name(inner)))
        elif name := _test_name(node):
            yield name


def _test_name(node: ast.stmt) -> str:
    if not isinstance(node, FUNCTIONS) or not node.name.startswith("test"):
        return ""
    return "" if any("fixture" in ast.unparse(d) for d in node.decorator_list) else node.name
