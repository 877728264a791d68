"""The session of a page's project: what it offers, what it runs when it is told to, what it tells of that."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from mdproof.assemble.project import assemble
from mdproof.exercise import inner
from mdproof.exercise.child import ARGUMENTS
from mdproof.exercise.copy import prepare
from mdproof.exercise.inner import Session
from mdproof.exercise.job import Change, Job, Outcome
from mdproof.exercise.services import Services
from mdproof.exercise.steps import Stage
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
FINISH = ("finish",)
Answers = list[Any]


@dataclass
class Credit:
    """Stands in for what records lines, which would watch this process to its end."""

    credited: list[str] = field(default_factory=list)
    is_alone: bool = True

    def switch(self, test: str) -> None:
        """Keep to whom is credited."""
        self.credited.append(test)


class Page:
    """The project of one page, whose session is run in this process."""

    def __init__(self, root: Path) -> None:
        """Have no page yet."""
        self.root, self.credit = root, Credit()
        self.change: Change | None = None
        """What the next fork is asked for; there is none as long as it is not given."""

    def job(self, *blocks: tuple[str, str]) -> Job:
        """Write a page of blocks, each what stands behind its fence and its lines, and prepare its run."""
        text = "# Sums\n" + "".join(f"\n{FENCE}{info}\n{source}\n{FENCE}\n" for info, source in blocks)
        (self.root / "docs").mkdir(exist_ok=True)
        (self.root / "docs/sums.md").write_text(text, encoding="utf-8")
        settings = load_settings(self.root)
        (project,) = assemble(read_guide(settings)).values()
        return replace(prepare(settings, project, blocks=project.page.blocks), measure=False)

    def split(self, connection: Connection, _services: object) -> tuple[Connection, Change | None]:
        """Be the fork, if it is given a change."""
        return connection, self.change

    def run(self, job: Job, *commands: tuple[str, ...], arguments: tuple[str, ...] = ()) -> Answers:
        """Give what the session answers to some commands that wait for it."""
        theirs, ours = Pipe()
        for command in (*commands, FINISH):
            theirs.send(command)
        os.chdir(job.folder)
        pytest.main([*ARGUMENTS, *arguments, *job.tests], plugins=[Session(job, ours, Services(()), self.credit)])
        ours.close()
        return list(_received(theirs))

    def outcomes(self, job: Job, *tests: str) -> list[Outcome]:
        """Run some tests, one after the other; give what became of them."""
        _, *answers = self.run(job, *(("run", test, following) for test, following in zip(tests, [*tests[1:], ""], strict=True)))
        return [answer[1] for answer in answers]


def _received(connection: Connection) -> Iterator[Any]:
    while connection.poll():
        try:
            yield connection.recv()
        except EOFError:
            return


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Give a page whose session leaves nothing of its project behind."""
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    page = Page(tmp_path)
    monkeypatch.setattr(inner, "Fork", lambda _: page)
    yield page
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def file_of(source: str) -> tuple[str, str]:
    """Give the block of a test file."""
    return 'python title="tests/test_sums.py"', source


TWO = file_of("def test_one():\n    assert 1 == len('a')\n\n\ndef test_two():\n    assert 2 == len('ab')")
IDS = ["tests/test_sums.py::test_one", "tests/test_sums.py::test_two"]


def test_all_that_can_be_run_is_offered(page: Page) -> None:
    """Tests by their ids, a page's blocks by their numbers in the order of kinds, and last what stops servers, the latest first."""
    job = page.job(
        ('console title="Server"', "$ uv run serve"), ("console", "$ true"), ("python", "assert 1 == len('a')"), TWO,
        ('console title="Worker"', "$ uv run work"), ("http", "GET /\n\nHTTP/1.1 200 OK"),
    )  # fmt: skip

    answers = page.run(job)

    blocks = ["block-3", "block-1", "block-2", "block-5", "block-6"]
    assert [("items", [*blocks, *IDS, "block-5-stop", "block-1-stop"], [], True)] == answers


@pytest.mark.parametrize(("threads", "fork", "forks"), [(0, True, True), (1, True, False), (0, False, False)])
def test_a_session_says_whether_it_can_be_forked(
    threads: int, page: Page, monkeypatch: pytest.MonkeyPatch, *, fork: bool, forks: bool
) -> None:
    """Threads would be missing in the fork, and not every machine has forks."""
    ended = threading.Event()
    job = page.job(TWO)
    for _ in range(threads):
        threading.Thread(target=ended.wait).start()
    if not fork:
        monkeypatch.delattr(os, "fork")

    (offer,) = page.run(job)
    ended.set()

    assert ("items", IDS, [], forks) == offer


