"""Which test noticed which change last time."""

from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.mutate.hints import read_hints, write_hints
from mdproof.mutate.verdict import KILLED, SURVIVED, Verdict
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

PAGES = ("part/more", "part/sums")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a guide with pages in a part."""
    (tmp_path / "docs/part").mkdir(parents=True)
    for page in PAGES:
        (tmp_path / f"docs/{page}.md").write_text("# A page\n", encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def projects(settings: Settings) -> dict[str, Project]:
    """Give the projects of its pages."""
    return assemble(read_guide(settings))


def verdict(mutant: str, by: str) -> Verdict:
    """Give what became of a mutant; it survived without a test that noticed it."""
    return Verdict(mutant, "docs/part/more.md:1", "number: 1 -> 2", KILLED if by else SURVIVED, by)


def test_hints_are_written_for_people_who_compare_them(settings: Settings, projects: dict[str, Project]) -> None:
    """Whatever the order of the verdicts, the file is the same, one mutant a line; it is written anew each time."""
    found = [verdict("c", "test_two"), verdict("b", "test_one"), verdict("d", ""), verdict("a", "test_two")]

    for _ in range(2):
        write_hints(settings, projects["part/more"], found)

    expected = '{\n "test_one": [\n  "b"\n ],\n "test_two": [\n  "a",\n  "c"\n ]\n}\n'
    assert expected == (settings.root / "tests/mutation/noticed/part/more.json").read_text(encoding="utf-8")


def test_a_page_with_the_same_line_gives_a_hint(settings: Settings, projects: dict[str, Project]) -> None:
    """What noticed a change there is likely here as well; what the page itself has on record goes before."""
    write_hints(settings, projects["part/more"], [verdict("b", "tests/test_own.py::test")])
    write_hints(settings, projects["part/sums"], [verdict("a", "tests/test_sums.py::test"), verdict("b", "tests/test_sums.py::test")])

    assert {"a": "tests/test_sums.py::test", "b": "tests/test_own.py::test"} == read_hints(settings, projects["part/more"])


@pytest.mark.parametrize("text", ["{", '["x"]', '{"test": 1}', "\N{LATIN SMALL LETTER U WITH DIAERESIS}"])
def test_a_damaged_record_gives_no_hint(settings: Settings, projects: dict[str, Project], text: str) -> None:
    """Those of other pages count all the same."""
    write_hints(settings, projects["part/sums"], [verdict("a", "test")])
    (settings.root / "tests/mutation/noticed/part/more.json").write_text(text, encoding="latin-1")

    assert {"a": "test"} == read_hints(settings, projects["part/more"])


def test_without_a_record_there_is_no_hint(settings: Settings, projects: dict[str, Project]) -> None:
    """No hunt has ended yet."""
    assert {} == read_hints(settings, projects["part/more"])
