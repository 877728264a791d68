"""A copy of a project to be spoilt and put right again, and a process that has collected its tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, count, islice
from pathlib import Path

from mdproof.exercise.copy import prepare
from mdproof.exercise.fork import paired
from mdproof.exercise.job import Change, Job, Measured
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.model import Role
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.order import warmest
from mdproof.mutate.way import COLLECTION, Way, scenes, ways
from mdproof.proof.memory import Memory
from mdproof.settings import Settings

FEW_SECONDS, TIMES_SLOWER = 5, 5
"""How much longer than a test took when its page was proven it may take with a change."""


class Workbench:
    """Runs mutants one after the other."""

    def __init__(self, settings: Settings, zygote: Zygote, memory: Memory, measured: Measured, suffix: str) -> None:
        """Write the copy, import what a run of the project loads, collect its tests, and run one for what it leaves in memory."""
        self._settings, self._plain, self._project = settings, zygote, memory.exercise.project
        self._outcomes = memory.exercise.outcomes
        self._before, self._suffix, self._warmest = memory.before, suffix, warmest(memory.exercise, measured)
        self._job, self._scenes = self._prepared(suffix), scenes(self._project.page)
        self._zygote = zygote.of(self._job, measured.modules)
        self._collected = self._collect()
        if self._collected.broken:  # what was imported beforehand is in the way
            self._leave()
            self._collected = self._collect()
        self._doubts: set[tuple[Way, str]] = set()
        self._sound: set[tuple[Way, str]] = set()
        self._roots = (Path(self._job.folder), Path(f"{self._job.folder}.home"))
        self._fresh = {path: (path.stat(), path.read_bytes()) for path in self._files()}
        self._moments = count(int(max(stat.st_mtime for stat, _ in self._fresh.values())) + 1)

    def first_red(self, mutant: Mutant, tests: Sequence[str], *, imported: bool, thorough: bool = True) -> str:
        """Give the first test that goes red with a mutant in place and is green without it, or nothing.

        ``imported`` tells that importing the project runs what is changed, so that tests are collected anew; otherwise
        a fork of the process that has collected them is changed. What need not be ``thorough`` tries the first way only.
        """
        if self._collected.dead:
            self._collected = self._collect()
        change = None if imported or not self._collected.forks else self._change(mutant)
        for way in islice(self._ways(mutant, change, tests), None if thorough else 1):
            if by := self._noticed(way, mutant):
                return by
        doubted = {test for way, test in self._doubts if not way.before}
        return self._noticed(Way(tuple(t for t in tests if t in doubted), plain=True), mutant) if doubted & set(tests) else ""

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
        if mutant.block:
            return None
        change = Change(mutant.path, self._project.texts[mutant.path], mutant.text)
        try:
            list(paired(mutant.path, change) if mutant.path.endswith(".py") else ())
        except ValueError:
            return None
        return change

    def _collect(self) -> PageProcess:
        """Give a process to be forked, warm if a test leaves nothing behind that its forks would share."""
        process = PageProcess(self._zygote, self._job)
        if self._warmest and process.forks and not process.warm(*self._warmest):
            self._warmest = None
            process.abandon()
            process = PageProcess(self._zygote, self._job)
        return process

    def _ways(self, mutant: Mutant, change: Change | None, tests: Sequence[str]) -> Iterator[Way]:
        """Give the ways to run tests, the likely first: steps have scenes of their own, and at last their whole story."""
        if mutant.block:
            yield Way(tuple(tests), before=mutant.block)
            yield from self._stories(tests)
            return
        steps = (Way((test,), before=self._scenes[test]) for test in tests if test in self._scenes)
        others = ways(tuple(t for t in tests if t not in self._scenes), change, self._job.page, warm=self._warmest is not None)
        yield from chain(steps, others) if tests and tests[0] in self._scenes else chain(others, steps)
        yield from self._stories(tests)

    def _stories(self, tests: Sequence[str]) -> Iterator[Way]:
        """Give the ways from the page's first step on to those that are red in their scenes whatever is changed."""
        doubted = {test for way, test in self._doubts if way.before}
        steps = list(self._scenes)
        for test in tests:
            if test in doubted:
                yield Way(tuple(steps[: steps.index(test) + 1]), before=self._scenes[steps[0]], story=True)

    def _noticed(self, way: Way, mutant: Mutant) -> str:
        """Give the first test that is red with the mutant, by itself, and green without it."""
        tests = [test for test in way.tests if (way.bare, test) not in self._doubts]
        while by := self._red(way, tests, mutant):
            alone = way.before or by == COLLECTION or by == tests[0] or self._red(way, [by], mutant)
            if alone and self._is_sound(way, by):
                return by
            if by == COLLECTION:
                break
            tests = tests[tests.index(by) + 1 :]
        return ""

    def _is_sound(self, way: Way, by: str) -> bool:
        """Tell whether what noticed a change is green without it, when it is run in the same way."""
        key = (way.bare, by)
        if key not in self._sound | self._doubts:
            tests = list(way.tests[: way.tests.index(by) + 1]) if way.before and by in way.tests else [by]
            (self._doubts if self._red(way.unchanged(), tests, None) else self._sound).add(key)
        return key in self._sound

    def _red(self, way: Way, tests: Sequence[str], mutant: Mutant | None) -> str:
        """Give the first test that is red, in a process of its own, with a mutant in place or without any."""
        with self._spoilt(None if way.before else mutant):
            process = self._scene(way.before, mutant, self._limit(tests)) if way.before else self._start(way, self._limit(tests))
            try:
                if process.broken:
                    return COLLECTION
                return next((t for t in tests if t in process.items and not process.run(t).passed), "")
            finally:
                process.abandon()

    def _limit(self, tests: Sequence[str]) -> float:
        """Give the seconds that each of some tests may take: what hangs with a change is not waited for as long as a page is."""
        slowest = max((self._outcomes[test].seconds for test in tests if test in self._outcomes), default=0)
        return min(self._settings.limit, FEW_SECONDS + TIMES_SLOWER * slowest)

    def _start(self, way: Way, limit: float) -> PageProcess:
        job = replace(self._job, limit=limit)
        if way.change is not None:
            process = PageProcess(self._collected, job, way.change)
            if not process.broken:
                return process
            process.abandon()
        return PageProcess(self._plain if way.plain else self._zygote, replace(job, tests=(way.collected,)))

    def _scene(self, block: int, mutant: Mutant | None, limit: float) -> PageProcess:
        """Start a process in a copy that has the files as a block of the page finds them."""
        job = replace(self._prepared(f"{self._suffix}-step"), bytecode="", limit=limit)
        shutil.copytree(self._before / str(block), job.folder, symlinks=True, dirs_exist_ok=True)
        if mutant and mutant.block:
            job = mutant.changed(job)
        elif mutant:
            Path(job.folder, mutant.path).write_text(mutant.text, encoding="utf-8")
        return PageProcess(self._zygote, replace(job, tests=(job.page,)))

    @contextmanager
    def _spoilt(self, mutant: Mutant | None) -> Iterator[None]:
        """Put a mutant in place, and all files right again afterwards.

        Bytecode is told apart by size and by time in whole seconds, so each mutant gets its own.
        """
        if mutant:
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
