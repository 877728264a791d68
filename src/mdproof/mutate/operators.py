"""What can be done to a node of guide code: mutmut's operators, and those it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import libcst as cst
import libcst.matchers as m
from mutmut.mutation.mutators import mutation_operators

Operator = Callable[[Any], Iterable[cst.CSTNode]]


def drop_decorators(node: cst.FunctionDef | cst.ClassDef) -> Iterator[cst.CSTNode]:
    """Drop each decorator."""
    for index in range(len(node.decorators)):
        yield node.with_changes(decorators=[*node.decorators[:index], *node.decorators[index + 1 :]])


def return_nothing(node: cst.Return) -> Iterator[cst.CSTNode]:
    """Return nothing in the place of a value."""
    if node.value is not None and not m.matches(node.value, m.Name("None")):
        yield node.with_changes(value=cst.Name("None"))


def catch_another(node: cst.ExceptHandler) -> Iterator[cst.CSTNode]:
    """Catch an exception that nobody raises."""
    if node.type is not None:
        yield node.with_changes(type=cst.Name("NotImplementedError"))


def raise_another(node: cst.Raise) -> Iterator[cst.CSTNode]:
    """Raise nothing."""
    if node.exc is not None:
        yield cst.Pass()


def decide_always(node: cst.If) -> Iterator[cst.CSTNode]:
    """Take a branch always, and never."""
    yield node.with_changes(test=cst.Name("True"))
    yield node.with_changes(test=cst.Name("False"))


def drop_statement(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """Drop a call that stands alone."""
    if m.matches(node.value, m.Call() | m.Await()):
        yield cst.Pass()


OWN: list[tuple[type, Operator]] = [
    (cst.FunctionDef, drop_decorators),
    (cst.ClassDef, drop_decorators),
    (cst.Return, return_nothing),
    (cst.ExceptHandler, catch_another),
    (cst.Raise, raise_another),
    (cst.If, decide_always),
    (cst.Expr, drop_statement),
]


def mutations(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """Give each mutation of a node with its operator's name."""
    for kind, operator in (*mutation_operators, *OWN):
        if isinstance(node, kind):
            name = operator.__name__.removeprefix("operator_")
            for mutated in operator(node):
                yield name, mutated
