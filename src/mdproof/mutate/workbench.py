"""A copy of a project to be spoilt and put right again, and a process that has collected its tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from mdproof.assemble.project import Project
from mdproof.exercise.copy import prepare
from mdproof.exercise.fork import paired
from mdproof.exercise.job import Change, Job
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.model import Role
from mdproof.mutate.mutant import Mutant
from mdproof.settings import Settings

COLLECTION = "collection"
"""What notices a change that keeps the tests from being collected."""


class Workbench:
    """Runs mutants one after the other."""

    def __init__(self, settings: Settings, zygote: Zygote, project: Project, suffix: str, limit: float) -> None:
        """Write the copy and collect its tests; ``limit`` is the seconds a test may take."""
        self._settings, self._zygote, self._project = settings, zygote, project
        self._suffix, self._limit = suffix, limit
        self._job = self._prepared(suffix)
        self._collected = PageProcess(zygote, self._job)
        self._roots = (Path(self._job.folder), Path(f"{self._job.folder}.home"))
        self._fresh = {path: (path.stat(), path.read_bytes()) for path in self._files()}
        self._moments = count(int(max(stat.st_mtime for stat, _ in self._fresh.values())) + 1)

    def first_red(self, mutant: Mutant, tests: Sequence[str], *, imported: bool) -> str:
        """Give the first test that goes red with a mutant in place, or nothing.

        ``imported`` tells that importing the project runs what is changed, so that the tests have
        to be collected anew; otherwise the code is changed in a fork of the process that has.
        """
        change = None if imported else self._change(mutant)
        if self._collected.dead:
            self._collected = PageProcess(self._zygote, self._job)
        with self._spoilt(mutant):
            return _first_red(self._process(change), tests)

    def first_red_step(self, mutant: Mutant, tests: Sequence[str], before: Path) -> str:
        """Give the first step that goes red without a step, or part of it; ``before`` has the files as it finds them."""
        job = mutant.changed(self._prepared(f"{self._suffix}-step"))
        shutil.copytree(before, job.folder, dirs_exist_ok=True)
        return _first_red(PageProcess(self._zygote, job), tests)

    def close(self) -> None:
        """End the process."""
        self._collected.abandon()

    def _prepared(self, suffix: str) -> Job:
        page = self._project.page
        inside = {b.number for box in page.counterexamples for b in box.blocks}
        blocks = tuple(b for b in page.blocks if b.number not in inside and b.role is not Role.LAYOUT)
        job = prepare(self._settings, self._project, suffix=suffix, blocks=blocks)
        return replace(job, limit=self._limit, bytecode=f"{job.folder}.bytecode")

    def _change(self, mutant: Mutant) -> Change | None:
        """Give the change of code that imported functions can be given, if it is no more than that."""
        change = Change(mutant.path, self._project.texts[mutant.path], mutant.text)
        try:
            list(paired(mutant.path, change) if mutant.path.endswith(".py") else ())
        except ValueError:
            return None
        return change

    def _process(self, change: Change | None) -> PageProcess:
        if change is not None and self._collected.forks:
            process = PageProcess(self._collected, self._job, change)
            if not process.broken:
                return process
            process.abandon()
        return PageProcess(self._zygote, self._job)

    @contextmanager
    def _spoilt(self, mutant: Mutant) -> Iterator[None]:
        """Put a mutant in place, and all files right again afterwards.

        Bytecode is told apart by size and by time in whole seconds, so each mutant gets its own.
        """
        path = self._roots[0] / mutant.path
        path.write_text(mutant.text, encoding="utf-8")
        moment = next(self._moments)
        os.utime(path, (moment, moment))
        try:
            yield
        finally:
            self._tidy()

    def _tidy(self) -> None:
        for path in set(self._files()) - set(self._fresh):
            path.unlink(missing_ok=True)
        for path, (stat, content) in self._fresh.items():
            if not path.is_file() or (path.stat().st_mtime_ns, path.stat().st_size) != (stat.st_mtime_ns, stat.st_size):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def _files(self) -> Iterator[Path]:
        return (path for root in self._roots for path in root.rglob("*") if path.is_symlink() or not path.is_dir())


def _first_red(process: PageProcess, tests: Sequence[str]) -> str:
    try:
        if process.broken:
            return COLLECTION
        return next((t for t in tests if t in process.items and not process.run(t).passed), "")
    finally:
        process.abandon()
