"""Projects as committed files: written whole, and told apart when stale."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

from mdproof.assemble.generated import GENERATED
from mdproof.assemble.project import Project
from mdproof.fault import Fault, Place, refuse
from mdproof.settings import Settings

GENERATED_PATHS = frozenset({"pyproject.toml", "README.md"})
KEPT = frozenset({".venv", "uv.lock", "instance", "__pycache__", ".env"})
"""What running a project in place leaves there; neither ours nor stale."""


def write_project(folder: Path, texts: Mapping[str, str]) -> None:
    """Make a folder hold exactly the given files: built beside it, then put in its place."""
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for path, text in texts.items():
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise refuse(
            str(error.filename or folder), 1, f"it could not be written: {error.strerror}. Make room, or allow writing there."
        ) from error


def write_snippets(settings: Settings, projects: Mapping[str, Project], only: Collection[str] | None = None) -> list[str]:
    """Write every project below the snippets folder, or only some; give the names of those that changed.

    Folders of pages that are no more are removed.
    """
    folder = settings.root / settings.snippets
    changed = []
    for name, project in projects.items():
        if project.files and (only is None or name in only) and list(stale(settings, {name: project})):
            _keep_running_state(folder / name, project)
            changed.append(name)
    for extra in _extra_folders(folder, projects):
        shutil.rmtree(extra)
        changed.append(extra.relative_to(folder).as_posix())
    return changed


def _keep_running_state(folder: Path, project: Project) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    given = {path.split("/")[0] for path in project.texts}
    kept = {p.name: p for p in folder.iterdir() if p.name in KEPT - given} if folder.is_dir() else {}
    shelf = folder.with_name(f".{folder.name}.kept")
    for name, path in kept.items():
        shelf.mkdir(exist_ok=True)
        path.rename(shelf / name)
    write_project(folder, project.texts)
    for name in kept:
        (shelf / name).rename(folder / name)
    if kept:
        shelf.rmdir()


def _extra_folders(folder: Path, projects: Mapping[str, Project]) -> Iterator[Path]:
    wanted = {name for name, project in projects.items() if project.files}
    found = [p.parent for p in sorted(folder.rglob("README.md")) if ".venv" not in p.parts and GENERATED.encode() in p.read_bytes()]
    return (p for p in found if p.relative_to(folder).as_posix() not in wanted)


def stale(settings: Settings, projects: Mapping[str, Project]) -> Iterator[Fault]:
    """Say which page line each snippet differs at from its page."""
    for name, project in projects.items():
        folder = settings.root / settings.snippets / name
        for path, text in project.texts.items():
            target = folder / path
            old = target.read_text(encoding="utf-8", errors="replace") if target.is_file() else None
            if old != text:
                line, place = _difference(project, path, old, text)
                yield Fault(
                    place,
                    f"{settings.snippets}/{name}/{path}:{line} is not what this page says. "
                    "Run `python -m mdproof assemble` and commit what it writes.",
                )
        for extra in sorted(set(_present(folder)) - set(project.texts)):
            yield Fault(
                Place(project.page.path, 1), f"{settings.snippets}/{name}/{extra} is written on no page. Run `python -m mdproof assemble`."
            )


def changed_since(settings: Settings, project: Project) -> Iterator[Fault]:
    """Say which page lines are not those that were proven last, file by file; nothing for a page that never was."""
    for path, text in project.texts.items():
        proven = settings.root / settings.snippets / project.page.name / path
        if path not in GENERATED_PATHS and proven.is_file() and (old := proven.read_text("utf-8", "replace")) != text:
            _, place = _difference(project, path, old, text)
            yield Fault(place, f"{path} has changed here since this page was proven last. Look whether this is what went wrong.")


def _difference(project: Project, path: str, old: str | None, new: str) -> tuple[int, Place]:
    """Give the first line of a file that differs, and the page line that it is from."""
    pairs = zip_longest(old.splitlines() if old else (), new.splitlines())
    line = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 1)
    length = len(project.files[path])
    return line, project.origin(path, min(line, length)) or Place(project.page.path, 1)


def _present(folder: Path) -> Iterable[str]:
    for path in folder.rglob("*"):
        below = path.relative_to(folder)
        if path.is_file() and not KEPT.intersection(below.parts):
            yield below.as_posix()
