"""Any tool over every project, its findings put at the page's lines."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence

from mdproof.assemble.project import Project
from mdproof.assemble.write import write_project
from mdproof.fault import Fault, Place
from mdproof.settings import Settings

FINDING = re.compile(r"(?P<path>[^\s:][^:]*):(?P<line>\d+):(?:\d+:)?\s*(?P<message>.*)")


def check(settings: Settings, projects: Mapping[str, Project], command: Sequence[str]) -> list[Fault]:
    """Run a command in a copy of each project; give what it finds, each once.

    A finding is a line ``path:line: message`` or ``path:line:column: message``. A command that
    fails without one is a finding itself, at the page.
    """
    found = {f for name, project in projects.items() if project.files for f in _check(settings, name, project, command)}
    return sorted(found)


def _check(settings: Settings, name: str, project: Project, command: Sequence[str]) -> Iterator[Fault]:
    folder = settings.root / settings.build / "check" / name
    write_project(folder, project.texts)
    deeper, below = settings.deeper_tests(name), f"tests/guide/{settings.deeper_tests(name).name}"
    if deeper.is_file():
        (folder / below).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(deeper, folder / below)
    ended = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if ended.returncode == 0:
        return
    matches = [m for line in ended.stdout.splitlines() if (m := FINDING.match(line)) and not m["message"].startswith("note:")]
    for match in matches:
        path = match["path"].removeprefix(f"{folder}/").removeprefix("./")
        place = project.origin(path, int(match["line"])) or Place(project.page.path, 1)
        shown = f"{settings.relative(deeper)}:{match['line']}" if path == below else path
        yield Fault(place, f"{shown}: {match['message']}")
    if not matches:
        said = " ".join((ended.stdout + ended.stderr).split())[:500]
        yield Fault(Place(project.page.path, 1), f"`{' '.join(command)}` ended with status {ended.returncode}: {said}")
