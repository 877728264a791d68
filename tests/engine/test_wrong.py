"""A Don't put into a project, and whether it fails as it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise import wrong
from mdproof.exercise.job import Job, Measured, Outcome
from mdproof.exercise.processor import Zygote
from mdproof.exercise.wrong import Caught, catch, is_named, wrong_project
from mdproof.fault import Fault, Place, Refused
from mdproof.model import Role
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
FILES = {
    "src/shop/__init__.py": "def price(number):\n    return number\n\n\nLIMIT = 3\nKIND = 'small'\n",
    "src/shop/parts.py": "from functools import cache\n\n\n@cache\ndef part():\n    return 'nut'\n\n\nKIND = 'part'\n",
    "tests/conftest.py": "def price():\n    return 1\n\n\ndef shelf():\n    return 2\n\n\ndef ware():\n    return 3\n",
    "tests/test_shop.py": "def ware():\n    return 4\n\n\ndef test_shop():\n    assert ware()\n",
}


def shown(code: str, title: str = "", language: str = "python") -> str:
    """Give a block of a page, titled or not."""
    return f"{FENCE}{language}{title and f' title={title!r}'}\n{code}{FENCE}\n"


def project(root: Path, *blocks: str, fails: str = "`tests/test_shop.py::test_shop`") -> Project:
    """Give the project of a page that has a Don't, its box from line 3 on."""
    body = "\n".join(["Mind.\n", *blocks, f"Fails {fails}.\n"])
    box = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    files = "\n".join(shown(code, path) for path, code in FILES.items())
    (root / "docs").mkdir()
    (root / "docs/shop.md").write_text(f'# Shop\n\n!!! failure "Don\'t"\n\n{box}\n{files}', encoding="utf-8")
    return assemble(read_guide(load_settings(root)))["shop"]


def spoiled(page: Project) -> Project:
    """Give the project with its Don't in it."""
    return wrong_project(page, page.page.counterexamples[0])


SPREAD = """\
from os import sep


@cache
def part():
    # A comment.
    return "bolt"


LIMIT = 4


def price(number):
    return number + LIMIT
"""


def test_definitions_go_where_their_names_are(tmp_path: Path) -> None:
    """Each takes the place of the one that bears its name, in the file that has it, and keeps its line of the page."""
    page = project(tmp_path, shown(SPREAD))
    files, first = spoiled(page).files, 8

    assert {
        **page.texts,
        "src/shop/__init__.py": "from os import sep\n\ndef price(number):\n    return number + LIMIT\n\n\nLIMIT = 4\nKIND = 'small'\n",
        "src/shop/parts.py": FILES["src/shop/parts.py"]
        .replace("    return 'nut'", '    # A comment.\n    return "bolt"')
        .replace("import cache\n", "import cache\nfrom os import sep\n"),
    } == spoiled(page).texts
    assert [Place("docs/shop.md", first + n) for n in (12, 13)] == [line.origin for line in files["src/shop/__init__.py"][2:4]]
    assert [Place("docs/shop.md", first + n) for n in (3, 4, 5, 6)] == [line.origin for line in files["src/shop/parts.py"][4:8]]
    assert page.files["tests/conftest.py"] == files["tests/conftest.py"]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("def price(number):\n    return 0\n", "src/shop/__init__.py"),
        ("def shelf():\n    return 0\n", "tests/conftest.py"),
    ],
)
def test_a_name_of_the_package_is_meant_rather_than_one_of_its_tests(tmp_path: Path, code: str, path: str) -> None:
    """What only the tests have can be spoiled too."""
    page = project(tmp_path, shown(code))

    assert {path} == {p for p, text in spoiled(page).texts.items() if text != page.texts[p]}


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("nothing", "no file"),
        ("KIND", "src/shop/__init__.py and src/shop/parts.py"),
        ("ware", "tests/conftest.py and tests/test_shop.py"),
    ],
)
def test_a_name_that_not_one_file_defines_is_refused(tmp_path: Path, name: str, where: str) -> None:
    """The message says which do, at the line of the definition."""
    with pytest.raises(Refused) as refused:
        spoiled(project(tmp_path, shown(f"LIMIT = 4\n{name} = 5\n")))

    why = f"{where} of the project defines {name!r}, so this Don't cannot replace it."
    message = f"{why} Title the block with the file's path and give the file whole."
    assert (Fault(Place("docs/shop.md", 9), message),) == refused.value.faults


