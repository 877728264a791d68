"""Trees as pages draw them."""

from __future__ import annotations

import pytest

from mdproof.assemble.layout import compare_layout, drawn_paths
from mdproof.fault import Place
from mdproof.model import Block, Role

DRAWN = """\
shop/
├── src/
│   └── shop/
│       ├── __init__.py
│       └── static/
│           └── site.css   # colours
├── tests/
│   └── test_shop.py
└── .env"""
ASCII = """\
shop/
|-- src/
|   `-- shop/
|       |-- __init__.py
|       `-- static/
|           `-- site.css   # colours
|-- tests/
|   `-- test_shop.py
`-- .env"""
INDENTED = """\
shop/
  src/
    shop/
      __init__.py
      static/
        site.css  # colours
  tests/
    test_shop.py
  .env"""
PATHS = ["src/shop/__init__.py", "src/shop/static/site.css", "tests/test_shop.py", ".env"]


def block(source: str) -> Block:
    """Give a layout block from line 10 on."""
    lines = tuple(range(11, 11 + source.count("\n") + 1))
    return Block(1, Place("docs/a.md", 10), 99, Role.LAYOUT, "text", "Project layout", (), source, lines)


@pytest.mark.parametrize("source", [DRAWN, ASCII, INDENTED], ids=["drawn", "ascii", "indented"])
def test_trees_are_read(source: str) -> None:
    """A tree is read in the three ways people draw it; folders are no files."""
    assert PATHS == list(drawn_paths(block(source)))


def test_lines_that_draw_nothing_are_passed_over() -> None:
    """A blank line or a bare branch between two entries, and what follows is read on."""
    drawn = drawn_paths(block("shop/\n├── a.py\n│\n\n└── b.py"))

    assert {"a.py": 2, "b.py": 5} == drawn


def test_a_tree_that_agrees() -> None:
    """The project's files and no others: nothing is wrong."""
    assert [] == compare_layout(block(DRAWN), PATHS)


def test_a_file_too_many_is_at_its_line() -> None:
    """A drawn file the project has not got is a fault at the line that draws it."""
    faults = compare_layout(block(DRAWN), [p for p in PATHS if p != "tests/test_shop.py"])

    assert ["docs/a.md:18: the project has no tests/test_shop.py. Drop it from the tree."] == [str(f) for f in faults]


def test_a_file_too_few_is_at_the_tree() -> None:
    """A file that is not drawn is a fault of the tree as a whole."""
    faults = compare_layout(block(DRAWN), [*PATHS, "README.md"])

    assert ["docs/a.md:10: the tree lacks README.md. Draw it."] == [str(f) for f in faults]


def test_an_empty_tree_lacks_everything() -> None:
    """A tree of nothing is no way around the comparison."""
    assert len(PATHS) == len(compare_layout(block("shop/"), PATHS))
