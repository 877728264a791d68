"""Names that are bound to nothing but literals, and names that are not."""

from __future__ import annotations

import ast

import pytest

from mdproof.proof.literals import BUILT_IN, literal_names


def names(text: str, outer: str = "") -> set[str]:
    """Give the literal names of a module."""
    return set(literal_names(ast.parse(text), BUILT_IN | set(outer.split())) - BUILT_IN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1", "a"),
        ("a: int = 1", "a"),
        ("a: int", ""),
        ("a = b = 1", "a b"),
        ("a, (b, *c) = 1, (2, 3)", "a b c"),
        ("for a, b in [(1, 2)]: c = 1", "a b c"),
        ("c = b\nb = a\na = 1", ""),
        ("a = [n for n in (1, 2)]", "a"),
        ("a = {(n, m) for n, m in ()}\nn = 1", "a"),
        ("a = 1\na = ask()", ""),
        ("a = ask()\nb = 1", "b"),
        ("a = len('x')", "a"),
        ("a = 1\nassert a", "a"),
        ("a = 1\nshow(a)", ""),
        ("a = [1]\nfor n in a: pass", ""),
        ("a = 1\ndel a", "a"),
        ("a = 1\nfor b in ask(): pass", "a"),
        ("a = 1\nwith ask() as a: pass", "a"),
        ("a = 1\ndef f():\n    b = 2", "a"),
        ("a = 1\ndef f():\n    return a", ""),
        ("a = 1\ndef f():\n    global a, b\n    a = 2\nb = 1", ""),
    ],
)
def test_names_of_a_module(text: str, expected: str) -> None:
    """Whatever is assigned, looped over or unpacked, unless other code than an assertion reads it."""
    assert set(expected.split()) == names(text)


@pytest.mark.parametrize(
    "text",
    [
        "o = ask()",
        "show(o)",
        "del o",
        "def o(): ...",
        "async def o(): ...",
        "class o: ...",
        "import o",
        "import o.path",
        "import x as o",
        "from x import o",
        "from x import y as o",
        "with ask() as o: pass",
        "try: pass\nexcept ValueError as o: pass",
        "def f():\n    global o",
    ],
)
def test_names_of_around_that_are_other_here(text: str) -> None:
    """A name is no literal's where it is bound anew in whatever way; its neighbours still are."""
    assert {"p"} == names(text, "o p")


@pytest.mark.parametrize("text", ["import x as p", "try: pass\nexcept ValueError: pass", "assert o", "o = 2", "x.o = 1"])
def test_names_of_around_that_are_the_same_here(text: str) -> None:
    """A literal's name may be bound to another literal."""
    assert "o" in names(text, "o")


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ('@pytest.mark.parametrize("low, high", [(1, 2)])', {"low", "high"}),
        ('@pytest.mark.parametrize("low", [1], ids=["one"])', {"low"}),
        ('@pytest.mark.parametrize("low", [1], True)', {"low"}),
        ('@pytest.mark.parametrize("low", [ask()])', set()),
        ('@pytest.mark.others("low", [1])', set()),
        ('@pytest.mark.parametrize(("low",), [1])', set()),
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_parameters_that_are_given_as_literals(decorator: str, kind: str, expected: set[str]) -> None:
    """Of a test that is parametrized they are literals, as they are written there."""
    (function,) = ast.parse(f"{decorator}\n{kind} test_it(low, high): ...").body

    assert expected == set(literal_names(function, frozenset()))
