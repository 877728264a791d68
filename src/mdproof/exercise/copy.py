"""The run copy of a page's project, and the job its process is given."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path

from mdproof.assemble.dependencies import normal_name
from mdproof.assemble.project import Project
from mdproof.assemble.write import write_project
from mdproof.exercise.job import Job
from mdproof.model import Block
from mdproof.settings import Settings

COVERAGE = """\
[run]
branch = true
core = ctrace
parallel = true
data_file = {data}
source = {folder}
context = ${{MDPROOF_CONTEXT-}}
patch = _exit
plugins = mdproof.exercise.templates
sigterm = true
"""

Origins = dict[str, tuple[tuple[str, int], ...]]


def prepare(settings: Settings, project: Project, *, suffix: str = "", blocks: tuple[Block, ...]) -> Job:
    """Write the run copy of a project and describe its run.

    The page and its deeper tests are copied below ``tests/``, where the project's fixtures reach
    them.
    """
    name = project.page.name + suffix
    folder = settings.root / settings.build / settings.run / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_project(folder, project.texts)
    origins = _origins(project)
    page = f"tests/{Path(name).name}.md"
    origins |= _add(settings, folder, settings.root / project.page.path, page)
    deeper = settings.deeper_tests(project.page.name)
    if deeper.is_file():
        origins |= _add(settings, folder, deeper, f"tests/guide/{deeper.name}")
    return Job(
        folder=str(folder),
        output=f"{folder}.output",
        page=page,
        shown=project.page.path,
        blocks=blocks,
        origins=origins,
        environment=_environment(settings, folder, origins, measure=not suffix),
        ports=dict(settings.ports),
        limit=settings.limit,
        services=tuple(s for s in settings.services if _names(project, s.variable)),
        plugins=_plugins(project),
        measure=not suffix,
    )


def copy_run(folder: Path, into: Path) -> None:
    """Copy the files of a run as they are, and those of its home, which is beside its folder."""
    for beside in ("", ".home"):
        shutil.copytree(f"{folder}{beside}", f"{into}{beside}", symlinks=True, ignore=_special, dirs_exist_ok=True)


def _special(folder: str, names: list[str]) -> list[str]:
    """Give what cannot be copied: sockets and pipes."""
    paths = {name: Path(folder, name) for name in names}
    return [name for name, path in paths.items() if not (path.is_symlink() or path.is_dir() or path.is_file())]


def _plugins(project: Project) -> tuple[str, ...]:
    """Give the modules of the pytest plugins among a project's dependencies."""
    declared = {d.name for d in project.dependencies}
    return tuple(sorted(e.value for e in entry_points(group="pytest11") if e.dist and normal_name(e.dist.name) in declared))


def _names(project: Project, variable: str) -> bool:
    return any(re.search(rf"\b{variable}\b", text) for text in project.texts.values())


def _origins(project: Project) -> Origins:
    return {
        path: tuple((line.origin.path, line.origin.line) if line.origin else (path, n) for n, line in enumerate(lines, 1))
        for path, lines in project.files.items()
    }


def _add(settings: Settings, folder: Path, source: Path, target: str) -> Origins:
    """Copy a file of the guide into the run copy; its lines are its own."""
    copy = folder / target
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, copy)
    shown = settings.relative(source)
    count = len(source.read_text(encoding="utf-8").splitlines())
    return {target: tuple((shown, n) for n in range(1, count + 1))}


def _environment(settings: Settings, folder: Path, origins: Mapping[str, object], *, measure: bool) -> dict[str, str]:
    """Give the environment of a page's processes: a fixed list, a private home."""
    home = Path(f"{folder}.home")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for left in (*home.parent.glob(f"{folder.name}.output.coverage*"), Path(f"{folder}.opened")):
        left.unlink(missing_ok=True)
    configuration = Path(f"{folder}.coveragerc")
    configuration.write_text(COVERAGE.format(data=f"{folder}.output.coverage", folder=folder), encoding="utf-8")
    source = "src" if any(path.startswith("src/") for path in origins) else ""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join([str(folder / source), str(Path(__file__).with_name("startup"))]),
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"COVERAGE_PROCESS_START": str(configuration), "MDPROOF_OPENED": f"{folder}.opened"} if measure else {}),
        **{name: value.format(folder=folder) for name, value in settings.environment.items()},
    }
