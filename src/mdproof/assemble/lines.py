"""Lines that know where they come from, and the statements they hold."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from mdproof.fault import Place
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
    return min([node.lineno, *(d.lineno for d in decorators(node))]), node.end_lineno or node.lineno


def decorators(node: ast.stmt) -> list[ast.expr]:
    """Give the decorators of a statement, which only definitions have."""
    return getattr(node, "decorator_list", [])


def head(tree: ast.Module) -> int:
    """Count the statements at the head that are a docstring or imports."""
    return next((i for i, n in enumerate(tree.body) if not (is_import(n) or (i == 0 and is_docstring(n)))), len(tree.body))


def is_import(node: ast.stmt) -> bool:
    """Tell whether a statement imports."""
    return isinstance(node, ast.Import | ast.ImportFrom)


def is_docstring(node: ast.stmt) -> bool:
    """Tell whether a statement is a text alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
