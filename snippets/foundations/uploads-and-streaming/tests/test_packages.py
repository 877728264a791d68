"""The packages the shop stands on."""

import ast
from pathlib import Path

import myapp

LAST_RELEASE = {
    "flask_featureflags": 2015,
    "flask_mongoengine": 2020,
    "flask_principal": 2013,
    "flask_profiler": 2018,
    "flask_rq2": 2018,
    "geventwebsocket": 2017,
}


def imported() -> set[str]:
    """Give the packages that the shop's modules import."""
    folder = Path(str(myapp.__file__)).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    named = [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
    plain = [
        a.name for n in nodes if isinstance(n, ast.Import) for a in n.names
    ]
    return {name.partition(".")[0] for name in [*named, *plain]}


def test_nothing_that_is_imported_is_long_dead() -> None:
    """Each package of the shop had a release in the last years."""
    found = imported()

    assert {"flask", "flask_sqlalchemy", "os"} <= found
    assert {} == {n: y for n, y in LAST_RELEASE.items() if n in found}
