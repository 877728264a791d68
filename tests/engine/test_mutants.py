"""The mutants of a page: of its own lines of guide code, and of what its tests stand on."""

from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.fault import Place
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.mutants import LONGEST, mutants, repeated, support
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
PATH = "src/sums/__init__.py"
SUMS = f"""\
# Sums

{FENCE}python title="{PATH}"
LIMIT = 41
def twice(n):
    return n * 2
THIRD = 4
{FENCE}
"""
MORE = f"""\
---
builds_on: [sums]
---

# More sums

{FENCE}python {{title="{PATH}" .append}}
def told(n: "int") -> "str":
    "Tell a number."
    if n:
        print(n)
        print(n)
        print(n)
{FENCE}

{FENCE}text title="src/sums/one.txt"
One.
{FENCE}

{FENCE}text title="src/sums/two.txt"
Two.
{FENCE}

{FENCE}python title="tests/test_sums.py"
CASES = 3
def test_one(number=1):
    assert number == 1
class TestMore:
    def test_two(self, number=2):
        assert number == 2
def helped(number=4):
    return number
{FENCE}

{FENCE}text title="tests/told.txt"
This is no Python.
{FENCE}

{FENCE}console
$ ls
{FENCE}
"""


def projects(root: Path, *pages: str) -> dict[str, Project]:
    """Give the projects of a guide whose pages are these, named by number."""
    (root / "docs").mkdir()
    names = ("sums", "more")
    for name, page in zip(names, pages, strict=False):
        (root / f"docs/{name}.md").write_text(page, encoding="utf-8")
    return assemble(read_guide(load_settings(root)))


def of_code(root: Path, code: str) -> list[Mutant]:
    """Give the mutants of a file of guide code."""
    return list(mutants(projects(root, f'# Sums\n\n{FENCE}python title="{PATH}"\n{code}{FENCE}\n')["sums"]))


def test_a_page_has_its_own_code_and_its_steps_changed(tmp_path: Path) -> None:
    """No test is, nor what an earlier page gives; of other files each block is blanked."""
    found = list(mutants(projects(tmp_path, SUMS, MORE)["more"]))

    assert {PATH, "src/sums/one.txt", "src/sums/two.txt", "docs/more.md"} == {m.path for m in found}
    assert {"docs/more.md"} == {m.place.path for m in found}
    assert [("src/sums/one.txt", 16, (1,)), ("src/sums/two.txt", 20, (1,)), ("docs/more.md", 40, ())] == [
        (m.path, m.place.line, m.lines) for m in found if not m.path.endswith(".py")
    ]


def test_the_same_change_of_the_same_line_has_an_id_of_its_own(tmp_path: Path) -> None:
    """They are counted."""
    dropped = [m for m in mutants(projects(tmp_path, SUMS, MORE)["more"]) if m.what == "drop_statement: print(n) -> pass"]

    assert ["print(n) 8", "print(n) 8 1", "print(n) 8 2"] == [m.spot for m in dropped]
    assert 3 == len({m.id for m in dropped})


def test_an_annotation_and_a_docstring_are_left_alone(tmp_path: Path) -> None:
    """A change of them is none of behaviour; that of a branch keeps its indentation."""
    text = 'def told(n: "int"):\n    "Tell a number."\n    if n:\n        print(n)\n'
    found = of_code(tmp_path, text)

    assert [] == [m.what for m in found if "int" in m.what.replace("print", "") or "Tell" in m.what]
    assert [text.replace("if n:", "if True:"), text.replace("if n:", "if False:")] == [
        m.text for m in found if m.what.startswith("decide_always")
    ]


@pytest.mark.parametrize("letters", [LONGEST - 2, LONGEST - 1])
def test_code_that_is_long_is_cut_where_it_is_shown(tmp_path: Path, letters: int) -> None:
    """Then the whole of it tells one change from the next."""
    code = f'"{"a" * letters}"'
    (mutant,) = [m for m in of_code(tmp_path, f"X = 1\nWORD = {code}\n") if m.text.endswith(f"WORD = {code.upper()}\n")]

    cut = len(code) > LONGEST
    shown = f"{code[:LONGEST]}…" if cut else code
    assert f"string: {shown} -> {shown.upper()}" == mutant.what
    assert f"WORD = {code} 7{code.upper() if cut else ''}" == mutant.spot


def test_what_an_earlier_page_defines_word_for_word_is_changed_there(tmp_path: Path) -> None:
    """A step, another file, and a definition that differs, are the page's own."""
    own = SUMS.replace("41", "40").replace("THIRD = 4", "THIRD = 3")
    (tmp_path / "parent").mkdir()
    project, parent = (
        projects(tmp_path, own)["sums"],
        projects(tmp_path / "parent", f"{SUMS}\n{FENCE}text title='a.txt'\nNo Python.\n{FENCE}\n"),
    )

    is_repeated = repeated(project, list(parent.values()))

    place = Place("docs/sums.md", 4)
    found = [is_repeated(Mutant(PATH, place, lines, "", "", "")) for lines in ((1,), (2,), (3, 4), (4,), ())]
    assert [False, True, True, False, False] == found
    assert not is_repeated(Mutant("src/sums/two.py", place, (2,), "", "", ""))


def test_what_tests_stand_on_is_changed_and_no_test_is(tmp_path: Path) -> None:
    """Neither a function nor a class of them, from the first line to the last."""
    found = {(m.path, line) for m in support(projects(tmp_path, SUMS, MORE)["more"]) for line in m.lines}

    assert {("tests/test_sums.py", 1), ("tests/test_sums.py", 7), ("tests/test_sums.py", 8), ("tests/told.txt", 1)} == found
