"""Each mutant against the tests that run its lines, until one goes red; each rule against the mutants of its section."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from mdproof.assemble.project import Project
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exerciser
from mdproof.exercise.wrong import Caught, catch, is_named
from mdproof.fault import refuse
from mdproof.model import Counterexample, Rule
from mdproof.mutate.hints import read_hints
from mdproof.mutate.log import Log
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.mutants import mutants, repeated, support
from mdproof.mutate.order import Order
from mdproof.mutate.verdict import JUSTIFIED, KILLED, SURVIVED, Tie, Verdict
from mdproof.mutate.way import Controls
from mdproof.mutate.workbench import Workbench, job_of
from mdproof.proof.memory import Memory, recall, remember
from mdproof.settings import Settings

T = TypeVar("T")


class Hunt:
    """All there is to change on a page, run on as many processors as there are."""

    def __init__(self, settings: Settings, zygote: Zygote, project: Project, parents: Sequence[Project] = ()) -> None:
        """Run the page once, to know which tests run which lines. Raises ``Refused`` for a page that does not hold.

        What stands in the projects of its ``parents`` already is changed there.
        """
        self._settings, self._zygote, self._project = settings, zygote, project
        told = recall(settings, project) or _run(settings, zygote, project)
        if told is None or told.exercise.measured is None:
            raise refuse(project.page.path, 1, "this page is not proven, so there is nothing to mutate. Prove it first.")
        self._exercise, self._measured = told.exercise, told.exercise.measured
        self._order = Order(self._exercise, self._measured, read_hints(settings, project), _text(settings.deeper_tests(project.page.name)))
        self._log = Log(settings, project)
        self._all_mutants, is_repeated = list(mutants(project)), repeated(project, parents)
        self._mutants = [m for m in self._all_mutants if not is_repeated(m)]
        wanted = {m.id for m in self._mutants}
        self._known = {v.id: v for v in self._log.read(Verdict) if v.id in wanted}
        self._verdicts: list[Verdict] = list(self._known.values())
        self._reasons: dict[str, str] = {}
        self._count = os.cpu_count() or 1
        self._own = zygote.of(job_of(settings, project, ".mutant-0"), self._measured.modules)
        self._benches: SimpleQueue[Workbench] = SimpleQueue()
        controls = Controls()
        for number in range(self._count):
            self._benches.put(Workbench(settings, (self._own, zygote), told, controls, f".mutant-{number}"))

    @property
    def total(self) -> int:
        """Give the number of mutants."""
        return len(self._mutants)

    @property
    def is_whole(self) -> bool:
        """Tell whether all of them have to be run."""
        return not self._known

    def close(self) -> None:
        """End the processes it keeps."""
        while not self._benches.empty():
            self._benches.get().close()
        if self._own is not self._zygote:
            self._own.close()

    def verdicts(self, reasons: dict[str, str]) -> Iterator[Verdict]:
        """Run every mutant but those that an earlier run found killed by a test that has not changed since.

        One that ``reasons`` justify is run by those tests only that would notice it first, for about a second.
        """
        self._reasons = reasons
        for verdict in self._known.values():
            yield _weighed(verdict, reasons)
        for verdict in self._all(self._verdict, [m for m in self._mutants if m.id not in self._known]):
            self._log.write(verdict)
            self._verdicts.append(verdict)
            yield _weighed(verdict, reasons)

    def ties(self) -> Iterator[Tie]:
        """Break every rule's section until a test that the rule names goes red; verdicts come first, for most did that."""
        done = {t.rule: t for t in self._log.read(Tie)}
        for rule in self._project.page.rules:
            if rule.id not in done and (tie := self._killed_in(rule) or self._caught(rule)):
                done[rule.id] = tie
        for tie in self._all(self._tie, [r for r in self._project.page.rules if r.id not in done]):
            self._log.write(tie)
            done[tie.rule] = tie
        yield from done.values()

    def _named(self, rule: Rule) -> list[str]:
        return [t for t in self._exercise.items if any(is_named(t, n) for n in rule.tests)]

    def _within(self, rule: Rule, all_of_them: Sequence[Mutant]) -> list[Mutant]:
        first, last = rule.section
        return [m for m in all_of_them if first <= m.place.line <= last]

    def _killed_in(self, rule: Rule) -> Tie | None:
        """Give a mutant of a rule's section that one of its tests killed."""
        inside = {m.id for m in self._within(rule, self._mutants)}
        killed = (v for v in self._verdicts if v.id in inside and v.by in self._named(rule))
        return next((Tie(rule.id, v.place, v.what, v.by) for v in killed), None)

    def _caught(self, rule: Rule) -> Tie | None:
        """Give the Don't in a rule's section that one of the rule's tests catches."""
        first, last = rule.section
        for box in self._project.page.counterexamples:
            shared = [t for t in box.tests if t in rule.tests]
            if first <= box.place.line <= last and shared and not self._catch(box).faults:
                return Tie(rule.id, str(box.place), box.title, shared[0])
        return None

    def _catch(self, box: Counterexample) -> Caught:
        return catch(self._settings, self._zygote, self._project, box, self._measured)

    def _all(self, run: Callable[[Workbench, Any], T], tasks: Sequence[Any]) -> Iterator[T]:
        def turn(task: Any) -> T:
            bench = self._benches.get()
            try:
                return run(bench, task)
            finally:
                self._benches.put(bench)

        with ThreadPoolExecutor(self._count) as pool:
            yield from pool.map(turn, tasks)

    def _verdict(self, bench: Workbench, mutant: Mutant) -> Verdict:
        tests = self._order.tests(mutant)
        thorough = mutant.id not in self._reasons
        by = self._killer(bench, mutant, tests if thorough else self._likely(tests), thorough=thorough)
        return Verdict(mutant.id, str(mutant.place), mutant.what, KILLED if by else SURVIVED, by)

    def _tie(self, bench: Workbench, rule: Rule) -> Tie:
        named = self._named(rule)
        for mutant in self._within(rule, [*self._all_mutants, *support(self._project)]):
            tests = [t for t in self._order.tests(mutant) if t in named]
            if tests and (by := self._killer(bench, mutant, tests)) in named:
                return Tie(rule.id, str(mutant.place), mutant.what, by)
        return Tie(rule.id, str(rule.place), "", "")

    def _likely(self, tests: list[str]) -> list[str]:
        """Give the first tests of those of one file, as many as run in about a second."""
        beside = [test for test in tests if "::" in test]
        first = [test for test in beside if test.partition("::")[0] == beside[0].partition("::")[0]]
        spent = accumulate(self._exercise.outcomes[test].seconds for test in first)
        return [test for test in first if next(spent) < SECOND or test == first[0]]

    def _killer(self, bench: Workbench, mutant: Mutant, tests: list[str], *, thorough: bool = True) -> str:
        """Give the first test that goes red, or nothing."""
        imported = self._order.is_imported(mutant)
        rounds = self._order.rounds(mutant, tests) if thorough else [tests]
        by = next(filter(None, (bench.first_red(mutant, some, imported=imported, thorough=thorough) for some in rounds)), "")
        self._order.note(mutant, tests, by)
        return by


SECOND = 1.0
"""How long a justified mutant is tried for."""


def _run(settings: Settings, zygote: Zygote, project: Project) -> Memory | None:
    """Run all there is of a page, once."""
    exerciser = Exerciser(settings, zygote, project)
    for test in exerciser.exercise.items:
        exerciser.run(test)
    return remember(settings, exerciser.finish(), exerciser.before)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _weighed(verdict: Verdict, reasons: dict[str, str]) -> Verdict:
    """Turn a survivor that is known to be equivalent into a justified one."""
    reason = reasons.get(verdict.id)
    return replace(verdict, verdict=JUSTIFIED, by=reason) if reason and verdict.verdict == SURVIVED else verdict
