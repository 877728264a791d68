"""A guide as it is read and assembled, every part of it, against what is kept beside its pages."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.fault import Place
from mdproof.model import Guide
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

SHOP = Path(__file__).parent / "cases/assembled/shop"


@pytest.fixture(scope="module")
def guide() -> Guide:
    """Give the guide of the case."""
    return read_guide(load_settings(SHOP))


@pytest.fixture(scope="module")
def projects(guide: Guide) -> dict[str, Project]:
    """Give its projects."""
    return assemble(guide)


def plain(value: Any) -> Any:
    """Give what JSON has words for; a place as it is clicked."""
    if isinstance(value, dict):
        return str(Place(**value)) if value.keys() == {"path", "line"} else {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def kept(name: str) -> Any:
    """Read what is expected."""
    return json.loads((SHOP / "expected" / name).read_text(encoding="utf-8"))


def test_pages_as_they_are_read(guide: Guide) -> None:
    """Parents first; each block with its role, each rule with its section, each Don't with what is inside."""
    assert kept("pages.json") == [plain(asdict(page) | {"text": page.text.splitlines()}) for page in guide.pages.values()]


def test_projects_as_they_are_assembled(projects: dict[str, Project]) -> None:
    """Every file's text, and the page line that each of its lines is from."""
    found = {
        name: {path: [f"{line.origin or 'generated'}: {line.text}" for line in lines] for path, lines in project.files.items()}
        for name, project in projects.items()
    }
    assert kept("projects.json") == found


def test_dependencies_as_they_are_declared(projects: dict[str, Project]) -> None:
    """In the order of the pages, each with its place."""
    found = {name: [f"{d.place} {d.requirement} {d.name} {d.development}" for d in p.dependencies] for name, p in projects.items()}
    assert kept("dependencies.json") == found


@pytest.mark.parametrize(("line", "expected"), [(0, None), (1, 38), (2, 39), (21, 58), (22, None)])
def test_the_origin_of_a_line(projects: dict[str, Project], line: int, expected: int | None) -> None:
    """Lines are counted from 1, and those that a file does not have are from nowhere."""
    origin = projects["orders"].origin("src/shop/orders.py", line)

    assert (Place("docs/orders.md", expected) if expected else None) == origin
