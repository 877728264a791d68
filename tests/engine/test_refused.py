"""Good guides and bad ones: each case is a guide, and what is said of it word for word."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"
Run = Callable[..., Any]


def cases(kind: str) -> pytest.MarkDecorator:
    """Give a parameter for each guide of a kind, named as its folder."""
    paths = sorted(p for p in (CASES / kind).iterdir() if p.is_dir())
    return pytest.mark.parametrize("case", [pytest.param(p, id=p.name) for p in paths])


@cases("refused")
def test_guide_is_refused_before_anything_is_written(case: Path, run: Run) -> None:
    """What is wrong in the reading is said at its line, and leaves no file behind."""
    before = {p.name for p in case.iterdir()} - {"expected.txt"}

    ran = run(case, "prove")

    assert (case / "expected.txt").read_text(encoding="utf-8") == ran.faults == ran.errors
    assert ran.status == 1
    assert {p.name for p in ran.root.iterdir()} == before


@pytest.mark.processes
@cases("unproven")
def test_page_is_not_proven(case: Path, run: Run) -> None:
    """What is wrong in the running is said at its line, and the page's proof says no."""
    ran = run(case, "prove")

    assert (case / "expected.txt").read_text(encoding="utf-8") == ran.faults
    assert ran.status == 1
    assert '"proven": false' in (ran.root / "build/proof.json").read_text(encoding="utf-8")


@pytest.mark.processes
@cases("proven")
def test_guide_is_proven(case: Path, run: Run) -> None:
    """A good guide is proven, whatever it is about and however its folders are called."""
    ran = run(case, "prove")

    assert ran.faults == ""
    assert ran.status == 0
    (union,) = ran.root.rglob("proof.json")
    assert '"proven": false' not in union.read_text(encoding="utf-8")


@pytest.mark.processes
def test_demonstration_that_raises_runs_once(run: Run) -> None:
    """A block that raises TypeError is not tried again, as pytest-markdown-docs would."""
    ran = run(CASES / "unproven/demonstration-that-raises-a-type-error", "prove")

    assert (ran.root / "build/run/sums/runs.txt").read_text(encoding="utf-8") == "once\n"


def test_command_line() -> None:
    """The module run as a command says the fault on standard error and ends with 1."""
    command = [sys.executable, "-m", "mdproof", "prove"]

    ended = subprocess.run(command, cwd=CASES / "refused/untitled-yaml", capture_output=True, text=True, check=False)

    assert (CASES / "refused/untitled-yaml/expected.txt").read_text(encoding="utf-8") == ended.stderr
    assert (ended.returncode, ended.stdout) == (1, "")


@pytest.mark.parametrize("arguments", [["prove", "docs/nowhere.md"], ["prove", "--nonsense"], ["nonsense"], []])
def test_wrong_usage_ends_with_2(arguments: list[str], run: Run) -> None:
    """A page that does not exist, an unknown option or command is wrong usage, not an unproven guide."""
    try:
        status = run(CASES / "proven/sums", *arguments).status
    except SystemExit as ended:
        status = ended.code

    assert status == 2