OUTCOMES = """\
import pytest


@pytest.fixture
def none():
    raise LookupError("no such thing")


@pytest.fixture
def broken():
    yield
    raise OSError("cannot be closed")


def test_holds():
    print("held")


def test_fails():
    print("told")
    assert 1 == len("ab")


def test_skips():
    pytest.skip("not today")


@pytest.mark.xfail(reason="some day")
def test_gives_up():
    assert 1 == len("ab")


@pytest.mark.xfail(reason="some day", strict=False)
def test_holds_after_all():
    assert 1 == len("a")


def test_lacks(none):
    pass


def test_leaves(broken):
    pass


def test_fails_twice(broken):
    assert 1 == len("ab")
"""


ONE_IS_TWO = "AssertionError: assert 1 == 2\n +  where 2 = len('ab')"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("holds", ("passed", "teardown", "", "", None)),
        ("fails", ("failed", "call", "AssertionError", ONE_IS_TWO, ("docs/sums.md", 24))),
        ("skips", ("skipped", "call", "Skipped", "not today", None)),
        ("gives_up", ("skipped", "call", "AssertionError", ONE_IS_TWO, ("docs/sums.md", 33))),
        ("holds_after_all", ("skipped", "call", "", "", None)),
        ("lacks", ("failed", "setup", "LookupError", "LookupError: no such thing", ("docs/sums.md", 9))),
        ("leaves", ("failed", "teardown", "OSError", "OSError: cannot be closed", ("docs/sums.md", 15))),
        ("fails_twice", ("failed", "call", "AssertionError", ONE_IS_TWO, ("docs/sums.md", 50))),
    ],
)
def test_an_outcome_says_where_and_why(name: str, expected: tuple[object, ...], page: Page) -> None:
    """The first that fails counts, what is skipped or expected to fail is skipped, and its place is on the page."""
    (one,) = page.outcomes(page.job(file_of(OUTCOMES)), f"tests/test_sums.py::test_{name}")

    assert expected == (one.outcome, one.when, one.kind, one.message, one.place)


REPORTING = """\
def pytest_report_to_serializable(config):
    config.add_cleanup(print)


def pytest_report_from_serializable(config):
    config.add_cleanup(print)"""


def test_what_a_project_makes_of_reports_is_given_its_configuration(page: Page) -> None:
    """As pytest does."""
    job = page.job(('python title="tests/conftest.py"', REPORTING), file_of("def test_one():\n    assert 1 == len('ab')"))

    assert ["failed"] == [one.outcome for one in page.outcomes(job, IDS[0])]


def test_a_test_is_known_by_its_whole_id(page: Page) -> None:
    """Whatever it is parametrised with, even something like what a page's blocks are called."""
    source = "import pytest\n\n\n@pytest.mark.parametrize('name', ['tea.md::block-1'])\ndef test_one(name):\n    assert name"

    ((_, items, _, _),) = page.run(page.job(file_of(source)))

    assert [f"{IDS[0]}[tea.md::block-1]"] == items


def test_an_outcome_says_what_was_printed(page: Page) -> None:
    """Once, however many reports of the test repeat it; a report is given at page lines, and none of what holds."""
    held, failed, skipped = page.outcomes(page.job(file_of(OUTCOMES)), *(f"tests/test_sums.py::test_{name}" for name in TOLD))

    assert [(("Captured stdout call", "held\n"),), (("Captured stdout call", "told\n"),), ()] == [
        o.sections for o in (held, failed, skipped)
    ]
    assert ("", True) == (held.text, 0 < held.seconds < 60)
    assert failed.text.endswith("docs/sums.md:24: AssertionError")


TOLD = ("holds", "fails", "skips")


def test_a_block_that_shows_something_else_is_placed_where_it_shows_it(page: Page) -> None:
    """The message is what the comparison says, without where."""
    shown = ("console", "$ echo tea: two: spoons\ncoffee")
    raising = ("python", "number = 1\nassert number == len('ab')")

    console, demonstration = page.outcomes(page.job(TWO, shown, raising), "block-2", "block-3")

    said = "`echo tea: two: spoons` printed something else than the page shows:\ntea: two: spoons\n"
    assert ("failed", said.rstrip(), said.rstrip(), ("docs/sums.md", 13)) == (console.outcome, console.message, console.text, console.place)
    assert ("failed", ("docs/sums.md", 19)) == (demonstration.outcome, demonstration.place)


def test_blocks_are_performed(page: Page) -> None:
    """A demonstration with fixtures of the project, a console, a request to the app; only what stands there is credited."""
    conftest = """\
import pytest


@pytest.fixture
def number():
    return 2


@pytest.fixture
def app():
    def app(environment, start):
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"tea"]

    return app"""
    blocks = (("python", "assert number == 2"), ("console", "$ echo tea\ntea"), ("http", "GET / HTTP/1.1\n\nHTTP/1.1 200 OK\n\ntea"))

    outcomes = page.outcomes(page.job(('python title="tests/conftest.py"', conftest), *blocks), "block-2", "block-3", "block-4")

    assert [("passed", "")] * 3 == [(o.outcome, o.message) for o in outcomes]
    assert ["block-2", "", "block-3", "", "block-4", ""] == page.credit.credited


