"""A page as items of pytest: what they are called, what they run, what they say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mdproof import plugin
from mdproof.assemble.project import Project
from mdproof.exercise.job import Outcome
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import Caught
from mdproof.fault import Fault, Place
from mdproof.model import Counterexample
from mdproof.outer import items
from mdproof.outer.proving import proving_of
from mdproof.proof import record

PAGE = (Path(__file__).parent / "cases/plugin/docs/part/good.md").read_text(encoding="utf-8")
TESTS = ("tests/test_sums.py::TestAdd::test_nothing[0]", "tests/test_sums.py::TestAdd::test_nothing[a::b]", "block-2", "block-3")
IDS = [f"docs/good.md::{name}" for name in (*TESTS, "dont-1", "proof")]
Run = Callable[..., tuple[dict[str, Any], str]]


class Exerciser:
    """Runs nothing, and says what was asked of it."""

    asked: list[object]
    failing: str

    def __init__(self, _settings: object, _zygote: object, project: Project) -> None:
        """Know the page's project."""
        self.exercise, self.before = Exercise(project, TESTS, ()), Path("before")

    def run(self, test: str, following: str = "") -> Outcome:
        """Keep what was asked for; fail where it should."""
        self.asked.append((test, following))
        passed = test != self.failing
        outcome = Outcome(test, "passed" if passed else "failed", text="its report", message="wrong", sections=PRINTED)
        self.exercise.outcomes[test] = outcome
        return outcome

    def catch(self, box: Counterexample) -> Caught:
        """Keep what was asked for; be wrong where it should."""
        self.asked.append(box.number)
        faults = (Fault(Place("docs/good.md", 41), "it was not caught"),) if self.failing == "dont-1" else ()
        caught = self.exercise.caught[box.number] = Caught(box, (), "", faults)
        return caught

    def finish(self) -> Exercise:
        """Give what was run."""
        return self.exercise


