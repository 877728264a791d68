"""Bad pages: each case is a guide, and what is said of it word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"


def cases(kind: str) -> pytest.MarkDecorator:
    """Give a parameter for each guide of a kind, named as its folder."""
    return pytest.mark.parametrize("case", [pytest.param(p, id=p.name) for p in sorted((CASES / kind).iterdir())])


@cases("refused")
def test_guide_is_refused_before_anything_is_written(case: Path, run: Callable[..., Any]) -> None:
    """What is wrong in the reading is said at its line, and leaves no file behind."""
    ran = run(case, "prove")

    assert (case / "expected.txt").read_text(encoding="utf-8") == ran.faults
    assert ran.status == 1
    assert "Traceback" not in ran.errors + ran.output
    assert {"snippets", "build"}.isdisjoint(p.name for p in ran.root.iterdir())


@cases("unproven")
def test_page_is_not_proven(case: Path, run: Callable[..., Any]) -> None:
    """What is wrong in the running is said at its line, and the page's proof says no."""
    ran = run(case, "prove")

    assert (case / "expected.txt").read_text(encoding="utf-8") == ran.faults
    assert ran.status == 1
    assert "Traceback" not in ran.output
    assert '"proven": false' in (ran.root / "build/proof.json").read_text(encoding="utf-8")


@cases("proven")
def test_guide_is_proven(case: Path, run: Callable[..., Any]) -> None:
    """A good guide is proven, whatever it is about, and again from its proofs alone."""
    ran = run(case, "prove")

    assert ran.faults == ""
    assert ran.status == 0
    assert '"proven": false' not in (ran.root / "build/proof.json").read_text(encoding="utf-8")
