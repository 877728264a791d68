"""Assertions of a text, and which of them a test executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

CONTEXTS = frozenset({"raises", "warns", "deprecated_call"})
"""pytest's context managers that assert."""


def assertion_lines(source: str) -> frozenset[int]:
    """Give the lines (from 1) of the statements of a Python text that can fail a test.

    An assertion on nothing but constants cannot, and does not count.
    """
    return frozenset(_lines(ast.parse(source)))


def _lines(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if (
            (isinstance(node, ast.Assert) and not _constant(node.test))
            or (isinstance(node, ast.With | ast.AsyncWith) and any(_asserts(item.context_expr) for item in node.items))
            or (isinstance(node, ast.Expr) and _asserts(node.value))
        ):
            yield node.lineno


def _constant(test: ast.expr) -> bool:
    """Tell whether an expression reads no name and calls nothing."""
    return not any(isinstance(node, ast.Name | ast.Call | ast.Attribute) for node in ast.walk(test))


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
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test"):
        return ""
    return "" if any("fixture" in ast.unparse(d) for d in node.decorator_list) else node.name
