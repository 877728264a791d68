"""A copy of a project to be spoilt and put right again, and a process that has collected its tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, pairwise
from pathlib import Path

from mdproof.assemble.project import Project
from mdproof.exercise.copy import copy_run, prepare
from mdproof.exercise.fork import changed
from mdproof.exercise.job import Change, Job, Outcome
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.model import Role
from mdproof.mutate.files import Files
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.order import warmest
from mdproof.mutate.way import COLLECTION, Controls, Way, scenes, ways
from mdproof.proof.memory import Memory
from mdproof.settings import Settings

FEW_SECONDS, TIMES_SLOWER = 5, 5
"""How much longer than a test took when its page was proven it may take with a change."""


class Workbench:
    """Runs mutants one after the other."""

    def __init__(self, settings: Settings, zygotes: tuple[Zygote, Zygote], memory: Memory, controls: Controls, suffix: str) -> None:
        """Write the copy, collect its tests, and run some for what they leave in memory.

        The first of the ``zygotes`` has imported what a run of the project loads, the second has not.
        """
        self._settings, self._project = settings, memory.exercise.project
        self._zygote, self._plain = zygotes
        self._outcomes, self._controls = memory.exercise.outcomes, controls
        self._before, self._suffix, self._warmest = memory.before, suffix, warmest(memory.exercise)
        self._job, self._scenes = job_of(settings, self._project, suffix), scenes(self._project.page)
        self._collected = self._collect()
        if self._collected.broken:  # what was imported beforehand is in the way
            self._zygote = self._plain
            self._collected = self._collect()
        self._waiting: tuple[str, PageProcess] | None = None
        self._files = Files(self._job.folder, f"{self._job.folder}.home")

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
        doubted = {test for way, test in self._controls.doubts if not way.before}
        return self._noticed(Way(tuple(t for t in tests if t in doubted), plain=True), mutant) if doubted & set(tests) else ""

    def close(self) -> None:
        """End the processes."""
        self._collected.abandon()
        if self._waiting:
            self._waiting[1].abandon()

    def _change(self, mutant: Mutant) -> Change | None:
        """Give the change of code that imported functions can be given, if it is no more than that."""
        if mutant.block:
            return None
        if not mutant.path.endswith(".py"):
            return Change()
        try:
            return changed(str(Path(self._job.folder, mutant.path)), self._project.texts[mutant.path], mutant.text)
        except ValueError:
            return None

    def _collect(self) -> PageProcess:
        """Give a process to be forked, warm with those tests that leave nothing behind that its forks would share."""
        process = PageProcess(self._zygote, self._job)
        for test, following in pairwise(self._warmest):
            if process.forks and not process.warm(test, following):
                self._warmest = tuple(t for t in self._warmest if t != test)
                process.abandon()
                return self._collect()
        return process

    def _ways(self, mutant: Mutant, change: Change | None, tests: Sequence[str]) -> Iterator[Way]:
        """Give the ways to run tests, the likely first: steps have scenes of their own, and at last their whole story."""
        if mutant.block:
            if mutant.alone:
                yield Way(tuple(tests[:1]), before=mutant.block, alone=True)
            yield Way(tuple(tests), before=mutant.block)
            yield from self._stories(tests)
            return
        steps = (Way((test,), before=self._scenes[test]) for test in tests if test in self._scenes)
        others = ways(tuple(t for t in tests if t not in self._scenes), change, self._job.page, mutant.path, warm=len(self._warmest) > 1)
        yield from chain(steps, others) if tests and tests[0] in self._scenes else chain(others, steps)
        yield from self._stories(tests)

    def _stories(self, tests: Sequence[str]) -> Iterator[Way]:
        """Give the ways from the page's first step on to those that are red in their scenes whatever is changed."""
        doubted = {test for way, test in self._controls.doubts if way.before}
        steps = list(self._scenes)
        for test in tests:
            if test in doubted:
                yield Way(tuple(steps[: steps.index(test) + 1]), before=self._scenes[steps[0]], story=True)

    def _noticed(self, way: Way, mutant: Mutant) -> str:
        """Give the first test that is red with the mutant, by itself, and green without it."""
        tests = [test for test in way.tests if (way.bare, test) not in self._controls.doubts]
        while red := self._red(way, tests, mutant):
            alone = way.before or red.id in {COLLECTION, tests[0]} or self._red(way, [red.id], mutant)
            if alone and (_is_left_out(mutant, red) or self._is_sound(way, red.id)):
                return red.id
            tests = [] if red.id == COLLECTION else tests[tests.index(red.id) + 1 :]
            if not tests:
                break
        return ""

    def _is_sound(self, way: Way, by: str) -> bool:
        """Tell whether what noticed a change is green without it, when it is run in the same way."""
        if self._is_proven(way, by):
            return True
        key = (way.bare, by)
        with self._controls.turn(key):
            if key not in self._controls.sound | self._controls.doubts:
                tests = list(way.tests[: way.tests.index(by) + 1]) if way.before and by in way.tests else [by]
                (self._controls.doubts if self._red(way.unchanged(), tests, None) else self._controls.sound).add(key)
        return key in self._controls.sound

    def _is_proven(self, way: Way, by: str) -> bool:
        """Tell whether the proof was the run without a change: of consoles, in the files they begin with, and nothing beside them."""
        if not way.before or way.story or way.alone or self._job.services or by not in way.tests:
            return False
        steps = [b for b in self._project.page.steps() if b.role is not Role.LAYOUT and b.number <= int(by.split("-")[1])]
        return all(b.role is Role.CONSOLE for b in steps)

    def _red(self, way: Way, tests: Sequence[str], mutant: Mutant | None) -> Outcome | None:
        """Give the first test that is red, in a process of its own, with a mutant in place or without any."""
        with self._files.spoilt(mutant.path, mutant.text) if mutant and not way.before else self._files.kept():
            process = self._scene(way, mutant, self._limit(tests)) if way.before else self._start(way, self._limit(tests))
            try:
                if process.broken:
                    return Outcome(COLLECTION, "failed")
                ran = (process.run(test) for test in tests if test in process.items)
                return next((outcome for outcome in ran if not outcome.passed), None)
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
        if way.until and (waiting := self._waiter(way.until)):
            return PageProcess(waiting, job, Change(tests=(way.collected,)))
        return PageProcess(self._plain if way.plain else self._zygote, replace(job, tests=(way.collected,)))

    def _waiter(self, path: str) -> PageProcess | None:
        """Give a process that waits for the import of a file, if it can be forked there."""
        if self._waiting is None or self._waiting[0] != path or self._waiting[1].dead:
            if self._waiting:
                self._waiting[1].abandon()
            self._waiting = path, PageProcess(self._zygote, replace(self._job, until=path))
        return self._waiting[1] if self._waiting[1].forks else None

    def _scene(self, way: Way, mutant: Mutant | None, limit: float) -> PageProcess:
        """Start a process in a copy that has the files as a block of the page finds them."""
        job = replace(job_of(self._settings, self._project, f"{self._suffix}-step"), bytecode="", limit=limit)
        copy_run(self._before / str(way.before), Path(job.folder))
        if mutant and mutant.block:
            job = mutant.changed(job, alone=way.alone)
        elif mutant:
            Path(job.folder, mutant.path).write_text(mutant.text, encoding="utf-8")
        return PageProcess(self._zygote, replace(job, tests=(job.page,)))


def job_of(settings: Settings, project: Project, suffix: str) -> Job:
    """Write a copy of a project and give the job that runs all of its page but the Don'ts; nobody reads why something fails there."""
    inside = {b.number for box in project.page.counterexamples for b in box.blocks}
    blocks = tuple(b for b in project.page.blocks if b.number not in inside and b.role is not Role.LAYOUT)
    job = prepare(settings, project, suffix=suffix, blocks=blocks)
    return replace(job, bytecode=f"{job.folder}.bytecode", explained=False)


def _is_left_out(mutant: Mutant, red: Outcome) -> bool:
    """Tell whether what is red is the very command that was left out: it needs no run to be green where it is given."""
    return red.id == f"block-{mutant.block}" and red.place == (mutant.place.path, mutant.place.line)