CONSOLE = shown("$ true\n", language="console")


def test_a_titled_block_is_the_whole_file(tmp_path: Path) -> None:
    """Steps of the box, before it or after it, spoil nothing."""
    page = project(tmp_path, CONSOLE, shown("LIMIT = 5\n", "src/shop/parts.py"), CONSOLE)
    files = spoiled(page).files

    assert {**page.texts, "src/shop/parts.py": "LIMIT = 5\n"} == spoiled(page).texts
    assert [Place("docs/shop.md", 12)] == [line.origin for line in files["src/shop/parts.py"]]


def test_a_file_that_is_not_there_cannot_be_spoiled(tmp_path: Path) -> None:
    """It is refused at the block."""
    with pytest.raises(Refused) as refused:
        spoiled(project(tmp_path, shown("LIMIT = 5\n", "src/shop/part.py")))

    message = "the project has no src/shop/part.py that this Don't could spoil. Mind the path."
    assert (Fault(Place("docs/shop.md", 7), message),) == refused.value.faults


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tests/test_a.py::test_one", True),
        ("tests/test_a.py::test_one[1]", True),
        ("tests/test_a.py::test_one::inner", True),
        ("tests/test_a.py::test_one_more", False),
        ("tests/test_a.py", False),
    ],
)
def test_a_name_without_parameters_means_all_of_them(test: str, *, expected: bool) -> None:
    """A name that only begins alike is another."""
    assert expected == is_named(test, "tests/test_a.py::test_one")


ONE, TWO, DEEP = "tests/test_a.py::test_one", "tests/test_a.py::test_two", "tests/guide/test_shop.py::test_deep"
BLOCK = "block-1"


@dataclass
class Session:
    """A page's process, written down instead of run: every test passes that is not among the outcomes."""

    items: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    broken: tuple[Outcome, ...] = ()
    job: list[Job] = field(default_factory=list)
    done: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, test: str, following: str) -> Outcome:
        """Give what is written of a test."""
        self.done.append((test, following))
        return next((o for o in self.outcomes if o.id == test), Outcome(test, "passed", message="It passes."))

    def finish(self) -> None:
        """Note that it was ended."""
        self.done.append(())


def caught(page: Project, session: Session, monkeypatch: pytest.MonkeyPatch, root: Path, measured: Measured | None = None) -> Caught:
    """Judge the Don't of a page by what is written down."""
    zygote = Zygote(())

    def started(asked: Zygote, job: Job) -> Session:
        assert zygote is asked
        session.job.append(job)
        return session

    monkeypatch.setattr(wrong, "PageProcess", started)
    return catch(load_settings(root), zygote, page, page.page.counterexamples[0], measured)


SPOILED = shown("def price(number):\n    return 0\n")


def failed(test: str, message: str, when: str = "call", kind: str = "AssertionError") -> Outcome:
    """Give a test's failure."""
    return Outcome(test, "failed", when=when, message=message, kind=kind)


NAMED = f"`{ONE}` and `{DEEP}`: `is  too\n    much`"


