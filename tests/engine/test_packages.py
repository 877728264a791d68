"""Which imports nothing declares, and which declarations nothing uses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mdproof.assemble.dependencies import Dependency
from mdproof.assemble.lines import Line
from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured
from mdproof.fault import Place
from mdproof.proof.packages import brought_by, compare_packages, version_of
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

BASE = """\
# Base

```console
$ uv add nox
```

```python title="src/calc/__init__.py"
import nox
```
"""
PAGE = """\
---
builds_on: [base]
---

# Sums

```console
$ uv add {declared}
```

```python title="src/calc/more.py"
{text}
```
"""
FILES = """
```text title="src/calc/told.txt"
import yaml
```

```python
from .more import add
import os
{demonstration}
```

!!! failure "Don't"

    Bad.

    ```python
    from .more import add
    {counterexample}
    def add(): ...
    ```

    And:

    ```python title="src/calc/more.py"
    {titled}
    ```

    ```text title="src/calc/told.txt"
    nothing that parses
    ```

    Fails `tests/test_x.py::test_x`: `x`.
"""
UNDECLARED = "and no page declares it. Show `$ uv add …` for it."


def project_of(root: Path, *, base: str = BASE, **pages: str) -> Project:
    """Give the project of a page that builds on another."""
    (root / "docs").mkdir()
    for name, text in {"base": base, **pages}.items():
        (root / f"docs/{name}.md").write_text(text, encoding="utf-8")
    return assemble(read_guide(load_settings(root)))["sums"]


def faults(project: Project, *, modules: tuple[str, ...] = (), commands: tuple[str, ...] = ()) -> list[str]:
    """Give what is said of a project, in order."""
    return [str(fault) for fault in compare_packages(project, Measured(modules=modules, commands=commands))]


@pytest.mark.parametrize(
    ("declared", "text", "said"),
    [
        ("pytest", "import os.path, pytest\nfrom calc import add", []),
        ("pytest", "import coverage.data", ["12: src/calc/more.py imports 'coverage'"]),
        ("pytest", "import yamls\nimport yaml.nodes", ["13: src/calc/more.py imports 'yaml'", "12: src/calc/more.py imports 'yamls'"]),
        ("pytest", "def add():\n    from yaml import nodes\nimport os\nimport yaml", ["13: src/calc/more.py imports 'yaml'"]),
        ("pytest", "x = 1\nimport os, yaml", ["12: src/calc/more.py imports 'yaml'"]),
        ("PyYAML", "import yaml, pytest", []),
        ("Flask-Login", "import flask_login\nimport werkzeug.test, click", []),
        ("pydantic", "import pydantic, email_validator", ["12: src/calc/more.py imports 'email_validator'"]),
        ("'pydantic[email]>=2'", "import pydantic, email_validator, dns", []),
    ],
)
def test_imports(declared: str, text: str, said: list[str], tmp_path: Path) -> None:
    """What is imported comes with Python, with pytest, with the project, or with something declared and what that brings."""
    project = project_of(tmp_path, sums=PAGE.format(declared=declared, text=text))

    assert [f"docs/sums.md:{line}, {UNDECLARED}" for line in said] == faults(project)


@pytest.mark.parametrize(
    ("base", "shown", "said"),
    [
        (BASE, {}, []),
        (BASE, {"titled": "import yaml"}, ["38: this block imports 'yaml'"]),
        (BASE, {"counterexample": "import yaml"}, ["31: this block imports 'yaml'"]),
        (BASE, {"demonstration": "import httpx"}, ["22: this block imports 'httpx'"]),
        (BASE.replace("calc/__init__.py", "more.py"), {}, []),
    ],
)
def test_imports_of_blocks(base: str, shown: dict[str, str], said: list[str], tmp_path: Path) -> None:
    """A block is read as if it were a module of the project's package, wherever that is."""
    blocks = FILES.format(**{"demonstration": "", "counterexample": "", "titled": "", **shown})
    project = project_of(tmp_path, base=base, sums=PAGE.format(declared="pytest", text="add = 1") + blocks)

    assert [f"docs/sums.md:{line}, {UNDECLARED}" for line in said] == faults(project)


def test_an_import_of_no_page(tmp_path: Path) -> None:
    """A line that is on no page is told at the page."""
    project = project_of(tmp_path, sums=PAGE.format(declared="pytest", text="x = 1"))
    made = replace(
        project, files={**project.files, "made.py": (Line("import yaml", None),), "tests/test_made.py": (Line("import made", None),)}
    )

    assert [f"docs/sums.md:1: made.py imports 'yaml', {UNDECLARED}"] == faults(made)


@pytest.mark.parametrize(
    ("modules", "commands", "unused"),
    [
        ((), (), ["'Flask>=2'", "'coverage[toml]'", "ruff"]),
        (("flask.globals", "nowhere.at_all"), (), ["coverage[toml]", "ruff"]),
        (("flask_login",), ("coverage report", "ruffs"), ["Flask>=2", "ruff"]),
        ((), ("A=1 uv run env B=2 ruff flask check", "uv run 'unclosed", "uv run"), ["Flask>=2", "coverage[toml]"]),
        ((), ("flask run", "coverage3 report", "ruff format"), []),
    ],
)
def test_declarations(modules: tuple[str, ...], commands: tuple[str, ...], unused: list[str], tmp_path: Path) -> None:
    """What is declared is imported, loaded, or run as a program; what other pages declare is theirs to use."""
    text = PAGE.format(declared="'Flask>=2' pytest 'coverage[toml]'\n$ uv add --dev ruff", text="x = 1")
    project = project_of(tmp_path, base=BASE.replace("import nox", "x = 1"), sums=text)
    lines = {"ruff": 9}

    assert [
        f"docs/sums.md:{lines.get(name, 8)}: {name.strip(chr(39))!r} is declared and nothing uses it. Use it, or drop it."
        for name in unused
    ] == faults(project, modules=modules, commands=commands)


MADE = {
    "made_one": "Requires-Dist: Made.Two[more]\nRequires-Dist: made-gone\nRequires-Dist: made-old; python_version < '3'",
    "made_two": "Requires-Dist: made-more; extra == 'more'\nRequires-Dist: made-less; extra == 'less'\nRequires-Dist: Made_Three",
    "made_three": "Requires-Dist: made-two\nRequires-Dist: made-now; python_version > '3'",
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give distributions that need each other."""
    for name, requires in MADE.items():
        folder = tmp_path / f"{name}-2.dist-info"
        folder.mkdir()
        extras = "Provides-Extra: more\nProvides-Extra: less"
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2\n{extras}\n{requires}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    brought_by.cache_clear()


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("declared", "brought"),
    [
        ("made-one", "one two more three now gone"),
        ("made-two", "two three now"),
        ("Made.Two[less]>1", "two three now less"),
        ("made-two[less,more]", "two three now less more"),
        ("made-gone", "gone"),
    ],
)
def test_what_a_declaration_brings(declared: str, brought: str) -> None:
    """All it needs and what that needs, with the extras that are asked for; what is not installed brings nothing."""
    assert {f"made-{name}" for name in brought.split()} == brought_by(declared)


@pytest.mark.usefixtures("made")
def test_the_version_of_a_declaration() -> None:
    """It is the one installed."""
    place = Place("docs/sums.md", 1)

    assert ["2", None] == [version_of(Dependency(name, False, place)) for name in ("Made.One>=1", "made-gone")]  # noqa: FBT003 - a table
