"""Each mutant against the tests that run its lines, until one goes red; each rule against the mutants of its section."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from mdproof.assemble.project import Project
from mdproof.exercise.copy import prepare
from mdproof.exercise.job import Job
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.run import Exercise, Exerciser
from mdproof.exercise.wrong import is_named
from mdproof.fault import refuse
from mdproof.model import Role, Rule
from mdproof.mutate.log import Log
from mdproof.mutate.mutants import Mutant, candidates, mutants
from mdproof.proof.credit import Credit
from mdproof.settings import Settings

KILLED, SURVIVED, JUSTIFIED = "killed", "survived", "justified"
T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    id: str
    place: str
    what: str
    verdict: str
    by: str
    """The test that killed it, or the reason it is justified."""


@dataclass(frozen=True)
class Tie:
    """What breaks a rule's section so that one of the rule's own tests fails."""

    rule: str
    place: str
    """The page line that is changed, or the rule's own if no change is noticed."""
    what: str
    by: str
    """The test; empty if none of the rule's tests notices any change."""


class Hunt:
    """All there is to change on a page, run on as many processors as there are."""

    def __init__(self, settings: Settings, zygote: Zygote, project: Project) -> None:
        """Run the page once, to know which tests run which lines. Raises ``Refused`` for a page that does not hold."""
        self._settings, self._zygote, self._project = settings, zygote, project
        self._exerciser = Exerciser(settings, zygote, project)
        self._folder = settings.root / settings.build / settings.run / project.page.name
        self._exercise = self._run_once()
        measured = self._exercise.measured
        if measured is None or any(not o.passed for o in self._exercise.outcomes.values()):
            raise refuse(project.page.path, 1, "this page is not proven, so there is nothing to mutate. Prove it first.")
        self._credit = Credit(project, measured, self._exercise.items)
        self._log = Log(settings, project)
        self._count = os.cpu_count() or 1
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        for number in range(self._count):
            self._jobs.put(self._job(f".mutant-{number}"))

    def _run_once(self) -> Exercise:
        """Run all there is, and keep the files as each step finds them."""
        shutil.rmtree(self._before(0).parent, ignore_errors=True)
        steps = {f"block-{b.number}": b.number for b in self._project.page.steps()}
        for test in self._exerciser.exercise.items:
            if test in steps:
                shutil.copytree(self._folder, self._before(steps[test]))
            self._exerciser.run(test)
        return self._exerciser.finish()

    def _before(self, block: int) -> Path:
        return self._folder.with_name(f"{self._folder.name}.before") / str(block)

    def _job(self, suffix: str) -> Job:
        """Write a fresh copy of the project, to be spoilt."""
        slowest = max((o.seconds for o in self._exercise.outcomes.values()), default=0)
        page = self._project.page
        inside = {b.number for box in page.counterexamples for b in box.blocks}
        blocks = tuple(b for b in page.blocks if b.number not in inside and b.role is not Role.LAYOUT)
        limit = min(self._settings.limit, FEW_SECONDS + TIMES_SLOWER * slowest)
        return replace(prepare(self._settings, self._project, suffix=suffix, blocks=blocks), limit=limit)

    def verdicts(self, reasons: dict[str, str]) -> Iterator[Verdict]:
        """Run every mutant but those that an earlier run found killed by a test that has not changed since."""
        done = {v.id: v for v in self._log.read(Verdict)}
        for verdict in self._all(self._verdict, [m for m in mutants(self._project) if m.id not in done]):
            self._log.write(verdict)
            done[verdict.id] = verdict
        yield from (_weighed(verdict, reasons) for verdict in done.values())

    def ties(self) -> Iterator[Tie]:
        """Break every rule's section until a test that the rule names goes red."""
        done = {t.rule: t for t in self._log.read(Tie)}
        for rule in self._project.page.rules:
            if rule.id not in done and (tie := self._caught(rule)):
                done[rule.id] = tie
        for tie in self._all(self._tie, [r for r in self._project.page.rules if r.id not in done]):
            self._log.write(tie)
            done[tie.rule] = tie
        yield from done.values()

    def _caught(self, rule: Rule) -> Tie | None:
        """Give the Don't in a rule's section that one of the rule's tests catches."""
        first, last = rule.section
        for box in self._project.page.counterexamples:
            shared = [t for t in box.tests if t in rule.tests]
            if first <= box.place.line <= last and shared and not self._exerciser.catch(box).faults:
                return Tie(rule.id, str(box.place), box.title, shared[0])
        return None

    def _all(self, run: Callable[[Job, Any], T], tasks: Sequence[Any]) -> Iterator[T]:
        def turn(task: Any) -> T:
            job = self._jobs.get()
            try:
                return run(job, task)
            finally:
                self._jobs.put(job)

        with ThreadPoolExecutor(self._count) as pool:
            yield from pool.map(turn, tasks)

    def _verdict(self, job: Job, mutant: Mutant) -> Verdict:
        by = self._killer(job, mutant, self._tests(mutant))
        return Verdict(mutant.id, str(mutant.place), mutant.what, KILLED if by else SURVIVED, by)

    def _tie(self, job: Job, rule: Rule) -> Tie:
        named = [t for t in self._exercise.items if any(is_named(t, n) for n in rule.tests)]
        for mutant in candidates(self._project, rule):
            tests = [t for t in self._tests(mutant) if t in named]
            by = self._killer(job, mutant, tests) if tests else ""
            if by in named:
                return Tie(rule.id, str(mutant.place), mutant.what, by)
        return Tie(rule.id, str(rule.place), "", "")

    def _tests(self, mutant: Mutant) -> list[str]:
        """Give the tests a mutant concerns, the quickest first; of a step, itself and the steps after it."""
        items = self._exercise.items
        if mutant.block:
            steps = [f"block-{b.number}" for b in self._project.page.steps() if b.number >= mutant.block]
            return [s for s in steps if s in items]
        found = {t for line in mutant.lines for t in self._credit.tests_of(mutant.path, line)} or set(items)
        found |= {f"{t}-stop" for t in found}  # a server's end tells of its code as well
        return sorted(found & set(items), key=lambda t: (self._exercise.outcomes[t].seconds, t))

    def _killer(self, job: Job, mutant: Mutant, tests: list[str]) -> str:
        """Give the first test that goes red, or nothing."""
        if mutant.block:
            fresh = self._job(Path(job.folder).name.removeprefix(Path(self._project.page.name).name))
            shutil.copytree(self._before(mutant.block), job.folder, dirs_exist_ok=True)
            return self._first_red(mutant.changed(fresh), tests)
        path = Path(job.folder, mutant.path)
        path.write_text(mutant.text, encoding="utf-8")
        try:
            return self._first_red(job, tests)
        finally:
            path.write_text(self._project.texts[mutant.path], encoding="utf-8")

    def _first_red(self, job: Job, tests: list[str]) -> str:
        process = PageProcess(self._zygote, job)
        try:
            if process.broken:
                return "collection"
            return next((t for t in tests if t in process.items and not process.run(t).passed), "")
        finally:
            process.abandon()


FEW_SECONDS, TIMES_SLOWER = 5, 5
"""How much longer than the page's slowest test a changed one may take."""


def _weighed(verdict: Verdict, reasons: dict[str, str]) -> Verdict:
    """Turn a survivor that is known to be equivalent into a justified one."""
    reason = reasons.get(verdict.id)
    return replace(verdict, verdict=JUSTIFIED, by=reason) if reason and verdict.verdict == SURVIVED else verdict
