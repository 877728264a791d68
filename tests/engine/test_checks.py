"""What cannot be assembled, at the line that has to change."""

from __future__ import annotations

import pytest

from mdproof.assemble.checks import given_twice, overwritten
from mdproof.assemble.edits import append
from mdproof.assemble.lines import Lines, lines_of
from mdproof.fault import Place
from mdproof.model import Block, Page, Role

SUMS = "src/calc/__init__.py"


def block(line: int, source: str, role: Role = Role.FILE, path: str = SUMS) -> Block:
    """Give a block whose fence stands on a page line."""
    lines = tuple(range(line + 1, line + 2 + source.count("\n")))
    return Block(line, Place("docs/sums.md", line), lines[-1] + 1, role, "python", path, (), source, lines)


def page(*blocks: Block) -> Page:
    """Give a page of blocks."""
    return Page("docs/sums.md", "sums", "Sums", (), "", blocks)


def test_a_file_given_twice_below_what_is_added_to_another() -> None:
    """A block that only changes a file hides none of those further down."""
    added = block(3, "ONE = 1", Role.APPEND, "src/calc/more.py")

    (fault,) = given_twice(page(added, block(10, "ZERO = 0"), block(20, "TWO = 2")))

    said = f"{SUMS} is given twice on this page (first at line 10). Mark this block .append or .replace, or drop one."
    assert f"docs/sums.md:20: {said}" == str(fault)


@pytest.mark.parametrize("role", [Role.FILE, Role.APPEND])
def test_what_joins_is_not_lost(role: Role) -> None:
    """The docstring of what is added, and its imports, are in no file as they stand, and nobody misses them."""
    shown = block(3, '"""More."""\n\nimport json\n\nNULL = json.loads("null")', role)

    assert [] == list(overwritten(page(shown), {SUMS: append(lines_of(block(40, "import json")), shown)}))


@pytest.mark.parametrize(
    ("source", "path", "line"),
    [
        ('"""More."""\n\nimport json\n\n\n@json.loads\ndef null() -> None: ...', SUMS, 9),
        ("print(0)", SUMS, 4),
        ("\na\nb", "notes.txt", 4),
    ],
)
def test_what_is_given_again_is_lost(source: str, path: str, line: int) -> None:
    """Told at the first statement that is in no file, decorators and all; in a text at the first line."""
    shown = block(3, source, Role.APPEND, path)
    files: dict[str, Lines] = {path: lines_of(block(40, "import json", path=path))}

    (fault,) = overwritten(page(shown), files)

    said = f"a block further down gives this part of {path} again, so nothing runs what is shown here. Show it once."
    assert f"docs/sums.md:{line}: {said}" == str(fault)


def test_nothing_of_an_empty_text_is_lost() -> None:
    """A fence around a single blank line makes a file without a byte."""
    empty = block(3, "", path="src/calc/py.typed")

    assert ((4,), []) == (empty.lines, list(overwritten(page(empty), {"src/calc/py.typed": lines_of(empty)})))
