"""A tool over every project, and where its findings are put."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mdproof.assemble.project import assemble
from mdproof.check import check
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
SUMS = f"""\
# Sums

{FENCE}python title="src/sums/__init__.py"
def add(one, other):
    return one + other
{FENCE}
"""
PLANS = f"""\
# Plans

{FENCE}python title="tests/guide/conftest.py"
PLAN = 1
{FENCE}
"""


def found(root: Path, tool: str, pages: Mapping[str, str]) -> list[str]:
    """Give what a tool, a Python script, finds in the projects of some pages."""
    for name, text in pages.items():
        page = root / "docs" / f"{name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    settings = load_settings(root)
    script = root / "tool.py"
    script.write_text(f"import os, pathlib, sys\n{tool}", encoding="utf-8")
    return [str(fault) for fault in check(settings, assemble(read_guide(settings)), [sys.executable, "-IS", str(script)])]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("src/sums/__init__.py:2: why", "docs/a/sums.md:5: src/sums/__init__.py: why"),
        ("src/sums/__init__.py:2:5: why", "docs/a/sums.md:5: src/sums/__init__.py: why"),
        ("./src/sums/__init__.py:1: why", "docs/a/sums.md:4: src/sums/__init__.py: why"),
        ("{os.getcwd()}/src/sums/__init__.py:1: why", "docs/a/sums.md:4: src/sums/__init__.py: why"),
        ("pyproject.toml:2: why", "docs/a/sums.md:1: pyproject.toml: why"),
        ("tests/guide/test_sums.py:7: why", "docs/a/sums.md:1: tests/guide/a/test_sums.py:7: why"),
    ],
    ids=["line", "column", "below here", "absolute", "generated", "deeper test"],
)
def test_a_finding_is_put_at_the_line_of_the_page(tmp_path: Path, said: str, expected: str) -> None:
    """However the tool writes the path; a line that is on no page is put at the page's first."""
    tool = f"print(f'{said}'); print(f'src/sums/__init__.py:1: note: look'); print('One error.'); sys.exit(1)"

    assert [expected] == found(tmp_path, tool, {"a/sums": SUMS})


def test_findings_of_a_tool_that_ends_well_are_none(tmp_path: Path) -> None:
    """Its status says whether anything is wrong."""
    assert [] == found(tmp_path, "print('src/sums/__init__.py:1: why')", {"a/sums": SUMS})


def test_a_tool_that_fails_without_a_finding_is_one(tmp_path: Path) -> None:
    """The page is told what it said, on both streams, in one line of no more than 500 characters."""
    tool = "print(' one\\n\\n two'); print('y' * 600, file=sys.stderr); sys.exit(3)"

    expected = f"docs/a/sums.md:1: `{sys.executable} -IS {tmp_path}/tool.py` ended with status 3: one two {'y' * 492}"
    assert [expected] == found(tmp_path, tool, {"a/sums": SUMS})


def test_a_tool_runs_in_a_copy_of_the_project_below_the_build_folder(tmp_path: Path) -> None:
    """Each page's has its own."""
    tool = "print('src/sums/__init__.py:1:', os.getcwd()); sys.exit(1)"

    here = f"{tmp_path}/build/check"
    expected = [f"docs/a/{name}.md:4: src/sums/__init__.py: {here}/a/{name}" for name in ("sums", "totals")]
    assert expected == found(tmp_path, tool, {"a/sums": SUMS, "a/totals": SUMS})


@pytest.mark.parametrize(("name", "text"), [("a/sums", SUMS), ("plans", PLANS)], ids=["new folder", "page's folder"])
def test_a_tool_sees_the_deeper_tests_of_a_page(tmp_path: Path, name: str, text: str) -> None:
    """They lie where they run, in a folder that the page may have given a file of its own."""
    deeper = load_settings(tmp_path).deeper_tests(name)
    deeper.parent.mkdir(parents=True)
    deeper.write_text("RESULT = 1", encoding="utf-8")
    tool = "[file] = pathlib.Path('tests/guide').glob('test_*.py'); print(f'{file}:1: {file.read_text()}'); sys.exit(1)"

    assert [f"docs/{name}.md:1: {deeper.relative_to(tmp_path)}:1: RESULT = 1"] == found(tmp_path, tool, {name: text})


def test_what_a_tool_says_need_not_be_utf_8(tmp_path: Path) -> None:
    """What can be read of it is shown."""
    tool = r"sys.stdout.buffer.write(b'src/sums/__init__.py:1: \xc3\xbc \xff'); sys.exit(1)"

    assert ["docs/a/sums.md:4: src/sums/__init__.py: ü �"] == found(tmp_path, tool, {"a/sums": SUMS})
