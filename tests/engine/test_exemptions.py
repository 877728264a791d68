"""Comments that would exempt code from a check."""

from __future__ import annotations

import pytest

from mdproof.fault import Fault, Place
from mdproof.model import Block, Role
from mdproof.read.exemptions import exempting


def block(source: str) -> Block:
    """Give a Python file that begins at line 7 of its page."""
    lines = tuple(range(8, 9 + source.count("\n")))
    return Block(1, Place("docs/sums.md", 7), lines[-1] + 1, Role.FILE, "python", "src/sums.py", (), source, lines)


@pytest.mark.parametrize(
    "said",
    [
        "pragma: no cover",
        "PRAGMA: NO BRANCH",
        "pragma:no mutate",
        "pragma no cover",
        "noqa",
        "type: ignore",
        "type:ignore",
        "mypy:",
        "pyright:",
        "pylint:",
        "ruff:",
        "isort:",
        "fmt:",
        "nosec",
        "doctest:",
    ],
)
def test_a_comment_that_exempts_is_refused_at_its_line(said: str) -> None:
    """Whatever else the comment says, before or after."""
    message = f"the comment {said!r} exempts code from a check. Delete it, and let the code pass."
    fault = Fault(Place("docs/sums.md", 9), message)

    assert [fault, fault] == [exempting(block(f"one = 1\ntwo = 2  #{before}{said} E501\n")) for before in ("", " as it is  # ")]


@pytest.mark.parametrize("line", ["text = '# noqa'", "two = 2  # no quarrel", '"""\n# type: ignore\n"""', "# the type is ignored", ""])
def test_other_comments_and_texts_say_what_they_like(line: str) -> None:
    """A string is no comment, and a word is none of those."""
    assert exempting(block(f"one = 1\n{line}\n")) is None


def test_a_block_without_an_end_of_line_is_read() -> None:
    """Its last line counts as well."""
    assert exempting(block("one = (\n  1)  # noqa")) == Fault(
        Place("docs/sums.md", 9), "the comment 'noqa' exempts code from a check. Delete it, and let the code pass."
    )
