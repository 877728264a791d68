"""The stub of Flask-Migrate says what there is."""

import ast
import inspect
from pathlib import Path

from flask_migrate import Migrate

import myapp

SOURCE = Path(myapp.__file__).parents[2]


def test_the_stub_describes_what_exists() -> None:
    """Each method it names is one, with parameters that are real."""
    stub = SOURCE / "flask_migrate-stubs" / "__init__.pyi"
    tree = ast.parse(stub.read_text("utf-8"))
    methods = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    real = {
        name: set(inspect.signature(method).parameters)
        for name, method in vars(Migrate).items()
        if inspect.isfunction(method)
    }

    assert ["__init__", "init_app", "get_config"] == [m.name for m in methods]
    for method in methods:
        assert {a.arg for a in method.args.args} <= real[method.name]
