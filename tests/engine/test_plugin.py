"""Pages as items of the outer pytest."""

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytestmark = pytest.mark.processes

CASE = Path(__file__).parent / "cases" / "plugin"
GOOD = "docs/part/good.md"
WRONG = "docs/part/wrong.md"
IDS = [
    f"{GOOD}::tests/test_sums.py::TestAdd::test_nothing[0]",
    f"{GOOD}::tests/test_sums.py::TestAdd::test_nothing[7]",
    f"{GOOD}::block-2",
    f"{GOOD}::block-3",
    f"{GOOD}::dont-1",
    f"{GOOD}::proof",
]


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """Give a copy of the guide under test."""
    return shutil.copytree(CASE, tmp_path / "guide")


def run(guide: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a guide."""
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "-p", "no:schemathesis", *arguments]
    return subprocess.run(command, cwd=guide, capture_output=True, text=True, check=False)


def lines(text: str, beginning: str) -> list[str]:
    """Give the lines of a text that begin so."""
    return [line for line in text.splitlines() if line.startswith(beginning)]


def test_collect_only_lists_every_test_of_a_page(guide: Path) -> None:
    """Tests, demonstrations, consoles, Don'ts and the proof are items, with ids that hold no lines."""
    ended = run(guide, GOOD, "--collect-only", "-q")

    assert IDS == lines(ended.stdout, GOOD)


def test_a_page_runs_alone(guide: Path) -> None:
    """A page's path selects the page."""
    ended = run(guide, GOOD, "-q")

    assert (0, "6 passed") == (ended.returncode, ended.stdout.splitlines()[-1].split(" in ")[0])


@pytest.mark.parametrize("wanted", [IDS[1], IDS[2], f"{GOOD}::tests/test_sums.py::TestAdd", f"{GOOD}::tests/test_sums.py"])
def test_a_printed_id_selects_what_it_names(guide: Path, wanted: str) -> None:
    """An id, or the beginning of one, can be pasted back."""
    ended = run(guide, wanted, "-v")

    assert [i for i in IDS if i.startswith(wanted)] == [line.split(" PASSED")[0] for line in lines(ended.stdout, GOOD)]


def test_k_selects_by_name(guide: Path) -> None:
    """What -k leaves out is not run."""
    ended = run(guide, GOOD, "-k", "block", "-q")

    assert "2 passed, 4 deselected" == ended.stdout.splitlines()[-1].split(" in ")[0]


def test_failures_are_placed_on_the_page(guide: Path) -> None:
    """A failure shows the page's line, the values, what was printed."""
    ended = run(guide, WRONG)

    assert f"{WRONG}:15: tests/test_wrong.py::test_fails failed: AssertionError: assert 1 == 2" in ended.stdout
    assert "printed before" in ended.stdout


def test_a_skipped_test_fails(guide: Path) -> None:
    """A page that skips its own tests is not proven."""
    ended = run(guide, WRONG)

    assert f"{WRONG}:18: tests/test_wrong.py::test_skips is skipped, and a skipped test proves nothing: not today" in ended.stdout


def test_a_dead_process_fails_its_page(guide: Path) -> None:
    """A page that ends its process fails, and what came after it too."""
    ended = run(guide, WRONG)

    assert "tests/test_wrong.py::test_dies died" in ended.stdout
    assert "tests/test_wrong.py::test_comes_after died: not run" in ended.stdout
    assert 1 == ended.returncode


def test_a_block_that_raises_type_error_runs_once(guide: Path) -> None:
    """pytest-markdown-docs would run it twice."""
    ended = run(guide, f"{WRONG}::block-2")

    assert [f"{WRONG}:34: block-2 failed: TypeError: once"] == lines(ended.stdout, f"{WRONG}:34: block-2")


def test_a_hanging_test_is_ended(guide: Path) -> None:
    """A test over its limit is a failure, not a hung run."""
    ended = run(guide, "docs/part/slow.md")

    assert "tests/test_slow.py::test_hangs hung: it did not end within 5 s" in ended.stdout


def test_x_stops_at_the_first_failure(guide: Path) -> None:
    """With -x the page's other tests do not run."""
    ended = run(guide, WRONG, "-x", "-q")

    assert "1 failed" == lines(ended.stdout, "1 failed")[-1].split(" in ")[0]


def test_last_failed_runs_only_what_failed(guide: Path) -> None:
    """With --lf what passed is not run again."""
    page = guide / GOOD
    page.write_text(page.read_text().replace("assert add(1, 1) == 2", "assert add(1, 1) == 3"))
    run(guide, GOOD)

    ended = run(guide, GOOD, "--lf", "-v")

    failed = [line.split(" FAILED")[0] for line in lines(ended.stdout, GOOD) if " FAILED" in line]
    assert ([IDS[2], IDS[5]], []) == (failed, [line for line in lines(ended.stdout, GOOD) if " PASSED" in line])


def test_junit_names_every_test(guide: Path) -> None:
    """JUnit XML holds a case for each item."""
    run(guide, GOOD, "--junit-xml=report.xml")

    cases = ET.parse(guide / "report.xml").getroot().iter("testcase")
    assert [i.rsplit("::", 1)[-1] for i in IDS] == [case.get("name") for case in cases]


def test_xdist_shares_pages_out(guide: Path) -> None:
    """Workers run whole pages, and the proof is written."""
    ended = run(guide, GOOD, "-n", "2", "--dist", "loadfile", "-q")

    assert (0, True) == (ended.returncode, (guide / "build/proof.json").is_file())


def test_markdown_docs_runs_nothing_twice(guide: Path) -> None:
    """With pytest-markdown-docs switched on for the docs, each demonstration still is one item."""
    ended = run(guide, GOOD, "--markdown-docs", "--collect-only", "-q")

    assert IDS == lines(ended.stdout, GOOD)


def test_a_page_that_cannot_be_read_is_one_failure(guide: Path) -> None:
    """A refused page fails with its fault; it does not stop the session."""
    (guide / GOOD).write_text('# Bad\n\n```python title="x.py"\nx = (\n```\n')

    ended = run(guide, "docs")

    assert [f"{GOOD}:4: this Python does not parse: '(' was never closed. Mend the line."] == sorted(set(lines(ended.stdout, GOOD + ":")))


def test_other_tests_run_without_reading_the_guide(guide: Path) -> None:
    """Whoever names none of its pages does not wait for them."""
    conftest = guide / "conftest.py"
    told = "def pytest_sessionfinish(session):\n    print(f'\\nread: {PROVING in session.config.stash}')\n"
    imports = "from mdproof.outer.proving import PROVING\n"
    conftest.write_text(f"{imports}{conftest.read_text(encoding='utf-8')}\n\n{told}", encoding="utf-8")
    (guide / "test_own.py").write_text("def test_own():\n    assert 1 + 1 == 2\n", encoding="utf-8")
    (guide / "NOTES.md").write_text("# Notes\n", encoding="utf-8")

    ended = [run(guide, "-qs", *named).stdout for named in (["test_own.py"], ["-k", "own"])]

    assert [["read: False"], ["read: True"]] == [lines(said, "read") for said in ended]


def test_settings_that_are_wrong_are_said_at_once(guide: Path) -> None:
    """Nothing is collected, and nothing seems not to be there."""
    with (guide / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write("nonsense = 1\n")

    ended = run(guide, GOOD)

    assert (4, 1) == (ended.returncode, len(lines(ended.stderr, "ERROR: pyproject.toml:1: ")))
