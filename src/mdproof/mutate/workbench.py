"""A copy of a project to be spoilt and put right again, and a process that has collected its tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from mdproof.exercise.copy import prepare
from mdproof.exercise.fork import paired
from mdproof.exercise.job import Change, Job, Measured
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.run import Exercise
from mdproof.model import Role
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.order import warmest
from mdproof.settings import Settings

COLLECTION = "collection"
"""What notices a change that keeps the tests from being collected."""


WHOLE = "tests"


@dataclass(frozen=True)
class Way:
    """How a process is come by that runs some tests of a changed project."""

    collected: str
    """The file or folder whose tests it collects."""
    tests: tuple[str, ...]
    change: Change | None = None
    """What a fork is told to change; nothing for a process that imports the project anew."""

    def unchanged(self) -> Way:
        """Give the same way to the project as it was."""
        return replace(self, change=self.change and replace(self.change, after=self.change.before))


class Workbench:
    """Runs mutants one after the other."""

    def __init__(self, settings: Settings, zygote: Zygote, exercise: Exercise, measured: Measured, suffix: str) -> None:
        """Write the copy, import what a run of the project loads, collect its tests, and run one for what it leaves in memory."""
        self._settings, self._plain, self._project = settings, zygote, exercise.project
        self._suffix, self._warmest = suffix, warmest(exercise, measured)
        self._job = self._prepared(suffix)
        self._zygote = zygote.of(self._job, measured.modules)
        self._collected = self._collect()
        if self._collected.broken:  # what was imported beforehand is in the way
            self._leave()
            self._collected = self._collect()
        self._sound: dict[tuple[bool, str, str], bool] = {}
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
            self._collected = self._collect()
        for way in self._ways(change if self._collected.forks else None, tests):
            with self._spoilt(mutant):
                by = _first_red(self._start(way), way.tests)
            if by and not self._is_sound(way, by):
                break
            if by:
                return by
        else:
            return ""
        with self._spoilt(mutant):
            return _first_red(PageProcess(self._plain, self._job), tests)

    def _collect(self) -> PageProcess:
        """Give a process to be forked, warm if a test leaves nothing behind that its forks would share."""
        process = PageProcess(self._zygote, self._job)
        if self._warmest and process.forks and not process.warm(*self._warmest):
            self._warmest = None
            process.abandon()
            process = PageProcess(self._zygote, self._job)
        return process

    def _ways(self, change: Change | None, tests: Sequence[str]) -> Iterator[Way]:
        """Give the quickest way first: a fork, a process that collects one file, one that collects all.

        What passes in a fork of a warm process may do so for what was there already, so it is run again.
        """
        if change is not None:
            yield Way(WHOLE, tuple(tests), change)
            if self._warmest is None:
                return
        first = self._file(tests[0]) if tests else ""
        if first:
            yield Way(first, tuple(test for test in tests if self._file(test) == first))
        yield Way(WHOLE, tuple(test for test in tests if self._file(test) != first))

    def _file(self, test: str) -> str:
        return self._job.page if test.startswith("block-") else test.partition("::")[0]

    def _start(self, way: Way) -> PageProcess:
        if way.change is not None:
            process = PageProcess(self._collected, self._job, way.change)
            if not process.broken:
                return process
            process.abandon()
        return PageProcess(self._zygote, replace(self._job, tests=(way.collected,)))

    def _is_sound(self, way: Way, by: str) -> bool:
        """Tell whether what noticed a change passes without it, when it is run in the same way."""
        key = (way.change is not None, way.collected, by)
        if key not in self._sound:
            with self._tidied():
                self._sound[key] = not _first_red(self._start(way.unchanged()), [by])
        return self._sound[key]

    def first_red_step(self, mutant: Mutant, tests: Sequence[str], before: Path) -> str:
        """Give the first step that goes red without a step, or part of it; ``before`` has the files as it finds them."""
        job = mutant.changed(self._prepared(f"{self._suffix}-step"))
        shutil.copytree(before, job.folder, dirs_exist_ok=True)
        return _first_red(PageProcess(self._plain, job), tests)

    def close(self) -> None:
        """End the processes."""
        self._collected.abandon()
        self._leave()

    def _leave(self) -> None:
        if self._zygote is not self._plain:
            self._zygote.close()
            self._zygote = self._plain

    def _prepared(self, suffix: str) -> Job:
        page = self._project.page
        inside = {b.number for box in page.counterexamples for b in box.blocks}
        blocks = tuple(b for b in page.blocks if b.number not in inside and b.role is not Role.LAYOUT)
        job = prepare(self._settings, self._project, suffix=suffix, blocks=blocks)
        return replace(job, bytecode=f"{job.folder}.bytecode")

    def _change(self, mutant: Mutant) -> Change | None:
        """Give the change of code that imported functions can be given, if it is no more than that."""
        change = Change(mutant.path, self._project.texts[mutant.path], mutant.text)
        try:
            list(paired(mutant.path, change) if mutant.path.endswith(".py") else ())
        except ValueError:
            return None
        return change

    @contextmanager
    def _spoilt(self, mutant: Mutant) -> Iterator[None]:
        """Put a mutant in place, and all files right again afterwards.

        Bytecode is told apart by size and by time in whole seconds, so each mutant gets its own.
        """
        path = self._roots[0] / mutant.path
        path.write_text(mutant.text, encoding="utf-8")
        moment = next(self._moments)
        os.utime(path, (moment, moment))
        with self._tidied():
            yield

    @contextmanager
    def _tidied(self) -> Iterator[None]:
        """Put all files right afterwards."""
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