@pytest.mark.parametrize("kind", ["AssertionError", "assert 1 == 2", "Failed"])
def test_a_dont_is_caught_by_the_tests_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Others that a reader takes along are run with them, deeper ones not; its own steps are run in its own copy, unmeasured."""
    page = project(tmp_path, SPOILED, CONSOLE, fails=NAMED)
    one = f"{ONE}[1]"
    outcomes = (failed(one, "It is too\nmuch.", kind=kind), failed(DEEP, "No.", kind=kind))
    session = Session((one, "tests/guide/test_shop.py::test_other", TWO, BLOCK, DEEP), outcomes)

    found = caught(page, session, monkeypatch, tmp_path)

    assert Caught(page.page.counterexamples[0], (one, DEEP), "It is too\nmuch.", ()) == found
    assert [(one, TWO), (TWO, BLOCK), (BLOCK, DEEP), (DEEP, ""), ()] == session.done
    (job,) = session.job
    assert ("shop.dont-1", [Role.CONSOLE], False) == (Path(job.folder).name, [b.role for b in job.blocks], job.measure)
    assert (Path(job.folder) / "src/shop/__init__.py").read_text(encoding="utf-8").startswith("def price(number):\n    return 0\n")


def test_what_a_dont_cannot_reach_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is known what each test runs, those that ran the change are, and what the Don't names and shows."""
    page = project(tmp_path, SPOILED, CONSOLE, fails=f"`{ONE}`")
    measured = Measured(contexts={"src/shop/__init__.py": {2: (TWO, DEEP)}})
    session = Session((ONE, TWO, "tests/test_a.py::test_three", BLOCK, DEEP), (failed(ONE, "No."),))

    caught(page, session, monkeypatch, tmp_path, measured)

    assert [(ONE, TWO), (TWO, BLOCK), (BLOCK, ""), ()] == session.done


def test_a_dont_that_does_not_start_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing that broke is why."""
    page = project(tmp_path, SPOILED)
    session = Session((ONE,), (), (failed("", "...No X..\nMore."), failed("", "Another.")))

    found = caught(page, session, monkeypatch, tmp_path)

    why = "this Don't does not import, so it fails for another reason than it gives: ...No X"
    fault = Fault(Place("docs/shop.md", 3), f"{why}. Let it start, and go wrong in a test.")
    assert Caught(page.page.counterexamples[0], (), "...No X..\nMore.", (fault,)) == found
    assert [()] == session.done


SAYS_OTHERWISE = r"no failure of this Don't says 'is  too\n    much'; it says: .X Another X. Quote what it says."


@pytest.mark.parametrize(
    ("outcomes", "messages"),
    [
        ((), [f"{named} passes with this Don't in place. Name a test that catches it, or write one." for named in (ONE, DEEP)]),
        ((failed(ONE, "too"), failed(DEEP, "It is too much")), []),
        ((failed(ONE, ".X Another X.\nIt is too"), failed(DEEP, "much")), []),
        ((failed(ONE, ".X Another X."), failed(DEEP, "It was")), [SAYS_OTHERWISE]),
        (
            (failed(ONE, "is too much"), failed(TWO, ".X Red X.."), failed(DEEP, "No")),
            [f"this Don't also fails {TWO}, which it does not name: .X Red X. Name it, or narrow the Don't."],
        ),
        (
            (failed(ONE, "is too much", kind="KeyError"), failed(DEEP, ".X Red X..", when="setup")),
            [
                f"{ONE} fails in call and not by an assertion: is too much. Let the test assert what goes wrong.",
                f"{DEEP} fails in setup and not by an assertion: .X Red X. Let the test assert what goes wrong.",
            ],
        ),
    ],
)
def test_a_dont_must_fail_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcomes: tuple[Outcome, ...], messages: list[str]
) -> None:
    """By the tests it names and no others, by their assertions, and with its words, however they are broken into lines."""
    page = project(tmp_path, SPOILED, fails=NAMED)

    found = caught(page, Session((ONE, TWO, DEEP), outcomes), monkeypatch, tmp_path)

    assert [Fault(Place("docs/shop.md", 3), message) for message in messages] == list(found.faults)
    assert (tuple(o.id for o in outcomes), outcomes[0].message if outcomes else "") == (found.by, found.message)


def test_a_dont_names_tests_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another name is said to be one."""
    found = caught(project(tmp_path, SPOILED, fails=f"`{ONE}`"), Session((TWO,)), monkeypatch, tmp_path)

    message = f"this Don't names {ONE}, and the project has no such test. Mind the spelling."
    assert (Fault(Place("docs/shop.md", 3), message),) == found.faults


def test_what_stands_between_words_is_nothing_a_failure_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever spaces are taken for."""
    page = project(tmp_path, SPOILED, fails=f"`{ONE}`: `X`")

    found = caught(page, Session((ONE,), (failed(ONE, "No such."),)), monkeypatch, tmp_path)

    message = "no failure of this Don't says 'X'; it says: No such. Quote what it says."
    assert (Fault(Place("docs/shop.md", 3), message),) == found.faults
