"""Which tests a change can reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mdproof.assemble.lines import Line
from mdproof.assemble.project import Project, assemble
from mdproof.exercise.affected import affected
from mdproof.exercise.job import Measured
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

PATH = "src/sums.py"
SOURCE = """\
import math
from os import path, sep as between

from .units import UNIT

RATE = 2


def plain(number, by=RATE):
    return number * by


def cut(number):
    return math.floor(number)


class Sum:
    def of(self):
        return 1


class Said:
    "A word."

    def first(self):
        return 3

    def last(self):
        return 2
"""
RAN = Measured(
    contexts={
        PATH: {
            10: ("tests/test_a.py::test_plain",),
            11: ("tests/test_e.py::test_of_nothing",),
            14: ("tests/test_a.py::test_cut", "tests/test_a.py::test_plain"),
            19: ("tests/test_c.py::test_of",),
            26: ("tests/test_c.py::test_first",),
        }
    },
    opened={PATH: ("", "tests/test_b.py::test_reads_files")},
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a project of one module."""
    (tmp_path / "docs").mkdir()
    fence = "```"
    (tmp_path / "docs/sums.md").write_text(f'# Sums\n\n{fence}python title="{PATH}"\n{SOURCE}{fence}\n', encoding="utf-8")
    return assemble(read_guide(load_settings(tmp_path)))["sums"]


def changed(project: Project, old: str, new: str) -> Project:
    """Give the project with a text of its module replaced."""
    lines = tuple(Line(line, None) for line in SOURCE.replace(old, new).splitlines())
    assert lines != tuple(Line(line, None) for line in SOURCE.splitlines())
    return replace(project, files={**project.files, PATH: lines})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("number * by", "number + by", {"test_a.py::test_plain", "test_b.py::test_reads_files"}),
        ("math.floor", "math.ceil", {"test_a.py::test_plain", "test_a.py::test_cut", "test_b.py::test_reads_files"}),
        ("return 1", "return 2", {"test_b.py::test_reads_files", "test_c.py::test_of"}),
        ("return 3", "return 4", {"test_b.py::test_reads_files", "test_c.py::test_first"}),
        ("A word.", "Another.", {"test_b.py::test_reads_files"}),
        ('    "A word."\n\n', "", {"test_b.py::test_reads_files"}),
        ("import math", "import json\nimport math", {"test_b.py::test_reads_files"}),
        ("import math", "import json.decoder\nimport math", {"test_b.py::test_reads_files"}),
    ],
)
def test_a_body_reaches_the_tests_that_ran_it(project: Project, old: str, new: str, expected: set[str]) -> None:
    """So does the file, those that read it; an import with a new name changes nothing."""
    assert {f"tests/{test}" for test in expected} == affected(project, changed(project, old, new), RAN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 2", "RATE = 3"),
        ("by=RATE", "by=3"),
        ("def cut", "@staticmethod\ndef cut"),
        ("def cut", "async def cut"),
        ("return 1", "return 2\n\n    more = 1"),
        ("class Sum:", "class Sum(dict):"),
        ("class Sum:", "class Sum:\n    print(RATE)"),
        ("def cut(number):\n", "def plain(number):\n    return 0\n\n\ndef cut(number):\n"),
        ("def cut(", "def more(number):\n    return number\n\n\ndef cut("),
        ("import math\n", "import json as math\n"),
        ("import math\n", "import math\nimport cut.off\n"),
        ("sep as between", "pardir as between"),
        ("from .units", "from ..units"),
        ("from .units", "from .sums"),
        ("UNIT\n", "UNIT\nfrom json import loads as plain\n"),
        ("RATE = 2", "RATE = 2\nprint(RATE)"),
    ],
)
def test_what_runs_at_import_reaches_any_test(project: Project, old: str, new: str) -> None:
    """A constant, a default, a decorator, a class, a name that is taken: nobody knows whom it reaches."""
    assert affected(project, changed(project, old, new), RAN) is None


def test_what_ran_elsewhere_reaches_any_test(project: Project) -> None:
    """A line that ran at import, or in a process that a test started, is credited to no test."""
    ran = replace(RAN, contexts={PATH: {10: ("", "tests/test_a.py::test_plain")}})

    assert affected(project, changed(project, "number * by", "number"), ran) is None


@pytest.mark.parametrize(("test", "expected"), [("tests/test_f.py::test_calls", {"tests/test_f.py::test_calls"}), ("", None)])
def test_what_ran_in_a_process_reaches_whose_that_is(project: Project, test: str, expected: set[str] | None) -> None:
    """A process that several tests use is nobody's, so it may be any of them."""
    ran = Measured(processes={PATH: {10: (test,)}})

    assert expected == affected(project, changed(project, "number * by", "number"), ran)


def test_who_starts_a_process_is_always_reached(project: Project) -> None:
    """What runs there is not known for sure."""
    ran = replace(RAN, opened={}, started=("tests/test_d.py::test_starts",))

    assert {"tests/test_a.py::test_plain", "tests/test_d.py::test_starts"} == affected(
        project, changed(project, "number * by", "number"), ran
    )


def test_another_file_reaches_any_test(project: Project) -> None:
    """Settings and templates have no bodies."""
    spoiled = replace(project, files={**project.files, "pyproject.toml": (Line("", None),)})

    assert affected(project, spoiled, RAN) is None
