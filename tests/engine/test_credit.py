"""Which tests are credited with which lines of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured
from mdproof.fault import Place
from mdproof.proof.assertions import assertion_lines, defined_tests
from mdproof.proof.credit import Credit, Ran, imported_modules
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

PAGE = '''\
# Sums

## Add

```python title="src/calc/__init__.py"
"""Sums."""

ZERO = 0


def add(a: int, b: int) -> int:
    """Add."""
    return a + b
```

## Tell

```text title="src/calc/told.txt"
The sum is
```

```python title="src/calc/tell.py"
"""Tell sums."""

from calc import add


def tell(a: int, b: int) -> str:
    """Tell."""
    return f"The sum is {add(a, b)}"
```

```python title="tests/test_add.py"
from calc import add
```

```python title="tests/test_tell.py"
from calc.tell import tell
```
'''
ADD, TELL = "tests/test_add.py::test_add", "tests/test_tell.py::test_tell"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give the project of the page."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(PAGE, encoding="utf-8")
    return assemble(read_guide(load_settings(tmp_path)))["sums"]


@pytest.fixture
def credit(project: Project) -> Credit:
    """Give what a run of it might have measured."""
    measured = Measured(
        statements={"src/calc/__init__.py": (3, 6, 8), "src/calc/tell.py": (3, 6, 8)},
        missing={"src/calc/__init__.py": (), "src/calc/tell.py": (8,)},
        contexts={"src/calc/__init__.py": {3: ("",), 6: ("",), 8: (ADD,)}, "src/calc/tell.py": {3: ("",), 6: ("",)}},
        opened={"src/calc/told.txt": ("", TELL)},
    )
    return Credit(project, measured, [ADD, TELL])


def test_lines_of_a_block(project: Project, credit: Credit) -> None:
    """A block's lines are credited to the tests that ran them, or that import what importing runs."""
    add, _, tell, *_ = project.page.files()

    assert (credit.ran(add).total, credit.ran(add).missing, credit.ran(add).tests) == (3, (), (ADD, TELL))
    assert [str(place) for place in credit.ran(tell).missing] == ["docs/sums.md:30"]
    assert credit.ran(tell).tests == (TELL,)


def test_a_file_that_is_opened(project: Project, credit: Credit) -> None:
    """A file that is no Python is credited to the tests that opened it."""
    told = project.page.files()[1]

    assert (credit.ran(told).total, credit.ran(told).tests) == (1, (TELL,))


def test_a_section_is_run_by_what_runs_its_lines(credit: Credit) -> None:
    """To import a function is not to run it; to import a constant is all one can do."""
    assert {ADD: {8, 13}, TELL: {8}} == {t: {p.line for p in places} for t, places in credit.runners_of(3, 14).items()}
    assert {ADD: {13}} == {t: {p.line for p in places} for t, places in credit.runners_of(10, 14).items()}


def test_executed_lines(credit: Credit) -> None:
    """A test's own lines are those of its own context."""
    assert credit.executed(ADD, "src/calc/__init__.py") == {8}
    assert credit.executed(TELL, "src/calc/__init__.py") == set()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("src/shop/api/views.py", "import os.path as p, re", "os os.path re"),
        ("src/shop/api/views.py", "from . import db, cache", "shop shop.api shop.api.db shop.api.cache"),
        ("src/shop/api/views.py", "from .. import x", "shop shop.x"),
        (
            "src/shop/api/views.py",
            "from .models.order import A",
            "shop shop.api shop.api.models shop.api.models.order shop.api.models.order.A",
        ),
        ("src/shop/api/__init__.py", "from .db import A", "shop shop.api shop.api.db shop.api.db.A"),
        ("src/shop/api/__init__.py", "from .. import x", "shop shop.x"),
        ("shop/app.py", "from .db import A", "shop shop.db shop.db.A"),
        ("app.py", "from .db import A", "db db.A"),
        ("app.py", "def f():\n    from flask import Flask", "flask flask.Flask"),
        ("app.py", "from . import db", "db"),
        ("app.py", "x = 1", ""),
    ],
)
def test_imported_modules(path: str, text: str, expected: str) -> None:
    """Modules are known by their full names, relative ones and the packages around them too."""
    assert set(expected.split()) == imported_modules(path, text)


MORE = '''\
---
builds_on: [sums]
---

# More

## Ask

```python title="src/calc/ask.py"
"""Ask,
in two lines."""

from calc import (
    add,
)

print(add)


@cache
@other(
    1
)
class Asker(
    Base,
):
    kind = 1

    async def ask(
        self,
    ) -> int:
        """Ask."""
        return 1


ASKER = Asker()
```

## Others

```html title="src/calc/page.html"
<p>
</p>
```

```html title="src/calc/opened.html"
<i>
</i>
```

```python title="tests/conftest.py"
import calc.shared
```

```python title="src/calc/shared.py"
import calc.ask
from . import circle
```

```python title="src/calc/circle.py"
import calc.shared
```

```python title="flat.py"
import flatter
```

```python title="flatter.py"
import deep.down.deepest
```

```python title="deep/down/deepest.py"
DEEP = 1
```

```python title="tests/test_flat.py"
import flat
```
'''
FLAT = "tests/test_flat.py::test_flat"


