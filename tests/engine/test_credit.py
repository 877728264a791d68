"""Which tests are credited with which lines of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured
from mdproof.proof.assertions import assertion_lines, defined_tests
from mdproof.proof.credit import Credit, imported_modules
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


def test_imported_modules() -> None:
    """Modules are known by their full names, relative ones and the packages around them too."""
    text = "import os.path as p\nfrom . import db\nfrom .. import x\nfrom .models.order import Order\nfrom flask import Flask\n"

    found = imported_modules("src/shop/api/views.py", text)

    assert {"os", "os.path", "shop.api.db", "shop.x", "shop.api.models.order", "flask", "shop", "shop.api"} <= found


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
