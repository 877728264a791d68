"""Pages that build on others: what they inherit, and what of it they must say anew."""

from __future__ import annotations

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.fault import Place, Refused
from mdproof.model import Block, Guide, Page, Role

SUMS = "src/calc/__init__.py"
TEST = "tests/test_calc.py"


def page(name: str, *blocks: tuple[str, Role, str], builds_on: tuple[str, ...] = ()) -> Page:
    """Give a page of blocks of one line, each a path or a title, a role and its source."""
    path = f"docs/{name}.md"
    made = (
        Block(n, Place(path, 10 * n), 10 * n + 2, role, "python", title, (), source, (10 * n + 1,))
        for n, (title, role, source) in enumerate(blocks, 1)
    )
    return Page(path, name, name, builds_on, "", tuple(made))


def assembled(*pages: Page) -> dict[str, Project]:
    """Give the projects of a guide of these pages."""
    return assemble(Guide({page.name: page for page in pages}))


def refused(*pages: Page) -> list[str]:
    """Give what is wrong with a guide of these pages."""
    with pytest.raises(Refused) as found:
        assembled(*pages)
    return [str(fault) for fault in found.value.faults]


def test_all_pages_that_are_wrong_are_named_at_once() -> None:
    """But for those that build on one of them: they are as good as it is."""
    wrong = (SUMS, Role.APPEND, "ONE = 1")

    found = refused(page("a", wrong), page("b", wrong, builds_on=("a",)), page("c", wrong))

    said = f"there is no {SUMS} that .append could change. Give the whole file first, or mind the path."
    assert [f"docs/a.md:10: {said}", f"docs/c.md:10: {said}"] == found


@pytest.mark.parametrize(
    ("blocks", "builds_on", "expected"),
    [
        ((), ("a",), ["README.md", "pyproject.toml", SUMS]),
        ([("", Role.DEMONSTRATION, "assert True")], (), ["README.md", "pyproject.toml"]),
        ((), (), []),
    ],
)
def test_a_page_of_code_has_a_project(blocks: list[tuple[str, Role, str]], builds_on: tuple[str, ...], expected: list[str]) -> None:
    """Its own code or what it inherits; a page of prose has none."""
    projects = assembled(page("a", (SUMS, Role.FILE, "ZERO = 0")), page("b", *blocks, builds_on=builds_on))

    assert expected == sorted(projects["b"].files)


@pytest.mark.parametrize(("path", "role"), [(SUMS, Role.FILE), (TEST, Role.TEST)])
def test_of_two_texts_neither_is_inherited_where_the_page_has_its_own(path: str, role: Role) -> None:
    """The whole file, given on the page itself, takes the place of both."""
    parents = [page(name, (path, role, f"NAME = '{name}'")) for name in "ab"]

    projects = assembled(*parents, page("c", (path, role, "NAME = 'c'"), builds_on=("a", "b")))

    assert ("NAME = 'c'\n", "c") == (projects["c"].texts[path], projects["c"].givers[path])


@pytest.mark.parametrize("block", [(SUMS, Role.APPEND, "ONE = 1"), (TEST, Role.TEST, "ONE = 1"), ("more.py", Role.FILE, "ONE = 1")])
def test_of_two_texts_neither_is_inherited(block: tuple[str, Role, str]) -> None:
    """What is added to one of them is no choice between them, and nor is another file."""
    parents = [page(name, (SUMS, Role.FILE, f"NAME = '{name}'")) for name in "ab"]

    found = refused(*parents, page("c", block, builds_on=("a", "b")))

    said = f"a and b give {SUMS} with different text. Give the whole file on this page, or build on one of them only."
    assert [f"docs/c.md:1: {said}"] == found
