"""``mdproof show``: where a line went, and where it came from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DIAMOND = Path(__file__).parent / "cases/proven/diamond"
Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (
            "docs/start/a.md:9",
            [
                "snippets/start/a/src/shapes/__init__.py:6: def circle(radius: float) -> float:",
                "snippets/more/c/src/shapes/__init__.py:6: def circle(radius: float) -> float:",
            ],
        ),
        (
            "docs/more/b.md:13",
            [
                "snippets/more/b/src/shapes/__init__.py:8:     return tau * radius**2 / 2",
                "snippets/d/src/shapes/__init__.py:8:     return tau * radius**2 / 2",
            ],
        ),
        (
            "docs/more/b.md:17",
            [
                "snippets/more/b/src/shapes/__init__.py:3: from math import pi, sqrt, tau",
                "snippets/d/src/shapes/__init__.py:3: from math import pi, sqrt, tau",
            ],
        ),
        ("snippets/d/src/shapes/__init__.py:8", ["docs/more/b.md:13:     return tau * radius**2 / 2"]),
        ("./snippets/d/src/shapes/solid.py:8", ["docs/more/c.md:15:     return circle(radius) * height"]),
        ("snippets/start/a/tests/test_shapes.py:8", ["docs/start/a.md:22:     assert round(circle(1), 2) == 3.14"]),
    ],
)
def test_both_ends_of_a_line(place: str, expected: list[str], run: Run) -> None:
    """A line of a page is shown in every project it is in; a line of a project on its page."""
    ran = run(DIAMOND, "show", place)

    assert expected == ran.output.splitlines()
    assert (ran.status, ran.errors) == (0, "")


@pytest.mark.parametrize(
    "place",
    [
        "docs/start/a.md:1",
        "docs/start/a:b.md:1",
        "docs/start/a.md:999",
        "docs/nowhere.md:1",
        "snippets/d/pyproject.toml:1",
        "snippets/d/x.py:1",
    ],
)
def test_a_line_of_no_project(place: str, run: Run) -> None:
    """Prose, generated lines and what does not exist have no other end."""
    ran = run(DIAMOND, "show", place)

    assert f"{place}: this line is in no project.\n" == ran.output
    assert ran.status == 1


@pytest.mark.parametrize("place", ["docs/start/a.md", "docs/start/a.md:", "docs/start/a.md:line", ":3", "3"])
def test_no_place(place: str, run: Run) -> None:
    """What names no line is refused with an example."""
    ran = run(DIAMOND, "show", place)

    assert f"{place}:1: this is no place. Write path:line, such as docs/part/page.md:41.\n" == ran.errors
    assert ran.status == 1