@pytest.fixture
def more(tmp_path: Path) -> Project:
    """Give the project of a page with all that can import and be opened."""
    (tmp_path / "docs").mkdir()
    for name, text in {"sums": PAGE, "more": MORE}.items():
        (tmp_path / f"docs/{name}.md").write_text(text, encoding="utf-8")
    return assemble(read_guide(load_settings(tmp_path)))["more"]


def test_what_importing_a_file_runs(more: Project) -> None:
    """Imports, docstrings and heads are run by all that import; of a section they are run by none but who ran them."""
    contexts = {"src/calc/ask.py": {**dict.fromkeys(range(1, 28), ("",)), 20: ("", FLAT)}, "src/calc/__init__.py": {8: (ADD,)}}
    credit = Credit(more, Measured(contexts=contexts), [ADD])

    beside = {9 + number for number in (3, 7, 8, 9, 10, 18, 19, 24, 25, 26, 27)}
    assert {ADD: beside, FLAT: {29}} == {t: {p.line for p in places} for t, places in credit.runners_of(1, 99).items()}
    assert {ADD: {Place("docs/more.md", 33)}} == credit.runners_of(33, 33)


def test_what_runs_and_what_is_opened(more: Project) -> None:
    """Of a template that was rendered lines are run; of what was opened all of the section is."""
    measured = Measured(
        statements={"src/calc/page.html": (1,), "src/calc/circle.py": (1,)},
        missing={"src/calc/circle.py": (1,)},
        contexts={"src/calc/page.html": {1: (ADD,)}},
        opened={"src/calc/page.html": (FLAT,), "src/calc/opened.html": ("", TELL), "src/calc/told.txt": (FLAT,)},
    )
    credit = Credit(more, measured, [])
    page, opened, _, shared, circle, *_ = more.page.files()[1:]

    assert [
        Ran(1, (), (), (ADD,)),
        Ran(2, (), (), (TELL,)),
        Ran(0, (), (), ()),
        Ran(1, (Place("docs/more.md", 61),), (), ()),
    ] == [credit.ran(block) for block in (page, opened, shared, circle)]
    sections = [credit.runners_of(42, last) for last in (46, 48)]
    told = [{test: {place.line for place in places} for test, places in found.items()} for found in sections]
    assert [{ADD: {42}}, {ADD: {42}, TELL: {47, 48}}] == told


def test_branches_that_no_test_takes(more: Project) -> None:
    """Each line is told once, in order, and not if it did not run at all."""
    measured = Measured(missing={"src/calc/ask.py": (24,)}, partial={"src/calc/ask.py": ((27, 8), (24, 8), (18, 20), (18, -1), (99, 1))})

    assert [27, 36] == [place.line for place in Credit(more, measured, []).ran(more.page.files()[0]).partial]


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("src/calc/__init__.py", {ADD, FLAT, "block-2"}),
        ("src/calc/circle.py", {ADD, FLAT, "block-2"}),
        ("src/calc/ask.py", {ADD, FLAT, "block-2"}),
        ("src/calc/tell.py", set()),
        ("flat.py", {FLAT}),
        ("flatter.py", {FLAT}),
        ("deep/down/deepest.py", {FLAT}),
        ("tests/test_flat.py", {FLAT}),
    ],
)
def test_tests_that_import_a_file(path: str, tests: set[str], more: Project) -> None:
    """All import what a ``conftest.py`` does; others what their own file does, however far away."""
    measured = Measured(contexts={path: {1: ("",)}}, processes={path: {1: (TELL,), 2: (TELL,), 3: ("",)}})
    credit = Credit(more, measured, [ADD, FLAT, "block-2"])

    assert [tests | {TELL}, {TELL}, tests, set()] == [credit.tests_of(path, number) for number in (1, 2, 3, 4)]


def test_a_block_from_a_file_of_its_own(tmp_path: Path) -> None:
    """Its lines are those of the include, and must be run all the same."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text('# Sums\n\n--8<-- "more.txt"\n', encoding="utf-8")
    (tmp_path / "more.txt").write_text('```python title="more.py"\nONE = 1\n\nTWO = 2\n```\n', encoding="utf-8")
    project = assemble(read_guide(load_settings(tmp_path)))["sums"]

    ran = Credit(project, Measured(statements={"more.py": (1, 3)}, missing={"more.py": (3,)}), []).ran(project.page.blocks[0])

    assert Ran(2, (Place("docs/sums.md", 3),), (), ()) == ran


ASSERTIONS = """\
import pytest

def test_one(thing):
    assert thing
    assert True
    assert 1 == 1, thing
    assert [1, "a"] != (2,)
    with pytest.raises(ValueError):
        thing()
    pytest.raises(ValueError, thing)
    with pytest.warns(UserWarning), open(thing):
        assert thing == 1
    with open(thing):
        pass
    async def inner():
        async with thing:
            assert await thing
"""


def test_assertions_that_can_fail() -> None:
    """Assertions on constants prove nothing; pytest's own context managers do."""
    assert frozenset({4, 8, 10, 11, 12, 17}) == assertion_lines(ASSERTIONS)


TESTS = """\
import pytest

@pytest.fixture
def test_client(): ...

def test_one(): ...

async def test_two(): ...

def helper(): ...

class TestOrders:
    def test_three(self): ...
    def helper(self): ...

class Orders:
    def test_four(self): ...
"""


def test_tests_of_a_text() -> None:
    """The tests a file defines are known without running it."""
    assert ["test_one", "test_two", "TestOrders::test_three"] == list(defined_tests(TESTS))