PRINTED = (("Captured stdout call", "printed meanwhile\n"),)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a function that runs pytest with some arguments; it gives reports by id, and what was printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(Exerciser, "asked", [], raising=False)
    monkeypatch.setattr(Exerciser, "failing", "", raising=False)
    monkeypatch.setattr(items, "Exerciser", Exerciser)
    monkeypatch.setattr(record, "_engine", str)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/good.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest]\n", encoding="utf-8")

    def run(*arguments: str) -> tuple[dict[str, Any], str]:
        reports: dict[str, Any] = {}

        def keep(report: pytest.TestReport) -> None:
            if report.when == "call":
                reports[report.nodeid] = report

        keeping = SimpleNamespace(pytest_runtest_logreport=keep)
        fixed = ("--rootdir=.", "-c", "pyproject.toml", "--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "mdproof.plugin")
        pytest.main([*fixed, *arguments], plugins=[keeping])
        return reports, capsys.readouterr().out

    return run


def test_everything_of_a_page_is_an_item(run: Run) -> None:
    """Its tests below their files and classes, with whatever stands in their brackets, its blocks, its Don'ts, its proof."""
    _, out = run("--collect-only", "-q", "docs")

    assert IDS == [line for line in out.splitlines() if line.startswith("docs/")]
    assert [] == Exerciser.asked


def test_only_what_holds_something_is_a_group(request: pytest.FixtureRequest) -> None:
    """A class of tests is one; a test beside it is none."""
    listed = [(test.split("::")[1:], test) for test in ("tests/test_sums.py::TestAdd::test_one", "tests/test_sums.py::test_two")]
    group = items.Group.from_parent(request.session, name="tests/test_sums.py", listed=listed, exerciser=None)

    assert [(items.Group, "TestAdd"), (items.InnerItem, "test_two")] == [(type(node), node.name) for node in group.collect()]


def test_a_page_is_run_once(run: Run) -> None:
    """Each test is told which one of the page follows; the proof need not run anything again."""
    reports, _ = run("docs")

    assert [*zip(TESTS, (*TESTS[1:], ""), strict=True), 1] == Exerciser.asked
    assert IDS == list(reports)
    assert all(reports[name].passed for name in IDS[:-1])
    assert ("docs/good.md", 0, "proof") == reports[IDS[-1]].location
    assert [("Captured stdout call", "printed meanwhile\n")] == reports[IDS[0]].sections
    assert Path("build/proof.json").is_file()


def test_the_proof_runs_what_was_not_selected(run: Run) -> None:
    """All of it, each told what follows."""
    run(IDS[-1])

    assert [*zip(TESTS, (*TESTS[1:], ""), strict=True), 1] == Exerciser.asked


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        (TESTS[0], 36, f"docs/good.md:36: {TESTS[0]} failed: wrong\n\nits report"),
        ("block-2", 12, "docs/good.md:12: block-2 failed: wrong\n\nits report"),
        ("dont-1", 41, "docs/good.md:41: it was not caught"),
    ],
)
def test_what_fails_is_said_at_its_line(name: str, line: int, said: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure shows no more than the page has to say; each item lies at its line."""
    monkeypatch.setattr(Exerciser, "failing", name)

    reports, _ = run(f"docs/good.md::{name}")

    report = reports[f"docs/good.md::{name}"]
    assert ("failed", said, ("docs/good.md", line - 1, name.rpartition("::")[2])) == (report.outcome, report.longrepr, report.location)


def test_a_page_that_cannot_be_read_is_refused(run: Run) -> None:
    """With all that is wrong with it; a page beside it says what keeps the guide from being read."""
    Path("docs/good.md").write_text("# Good\n\n```yaml\nx: 1\n```\n\n```toml\nx = 1\n```\n", encoding="utf-8")
    Path("docs/other.md").write_text("# Other\n\n```yaml\nx: 1\n```\n", encoding="utf-8")
    Path("docs/plain.md").write_text("# Plain\n", encoding="utf-8")

    reports, _ = run("docs")

    places = {name: [":".join(line.split(":")[:2]) for line in str(r.longrepr).splitlines()] for name, r in reports.items()}
    good, other = ["docs/good.md:3", "docs/good.md:7"], ["docs/other.md:3"]
    assert {"docs/good.md::refused": good, "docs/other.md::refused": other, "docs/plain.md::refused": [*good, *other]} == places


def test_other_files_are_no_pages(run: Run) -> None:
    """A Markdown file elsewhere, a text among the pages."""
    Path("elsewhere.md").write_text("# No page\n", encoding="utf-8")
    Path("docs/notes.txt").write_text("none either\n", encoding="utf-8")

    _, out = run("--collect-only", "-q", ".")

    assert IDS == [line for line in out.splitlines() if "::" in line]
    assert "elsewhere.md" not in out


def test_the_services_are_an_option_of_pytest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its help says what they may be."""
    monkeypatch.setenv("COLUMNS", "120")

    _, out = run("--help")

    lines = out.splitlines()
    at = lines.index("proving a guide:")
    assert "--services={embedded,real} the servers pages reach: embedded, or real ones" == " ".join(
        " ".join(lines[at + 1 : at + 3]).split()
    )


def test_an_error_of_the_engine_is_shown_as_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its traceback, for it says nothing of the page."""

    def stumble(*_: object) -> Outcome:
        raise LookupError("lost")

    monkeypatch.setattr(Exerciser, "run", stumble)

    reports, _ = run(IDS[2])

    assert "LookupError: lost" == reports[IDS[2]].longrepr.reprcrash.message


@pytest.fixture
def item(request: pytest.FixtureRequest) -> items.InnerItem:
    """Give an item that no plugin has been told of, which gives what it asks for as an error."""

    def stumble(*asked: str) -> Outcome:
        raise LookupError(*asked)

    item: items.InnerItem = items.InnerItem.from_parent(
        request.session, name="block-2", inner="block-2", exerciser=SimpleNamespace(run=stumble)
    )
    return item


def test_a_test_is_followed_by_none_unless_it_is_told(item: items.InnerItem) -> None:
    """Whoever runs it by itself keeps nothing up for another."""
    with pytest.raises(LookupError) as raised:
        item.runtest()

    assert ("block-2", "") == raised.value.args


def test_an_error_is_shown_in_the_style_that_is_asked_for(item: items.InnerItem) -> None:
    """As pytest shows those of any item."""
    with pytest.raises(LookupError) as raised:
        raise LookupError("lost")

    assert "lost" == str(item.repr_failure(raised, "value"))


STORE = 'services.store = {variable = "STORE", url = "store://", embedded = "store", real = "no-store --here"}'


@pytest.mark.parametrize(
    ("setting", "services", "expected"),
    [
        ("nonsense = 1", "embedded", "pyproject.toml:1: [tool.mdproof] has no setting 'nonsense'. Known are: "),
        (STORE, "real", "pyproject.toml:1: the real service 'store' is no-store, which is not installed. Install it."),
    ],
    ids=["unknown", "of a service that is not there"],
)
def test_settings_that_are_wrong_are_refused(tmp_path: Path, setting: str, services: str, expected: str) -> None:
    """Before anything is collected; of services, those that were asked for."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.mdproof]\n{setting}\n", encoding="utf-8")
    config: Any = SimpleNamespace(stash={}, rootpath=tmp_path, getoption={"services": services}.get)

    with pytest.raises(pytest.UsageError) as raised:
        plugin.pytest_configure(config)

    assert str(raised.value).startswith(expected)


@pytest.mark.parametrize(
    ("told", "read", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"numprocesses": 2}, False, True),
        ({"workerinput": {"workerid": "gw1"}}, True, False),
        ({"collectonly": True}, True, False),
    ],
    ids=["of pages that were run", "of no page", "of what workers ran", "by a worker", "of what was only listed"],
)
def test_the_union_of_proofs_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], *, read: bool, expected: bool
) -> None:
    """Once, where pages were run."""
    monkeypatch.setattr(record, "_engine", str)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/good.md").write_text(PAGE, encoding="utf-8")
    asked = {"services": "embedded", "collectonly": False, **told}
    config: Any = SimpleNamespace(stash={}, rootpath=tmp_path, getoption=asked.get, option=SimpleNamespace(**asked), **told)
    if read:
        proving_of(config)

    plugin.pytest_sessionfinish(SimpleNamespace(config=config))

    assert expected is (tmp_path / "build/proof.json").is_file()
