"""Imports against declarations: nothing undeclared, nothing declared for nothing."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, partial
from importlib import metadata

from packaging.requirements import Requirement

from mdproof.assemble.dependencies import Dependency, normal_name
from mdproof.assemble.project import Project
from mdproof.exercise.job import Measured
from mdproof.fault import Fault, Place
from mdproof.model import Role
from mdproof.proof.credit import imported_modules


def compare_packages(project: Project, measured: Measured) -> Iterator[Fault]:
    """Say which imports nothing declares, and which declarations nothing uses.

    A package is declared by ``uv add`` on the page or below it, or comes with one that is.
    """
    brought = {name for d in project.dependencies for name in brought_by(d.requirement)} | {"pytest"}
    used: set[str] = {"pytest"}
    for shown, path, text, place_of in _texts(project):
        for module in sorted({m.split(".")[0] for m in imported_modules(path, text)}):
            found = distributions().get(module, set())
            used |= found
            if _foreign(project, module) and not found & brought:
                place = place_of(_import_line(text, module)) or Place(project.page.path, 1)
                yield Fault(place, f"{shown} imports {module!r}, and no page declares it. Show `$ uv add …` for it.")
    used |= {d for m in measured.modules for d in distributions().get(m.split(".")[0], set())}
    programs = {program for c in measured.commands for program in _programs(c)}
    used |= {d for program in programs for d in _commands().get(program, set())}
    used |= {d.name for d in project.dependencies if programs & _binaries(d.name)}
    own = project.page.path
    for dependency in project.dependencies:
        if dependency.place.path == own and dependency.name not in used:
            yield Fault(dependency.place, f"{dependency.requirement!r} is declared and nothing uses it. Use it, or drop it.")


def _foreign(project: Project, module: str) -> bool:
    own = {p.removeprefix("src/").split("/")[0].removesuffix(".py") for p in project.files}
    return module not in sys.stdlib_module_names and module not in own


def _texts(project: Project) -> Iterator[tuple[str, str, str, Callable[[int], Place | None]]]:
    """Give each Python text a page shows or inherits: what it is called, its path, itself, and where its lines are."""
    for path, text in project.texts.items():
        if path.endswith(".py"):
            yield path, path, text, partial(project.origin, path)
    package = next((p.rpartition("/")[0] for p in project.files if p.endswith("/__init__.py")), "src")
    for block in project.page.blocks:
        if block.role in {Role.DEMONSTRATION, Role.COUNTEREXAMPLE} and (block.path.endswith(".py") or not block.path):
            yield "this block", block.path or f"{package}/block.py", block.source, block.place_of


def _import_line(text: str, module: str) -> int:
    pattern = re.compile(rf"\s*(from|import)\s+{re.escape(module)}\b")
    return next((n for n, line in enumerate(text.split("\n"), 1) if pattern.match(line)), 1)


def _programs(command: str) -> Iterator[str]:
    """Give the program that a command runs, behind ``uv run``, ``env`` and variables."""
    with suppress(ValueError):
        yield from [word for word in shlex.split(command) if word not in {"uv", "run", "env"} and "=" not in word][:1]


@cache
def distributions() -> Mapping[str, set[str]]:
    """Give the distributions that bring each top-level module."""
    return {module: {normal_name(n) for n in names} for module, names in metadata.packages_distributions().items()}


@cache
def _commands() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in metadata.entry_points(group="console_scripts"):
        if entry.dist:
            found.setdefault(entry.name, set()).add(normal_name(entry.dist.name))
    return found


@cache
def _binaries(name: str) -> frozenset[str]:
    """Give the programs a distribution installs as they are, as ruff does."""
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        files = []
    return frozenset(path.stem for path in files if path.parent.name in {"bin", "Scripts"})


@cache
def brought_by(requirement: str) -> frozenset[str]:
    """Give a requirement's distribution and all it brings along, extras asked for included."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(requirement)]
    while waiting:
        wanted = waiting.pop()
        key = (normal_name(wanted.name), frozenset(wanted.extras))
        if key in found:
            continue
        found.add(key)
        waiting.extend(_requirements(wanted))
    return frozenset(name for name, _ in found)


def _requirements(wanted: Requirement) -> Iterator[Requirement]:
    try:
        listed = metadata.requires(wanted.name) or []
    except metadata.PackageNotFoundError:
        return
    for text in listed:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or marker.evaluate() or any(marker.evaluate({"extra": extra}) for extra in wanted.extras):
            yield requirement


def version_of(dependency: Dependency) -> str | None:
    """Give the version of a declared package as installed."""
    try:
        return metadata.version(dependency.name)
    except metadata.PackageNotFoundError:
        return None