def test_each_server_is_stopped_by_itself(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what has its number."""
    stopped: list[int] = []
    monkeypatch.setattr(Stage, "stop", lambda _, block: stopped.append(block.number))
    servers = (('console title="Server"', "$ uv run serve"), ('console title="Worker"', "$ uv run work"))

    page.outcomes(page.job(TWO, *servers), "block-3-stop", "block-2-stop")

    assert [3, 2] == stopped


@pytest.mark.parametrize(
    ("source", "last", "place"),
    [
        ("import nothing_of_the_kind", "E   ModuleNotFoundError: No module named 'nothing_of_the_kind'", None),
        ("number = len('ab')\nassert 1 == number", "E   assert 1 == 2", ("docs/sums.md", 5)),
    ],
)
def test_what_cannot_be_collected_is_said(source: str, last: str, place: tuple[str, int] | None, page: Page) -> None:
    """With its place on the page, where pytest shows one."""
    ((kind, items, (broken,), _),) = page.run(page.job(file_of(source)))

    expected = ("items", [], "tests/test_sums.py", "failed", "collect", last, place)
    assert expected == (kind, items, broken.id, broken.outcome, broken.when, broken.message, broken.place)
    assert last in broken.text


FIXTURES = """\
import os

import pytest


@pytest.fixture(scope="module")
def of_the_module(tmp_path_factory):
    yield os.environ["MDPROOF_CONTEXT"]
    print("the end")


@pytest.fixture(scope="session")
def of_the_session():
    return os.environ["MDPROOF_CONTEXT"]


@pytest.fixture
def own():
    return os.environ["MDPROOF_CONTEXT"]


def test_one(own, of_the_module, of_the_session):
    assert [own, of_the_module, of_the_session] == ["*tests/test_sums.py::test_one", "*", "*"]


def test_two(own, of_the_module):
    assert [own, of_the_module] == ["*tests/test_sums.py::test_two", "*"]"""


def test_a_process_belongs_to_the_test_that_starts_it(page: Page) -> None:
    """Unless a fixture of wider scope does, whose end comes with the last test that uses it."""
    first, second = page.outcomes(page.job(file_of(FIXTURES)), *IDS)

    assert [("passed", ""), ("passed", "")] == [(o.outcome, o.message) for o in (first, second)]
    assert [(), (("Captured stdout teardown", "the end\n"),)] == [first.sections, second.sections]
    assert "MDPROOF_CONTEXT" not in os.environ or not os.environ["MDPROOF_CONTEXT"]


def test_a_fixture_ends_when_no_other_test_follows(page: Page) -> None:
    """The test that follows is told with the command."""
    _, first, second = page.run(page.job(file_of(FIXTURES)), ("run", IDS[0], ""), ("run", IDS[1], ""))

    assert [(("Captured stdout teardown", "the end\n"),)] * 2 == [first[1].sections, second[1].sections]


@pytest.mark.parametrize(
    ("how", "line", "clean"), [("warm", "list('tea')", True), ("warm", "open('x', 'w').close()", False), ("run", "list('tea')", False)]
)
def test_only_what_is_in_memory_is_warm(how: str, line: str, page: Page, *, clean: bool) -> None:
    """A file that a fixture of the session writes would be shared by all forks."""
    source = (
        f"import pytest\n\n\n@pytest.fixture(scope='session')\ndef made():\n    {line}\n\n\ndef test_one(made):\n    assert made is None"
    )

    _, answer = page.run(page.job(file_of(source)), (how, IDS[0], ""))

    assert ("outcome", "passed", clean, True) == (answer[0], answer[1].outcome, *answer[2:])


def test_a_fork_offers_what_there_is_again(page: Page) -> None:
    """The process it is of goes on with its own commands."""
    job = page.job(TWO)

    assert 1 == len(page.run(job, ("fork",)))
    page.change = Change()
    assert [("items", IDS, [], True)] * 2 == page.run(job, ("fork",))


def test_a_fork_of_a_session_that_waits_collects_what_it_is_asked_to(page: Page) -> None:
    """It waits before anything is collected, and once."""
    job = replace(page.job(TWO, ('python title="tests/test_more.py"', "def test_more():\n    assert 1 == len('a')")), until="src/x.py")
    page.change = Change(tests=("tests/test_more.py",))

    answers = page.run(job, ("fork",), ("run", "tests/test_more.py::test_more", ""))

    assert [("waiting", True), ("items", ["tests/test_more.py::test_more"], [], True)] == answers[:2]
    assert ("outcome", "passed") == (answers[2][0], answers[2][1].outcome)
