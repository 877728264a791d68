"""Comments that exempt code from being checked, which guide code has none of."""

from __future__ import annotations

import io
import re
import tokenize

from mdproof.fault import Fault
from mdproof.model import Block

EXEMPTS = re.compile(
    r"#\s*(?P<said>pragma:?\s*no\s*\w+|noqa|nosec|type:\s*ignore|(doctest|fmt|isort|mypy|pylint|pyright|ruff):)", re.IGNORECASE
)
"""What coverage.py, mutmut, Ruff, mypy and their like take for a word to them, behind any ``#`` of a comment."""


def exempting(block: Block) -> Fault | None:
    """Say where a comment of a Python block that compiles exempts code from a check, at its own line."""
    for token in tokenize.generate_tokens(io.StringIO(f"{block.source}\n").readline):
        if token.type == tokenize.COMMENT and (found := EXEMPTS.search(token.string)):
            message = f"the comment {found['said']!r} exempts code from a check. Delete it, and let the code pass."
            return Fault(block.place_of(token.start[0]), message)
    return None
