"""What was found of a page's mutants, kept from run to run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.mutate.log import Log
from mdproof.mutate.verdict import KILLED, SURVIVED, Tie, Verdict
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

FENCE = "```"
PAGE = f"""\
# Sums

{FENCE}python title="src/sums/__init__.py"
ONE = 1
{FENCE}

{FENCE}python title="tests/conftest.py"
SHARED = 2
{FENCE}

{FENCE}python title="tests/test_one.py"
def test_one():
    assert 3
{FENCE}

{FENCE}python title="tests/test_two.py"
def test_two():
    assert 4
{FENCE}

{FENCE}console
$ ls
{FENCE}

Prose.
"""
ONE, TWO, DEEPER = "tests/test_one.py::TestOne::test_one[a::b]", "tests/test_two.py::test_two", "tests/guide/test_sums.py::test_sums"
NOBODY = ""
ALL = (ONE, TWO, DEEPER, NOBODY)


def project(settings: Settings) -> Project:
    """Give the project of the page as it is now."""
    return assemble(read_guide(settings))["part/sums"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a guide with deeper tests of its page."""
    (tmp_path / "docs/part").mkdir(parents=True)
    (tmp_path / "docs/part/sums.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "tests/guide/part").mkdir(parents=True)
    (tmp_path / "tests/guide/part/test_sums.py").write_text('"""Für alle."""\n', encoding="utf-8")
    return load_settings(tmp_path)


def verdict(by: str) -> Verdict:
    """Give what became of a mutant."""
    return Verdict(f"of {by}", "docs/part/sums.md:4", "number: 1 -> 2", KILLED if by else SURVIVED, by)


def test_findings_are_given_again_by_their_kind(settings: Settings) -> None:
    """Whoever looks next has them in the order in which they were made, and one that was cut off does no harm."""
    found = [verdict(ONE), Tie("CA-001", "docs/part/sums.md:4", "number: 1 -> 2", ONE), verdict(TWO)]
    assert [] == list(Log(settings, project(settings)).read(Verdict))

    for one in found:
        Log(settings, project(settings)).write(one)
        (kept,) = (settings.root / "build/mutants/part").glob(f"sums.{'?' * 16}.jsonl")
        with kept.open("ab") as file:
            file.write(b'["", {"id\n')

    log = Log(settings, project(settings))
    assert [found[0], found[2]] == list(log.read(Verdict))
    assert [found[1]] == list(log.read(Tie))


def _edited(before: str, after: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        page = root / "docs/part/sums.md"
        page.write_text(page.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")

    return edit


def _deepened(root: Path) -> None:
    (root / "tests/guide/part/test_sums.py").write_text('"""Für andere."""\n', encoding="utf-8")


def _moved(root: Path) -> None:
    page = root / "docs/part/sums.md"
    title, first, second, *others = PAGE.split(f"\n{FENCE}python")
    page.write_text(f"\n{FENCE}python".join([title, second, first, *others]), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_edited("Prose.", "Prose."), ALL),
        (_edited("Prose.", "More prose."), (ONE, TWO, DEEPER)),
        (_edited("assert 3", "assert 5"), (TWO, DEEPER)),
        (_edited("test_one.py", "test_other.py"), (TWO, DEEPER)),
        (_deepened, (ONE, TWO)),
        (_moved, (ONE, TWO, DEEPER)),
        (_edited("ONE = 1", "ONE = 6"), ()),
        (_edited("SHARED = 2", "SHARED = 6"), ()),
        (_edited("$ ls", "$ ls src"), ()),
    ],
    ids=["nothing", "prose", "test", "file of a test", "deeper tests", "order", "code", "fixtures", "step"],
)
def test_a_finding_holds_as_long_as_what_it_stands_on(
    settings: Settings, change: Callable[[Path], None], expected: tuple[str, ...]
) -> None:
    """That is the test that noticed and what all tests share; where none noticed, all of the page."""
    log = Log(settings, project(settings))
    for by in ALL:
        log.write(verdict(by))

    change(settings.root)

    assert expected == tuple(v.by for v in Log(settings, project(settings)).read(Verdict))
