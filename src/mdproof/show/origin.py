"""Where a page's line went, and where a project's line came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mdproof.assemble.project import Project
from mdproof.fault import Place, refuse
from mdproof.settings import Settings


def answer(settings: Settings, projects: Mapping[str, Project], asked: str) -> list[str]:
    """Give the other ends of a line. Raises ``Refused`` for what is no place."""
    path, _, line = asked.rpartition(":")
    if not path or not (line.isascii() and line.isdigit()):
        raise refuse(asked, 1, "this is no place. Write path:line, such as docs/part/page.md:41.")
    path = path.removeprefix("./")
    if path.startswith(f"{settings.snippets}/"):
        return list(_came_from(settings, projects, path, int(line)))
    return list(_went_to(settings, projects, Place(path, int(line))))


def _went_to(settings: Settings, projects: Mapping[str, Project], place: Place) -> Iterator[str]:
    for name, project in projects.items():
        for path, lines in project.files.items():
            for number, line in enumerate(lines, 1):
                if line.origin == place:
                    yield f"{settings.snippets}/{name}/{path}:{number}: {line.text}"


def _came_from(settings: Settings, projects: Mapping[str, Project], path: str, number: int) -> Iterator[str]:
    for name, project in projects.items():
        below = path.removeprefix(f"{settings.snippets}/{name}/")
        if below != path and below in project.files and (origin := project.origin(below, number)):
            yield f"{origin}: {project.files[below][number - 1].text}"
