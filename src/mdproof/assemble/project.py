"""A page's project: its files, from its blocks and those of the pages it builds on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mdproof.assemble.checks import file_and_folder, given_twice, inside_another, overwritten
from mdproof.assemble.dependencies import Dependency, declared
from mdproof.assemble.edits import append, replace
from mdproof.assemble.generated import pyproject, readme
from mdproof.assemble.lines import Line, Lines, lines_of, text_of
from mdproof.fault import Fault, Place, Refused, refuse, refuse_any
from mdproof.model import Block, Guide, Page, Role


@dataclass(frozen=True)
class Project:
    """The files of a page's project and where each of their lines was written."""

    page: Page
    files: Mapping[str, Lines]
    """By path; the generated ones among them."""
    givers: Mapping[str, str]
    """The page that gives each path as it stands here."""
    dependencies: tuple[Dependency, ...]

    @cached_property
    def texts(self) -> dict[str, str]:
        """Give the text of each file."""
        return {path: text_of(lines) for path, lines in self.files.items()}

    def origin(self, path: str, line: int) -> Place | None:
        """Give the page line that a line of a file (from 1) was written on."""
        lines = self.files.get(path, ())
        return lines[line - 1].origin if 0 < line <= len(lines) else None


def assemble(guide: Guide) -> dict[str, Project]:
    """Assemble every page's project. Raises ``Refused`` with the faults of all pages."""
    projects: dict[str, Project] = {}
    faults: list[Fault] = []
    for name, page in guide.pages.items():
        if any(parent not in projects for parent in page.builds_on):
            continue
        try:
            projects[name] = _project(guide, page, projects)
        except Refused as refused:
            faults.extend(refused.faults)
    refuse_any([*faults, *inside_another({name: p.page for name, p in projects.items() if p.files})])
    return projects


def _project(guide: Guide, page: Page, projects: Mapping[str, Project]) -> Project:
    files, givers = _inherit(guide, page, projects)
    refuse_any(given_twice(page))
    for block in page.files():
        files[block.path] = _change(files.get(block.path), block)
        givers[block.path] = page.name
    refuse_any([*file_and_folder(page, files), *overwritten(page, files)])
    dependencies = _dependencies(page, projects)
    if files or page.blocks:
        files["pyproject.toml"] = _generated(pyproject(page.name, files, dependencies))
        files["README.md"] = _generated(readme(page))
    return Project(page, files, givers, dependencies)


def _generated(text: str) -> Lines:
    return tuple(Line(line, None) for line in text.splitlines())


def _inherit(guide: Guide, page: Page, projects: Mapping[str, Project]) -> tuple[dict[str, Lines], dict[str, str]]:
    """Take each path from the nearest page below that gives it."""
    files: dict[str, Lines] = {}
    givers: dict[str, str] = {}
    for path in dict.fromkeys(p for parent in page.builds_on for p in projects[parent].givers):
        found = {projects[parent].givers[path] for parent in page.builds_on if path in projects[parent].givers}
        nearest = sorted(g for g in found if not any(g in guide.ancestors(other) for other in found))
        texts = {text_of(projects[g].files[path]) for g in nearest}
        own = any(b.path == path and b.role in {Role.FILE, Role.TEST} for b in page.files())
        if len(texts) > 1 and not own:
            names = " and ".join(nearest)
            raise refuse(
                page.path, 1, f"{names} give {path} with different text. Give the whole file on this page, or build on one of them only."
            )
        givers[path] = nearest[0]
        files[path] = projects[nearest[0]].files[path]
    return files, givers


def _change(base: Lines | None, block: Block) -> Lines:
    if block.role not in {Role.APPEND, Role.REPLACE}:
        return lines_of(block)
    if base is None:
        raise refuse(
            block.place.path,
            block.place.line,
            f"there is no {block.path} that .{block.role} could change. Give the whole file first, or mind the path.",
        )
    return append(base, block) if block.role is Role.APPEND else replace(base, block)


def _dependencies(page: Page, projects: Mapping[str, Project]) -> tuple[Dependency, ...]:
    found: dict[tuple[str, bool], Dependency] = {}
    for parent in page.builds_on:
        found.update({(d.requirement, d.development): d for d in projects[parent].dependencies})
    found.update({(d.requirement, d.development): d for d in declared(page.blocks)})
    return tuple(found.values())
