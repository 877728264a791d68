"""Reports of a page's session, put at the lines of the page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mdproof.exercise.job import Job
from mdproof.exercise.places import kind_and_message, last_line, origin, place_of_report, translate

SUMS, TEST = "src/sums.py", "tests/guide/test_sums.py"
JOB = Job(
    folder="/run/sums",
    output="",
    page="",
    shown="docs/sums.md",
    blocks=(),
    origins={SUMS: (("docs/sums.md", 5), ("docs/sums.md", 9)), TEST: ((TEST, 1), (TEST, 2), (TEST, 3)), "empty.py": ()},
    environment={},
    ports={},
    limit=1,
)


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        (f"/run/sums/{SUMS}", 1, ("docs/sums.md", 5)),
        (SUMS, 2, ("docs/sums.md", 9)),
        (SUMS, 0, (SUMS, 0)),
        (SUMS, 3, (SUMS, 3)),
        (f"/run/sums/{TEST}", 1, (TEST, 1)),
        ("/run/sums/empty.py", 1, ("empty.py", 1)),
        ("/usr/lib/x.py", 1, ("/usr/lib/x.py", 1)),
    ],
)
def test_where_a_line_was_written(path: str, line: int, expected: tuple[str, int]) -> None:
    """A line of the copy is one of the page; whatever else there is stays where it is."""
    assert expected == origin(path, line, JOB)


def test_a_report_is_translated_throughout() -> None:
    """Places are found in lists and tables at any depth, and nothing else is touched."""
    place, translated = {"path": SUMS, "lineno": 2, "message": "m"}, {"path": "docs/sums.md", "lineno": 9, "message": "m"}
    others = {"path": SUMS, "lineno": None}, {"path": SUMS}, {"lineno": 1}, "text", 1, None
    report = {"chain": [(place, None)], "crash": place, "short": {"path": SUMS, "lineno": 1}, "others": others}

    expected = {"chain": [[translated, None]], "crash": translated, "short": {"path": "docs/sums.md", "lineno": 5}, "others": list(others)}
    assert expected == translate(report, JOB)


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        ([{"path": "docs/sums.md", "lineno": 5}, ({"path": TEST, "lineno": 2},), {"path": "x.py", "lineno": 1}], "", (TEST, 2)),
        ({"path": "docs/sums.md", "lineno": 5, "in": {"path": "docs/sums.md", "lineno": 9}}, "", ("docs/sums.md", 9)),
        ([{"path": "docs/sums.md", "lineno": 5}] * 2 + [{"path": "docs/sums.md", "lineno": 9}], "", ("docs/sums.md", 9)),
        ({"path": "docs/sums.md"}, "docs/sums.md:4: no\ndocs/sums.md:17 it\n", ("docs/sums.md", 17)),
        ({"lineno": 5}, "docs/sums.md:8:9: no", ("docs/sums.md", 8)),
        (None, "docs/sums.md:7\ndocs/sums.md:", ("docs/sums.md", 7)),
        (None, f"{TEST}:1: no docs/sums.md:7: no {TEST}:2: no", (TEST, 2)),
        (None, f"docs/sums.md:7: no {TEST}:1: no docs/sums.md:8: no", ("docs/sums.md", 8)),
        (None, "docs/sums.md:7: docs/sumsXmd:8: docs/sums.md:9th", ("docs/sums.md", 7)),
        (None, "docs/sums.md: no", None),
        (None, "x.py:1: no docs/sums.md", None),
        (None, "", None),
    ],
)
def test_the_place_of_a_report(data: Any, text: str, expected: tuple[str, int] | None) -> None:
    """It is the last one on the page or in its tests, or else the last that the text tells."""
    assert expected == place_of_report(data, text, JOB)


def test_the_last_line_of_a_text() -> None:
    """Empty ones do not count, and a text may have none."""
    assert ["b", "", ""] == [last_line(text) for text in ("a\nb\n \n", " \n", "")]


@pytest.mark.parametrize(
    ("longrepr", "expected"),
    [
        (("x.py", 3, "Skipped: not now"), ("Skipped", "not now")),
        (SimpleNamespace(reprcrash=SimpleNamespace(message="ValueError : a: b")), ("ValueError", "ValueError : a: b")),
        (SimpleNamespace(reprcrash=SimpleNamespace(message="assert 1 == 2")), ("assert 1 == 2", "assert 1 == 2")),
        ("a\nE   x.py:1: KeyError: 'a'\n\n", ("KeyError", "KeyError: 'a'")),
        (None, ("", "")),
    ],
)
def test_the_exception_of_a_report(longrepr: Any, expected: tuple[str, str]) -> None:
    """Its name is what stands before its words, however the report says it."""
    report = pytest.TestReport("t", ("t", 1, "t"), {}, "failed", longrepr, "call")

    assert expected == kind_and_message(report)
