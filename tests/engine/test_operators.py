"""What can be done to a node of guide code."""

from typing import Any

import libcst as cst
import libcst.matchers as m
import pytest

from mdproof.mutate.operators import mutations


@pytest.mark.parametrize(
    ("name", "kind", "code", "expected"),
    [
        (
            "drop_decorators",
            m.FunctionDef,
            "@one\n@two\n@three\ndef add(): ...\n",
            ["@two\n@three\ndef add(): ...\n", "@one\n@three\ndef add(): ...\n", "@one\n@two\ndef add(): ...\n"],
        ),
        ("drop_decorators", m.ClassDef, "@one\nclass Sum: ...\n", ["class Sum: ...\n"]),
        ("return_nothing", m.Return, "return 1", ["return None"]),
        ("return_nothing", m.Return, "return None", []),
        ("return_nothing", m.Return, "return", []),
        ("catch_another", m.ExceptHandler, "try: ...\nexcept ValueError: ...\n", ["except NotImplementedError: ...\n"]),
        ("catch_another", m.ExceptHandler, "try: ...\nexcept: ...\n", []),
        ("raise_another", m.Raise, "raise ValueError", ["pass"]),
        ("raise_another", m.Raise, "raise", []),
        ("decide_always", m.If, "if small: ...\n", ["if True: ...\n", "if False: ...\n"]),
        ("drop_statement", m.Expr, "print(1)", ["pass"]),
        ("drop_statement", m.Expr, "await one()", ["pass"]),
        ("drop_statement", m.Expr, "1", []),
        ("number", m.Integer, "1", ["2"]),
    ],
)
def test_a_node_is_changed_in_each_way_that_suits_it(name: str, kind: type[Any], code: str, expected: list[str]) -> None:
    """The operator's name says how; what would change nothing is left alone."""
    module = cst.parse_module(code)
    (node,) = m.findall(module, kind())

    assert expected == [module.code_for_node(changed) for operator, changed in mutations(node) if operator == name]
