"""What a fence is for, by its head line and its text."""

from __future__ import annotations

import pytest

from mdproof.model import Block
from mdproof.read.fences import Fence
from mdproof.read.roles import block_of, is_declaration


def said_of(language: str, title: str, source: str) -> str | None:
    """Give what is wrong with a fence on line 7, if anything is."""
    fence = Fence(1, 1, 9, language, {"title": title}, (), {}, source)
    made = block_of(fence, "docs/page.md", tuple(range(7, 15)), 15)
    return None if isinstance(made, Block) else str(made)


ABSOLUTE = "{!r} is an absolute path. Give it relative to the project."
OUTSIDE = "{!r} leaves the project or is not in its plain form. Give a path such as src/package/module.py."
GENERATED = "{} is generated for every project. Choose another path; dependencies are declared by `$ uv add`."


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("/etc/motd.txt", ABSOLUTE),
        ("~/motd.txt", ABSOLUTE),
        ("\\motd.txt", ABSOLUTE),
        ("C:/motd.txt", ABSOLUTE),
        ("c:/motd.txt", ABSOLUTE),
        ("../motd.txt", OUTSIDE),
        ("../shared/motd.txt", OUTSIDE),
        ("..", OUTSIDE),
        (".", OUTSIDE),
        ("shared/../motd.txt", OUTSIDE),
        ("shared\\motd.txt", OUTSIDE),
        ("motd.txt ", OUTSIDE),
        ("pyproject.toml", GENERATED),
        ("README.md", GENERATED),
        ("docs/README.md", None),
        (".env", None),
        ("shared/motd.txt", None),
    ],
)
def test_a_path_is_one_of_the_project(title: str, said: str | None) -> None:
    """It leads nowhere else, on no system, is written in one way only, and takes the place of nothing that is generated."""
    assert (said and f"docs/page.md:7: {said.format(title)}") == said_of("text", title, "Hello.")


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("x: f(a=1, a=2)\ny = 1", 8, "keyword argument repeated: a"),
        ("x = 1\ny = 1\0", 8, "source code string cannot contain null bytes"),
        (
            "x = 1\ny = '\\d'",
            9,
            '"\\d" is an invalid escape sequence. Did you mean "\\\\d"? A raw string is also an option',
        ),
    ],
    ids=["annotation", "null byte", "warning"],
)
def test_a_block_is_read_as_python_reads_a_module(source: str, line: int, said: str) -> None:
    """What Python refuses or warns of is said at its page line, or at the block's first if there is none."""
    assert f"docs/page.md:{line}: this Python does not parse: {said}. Mend the line." == said_of("python", "src/calc.py", source)


@pytest.mark.parametrize(
    ("command", "expected"),
    [("uv add flask", True), ("uv  add", True), ("uv run flask", False), ("echo 'uv add", False), ("", False)],
)
def test_what_declares_dependencies(command: str, expected: bool) -> None:  # noqa: FBT001 - the value that is expected
    """Commands of uv that add, and none with a quote left open."""
    assert expected is is_declaration(command)
