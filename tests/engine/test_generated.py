"""The two files that no page shows."""

from __future__ import annotations

import tomllib

import pytest

from mdproof.assemble.dependencies import Dependency
from mdproof.assemble.generated import package_of, pyproject, readme
from mdproof.fault import Place
from mdproof.model import Block, Page, Role

PLACE = Place("docs/sums.md", 3)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["src/calc/__init__.py"], "calc"),
        (["docs/deep/notes.txt", "src/calc/deep/sums.py"], "calc"),
        (["src/calc.py", "tests/deep/test_calc.py"], ""),
        (["src/abc.py", "src/calc/__init__.py"], "calc"),
    ],
)
def test_the_package_is_the_folder_below_src(paths: list[str], expected: str) -> None:
    """Neither a file there nor a folder elsewhere."""
    assert expected == package_of(paths)


@pytest.mark.parametrize(("name", "expected"), [("sums", "sums"), ("part/deep/sums", "sums")])
def test_a_project_without_a_package_is_named_as_its_page(name: str, expected: str) -> None:
    """Without the folders that the page lies in."""
    assert expected == tomllib.loads(pyproject(name, {"sums.py": ()}, ()))["project"]["name"]


@pytest.mark.parametrize("requirement", ["pytest", "pytest==9.0", "pytest>=9", "pytest~=9.0", "PyTest[dev]<10"])
def test_pytest_is_declared_once(requirement: str) -> None:
    """As the page declares it, however it does."""
    found = tomllib.loads(pyproject("sums", {}, [Dependency(requirement, development=True, place=PLACE)]))

    assert {"dev": [requirement]} == found["dependency-groups"]


def test_pytest_is_declared_for_development() -> None:
    """Beside plugins whose names begin alike, and whatever the project itself needs."""
    needed = [Dependency("pytest", development=False, place=PLACE), Dependency("pytest-xdist", development=True, place=PLACE)]

    found = tomllib.loads(pyproject("sums", {}, needed))

    assert (["pytest"], ["pytest", "pytest-xdist"]) == (found["project"]["dependencies"], found["dependency-groups"]["dev"])


def test_a_readme_names_each_server() -> None:
    """A line each, below the tests."""
    blocks = tuple(Block(n, PLACE, 9, Role.SERVER, "console", "Server", (), f"$ uv run serve-{n}\nListening", (4, 5)) for n in range(1, 3))

    text = readme(Page("docs/sums.md", "sums", "Sums", (), "", blocks))

    assert text.endswith("\n\n```console\n$ uv run pytest\n$ uv run serve-1\n$ uv run serve-2\n```\n")
