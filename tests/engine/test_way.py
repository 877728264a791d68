"""How a process is come by that runs some tests of a changed project."""

from pathlib import Path

import pytest

from mdproof.exercise.job import Change
from mdproof.mutate.way import COLLECTION, WHOLE, Way, scenes, ways
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

CHANGE = Change(code=((b"before", b"after"),))
PAGE = "tests/sums.md"
ADD, ADD_MORE = "tests/test_add.py::TestAdd::test_one", "tests/test_add.py::TestAdd::test_two[a::b]"
TELL, BLOCK = "tests/test_tell.py::test_tell", "block-3"
TESTS = (ADD, TELL, ADD_MORE, BLOCK)
FILE = "src/sums/__init__.py"
STEPS = """\
# Steps

```console
$ ls
```

```http
GET / HTTP/1.1

HTTP/1.1 200 OK
```

```text title="Project layout"
sums
```

```http
GET /again HTTP/1.1

HTTP/1.1 200 OK
```

```console title="Server"
$ python -m sums
```

```console
$ ls
```

```http
GET / HTTP/1.1

HTTP/1.1 200 OK
```
"""


def test_a_step_begins_with_the_files_it_finds_and_a_request_with_those_of_its_session(tmp_path: Path) -> None:
    """A server begins a new session; what it leaves at its end is found out from where it began."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/steps.md").write_text(STEPS, encoding="utf-8")
    page = read_guide(load_settings(tmp_path)).pages["steps"]

    begun = {f"block-{number}": scene for number, scene in {1: 1, 2: 2, 4: 2, 5: 5, 6: 6, 7: 7}.items()}
    assert begun | {f"block-{number}-stop": number for number in (1, 2, 4, 5, 6, 7)} == scenes(page)


@pytest.mark.parametrize(
    ("first", "tests", "others"),
    [
        ("tests/test_add.py", TESTS, (TELL, BLOCK)),
        (PAGE, (BLOCK, ADD, "block-4"), (ADD,)),
    ],
)
def test_the_file_of_the_first_test_is_collected_before_all_others_are(first: str, tests: tuple[str, ...], others: tuple[str, ...]) -> None:
    """In a process that waits for the import of what is changed; the page is the file of its blocks."""
    beside = tuple(test for test in tests if test not in others)

    assert [Way(beside, first, FILE), Way(others, WHOLE)] == list(ways(tests, None, PAGE, FILE, warm=True))


@pytest.mark.parametrize("path", ["src/sums/told.txt", "tests/conftest.py", "tests/told.txt"])
def test_no_process_waits_for_what_the_project_does_not_import(path: str) -> None:
    """That is what is no Python, and what is only of the tests."""
    first, _ = ways(TESTS, None, PAGE, path, warm=True)

    assert Way((ADD, ADD_MORE), "tests/test_add.py", until="") == first


def test_a_fork_is_quickest_and_enough_where_nothing_ran_before() -> None:
    """What passes in a warm one is run again in fresh processes."""
    assert [Way(TESTS, change=CHANGE)] == list(ways(TESTS, CHANGE, PAGE, FILE, warm=False))
    assert [Way(TESTS, change=CHANGE), *ways(TESTS, None, PAGE, FILE, warm=True)] == list(ways(TESTS, CHANGE, PAGE, FILE, warm=True))


def test_without_tests_all_is_collected() -> None:
    """Collecting alone may go red."""
    assert [Way((), WHOLE)] == list(ways((), None, PAGE, FILE, warm=True))


def test_without_the_change_a_way_is_otherwise_the_same() -> None:
    """A fork stays one, that nothing is changed in; a process that imports the project anew stays that."""
    assert Way(TESTS, change=Change(), before=2) == Way(TESTS, change=CHANGE, before=2).unchanged()
    assert Way(TESTS, until=FILE) == Way(TESTS, until=FILE).unchanged()


def test_ways_are_alike_whatever_tests_and_changes_they_are_for() -> None:
    """What is known of a test in one of them is known of it in the other."""
    assert Way((), change=Change(), before=2) == Way(TESTS, change=CHANGE, before=2).bare
    assert Way((), COLLECTION) == Way(TESTS, COLLECTION).bare
    assert Way(TESTS, until="src/sums/more.py").bare == Way(TESTS, until=FILE).bare != Way(TESTS).bare
