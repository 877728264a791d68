"""Each mutant against the tests that run its lines, until one goes red."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from mdproof.assemble.project import Project
from mdproof.exercise.copy import prepare
from mdproof.exercise.job import Job
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.run import Exercise, Exerciser
from mdproof.fault import refuse
from mdproof.model import Role
from mdproof.mutate.mutants import Mutant, mutants
from mdproof.proof.credit import Credit
from mdproof.proof.record import page_hash
from mdproof.settings import Settings

KILLED, SURVIVED, JUSTIFIED = "killed", "survived", "justified"


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    id: str
    place: str
    what: str
    verdict: str
    by: str
    """The test that killed it, or the reason it is justified."""


def hunt(settings: Settings, zygote: Zygote, project: Project, reasons: dict[str, str]) -> Iterator[Verdict]:
    """Run every mutant of a page, on as many processors as there are; verdicts come as they are reached.

    Verdicts of the same page as it stands are taken from an earlier run that was stopped.
    """
    exercise = _exercise(settings, zygote, project)
    credit = Credit(project, exercise.measured, exercise.items) if exercise.measured else None
    if credit is None or any(not o.passed for o in exercise.outcomes.values()):
        raise refuse(project.page.path, 1, "this page is not proven, so there is nothing to mutate. Prove it first.")
    log = settings.root / settings.build / "mutants" / f"{project.page.name}.{page_hash(settings, project)[:16]}.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    done = {v.id: v for v in _logged(log)}
    listed = list(mutants(project))
    yield from (_weighed(done[m.id], reasons) for m in listed if m.id in done)
    waiting = [(m, _tests(exercise, credit, m)) for m in listed if m.id not in done]
    for verdict in _run_all(settings, zygote, project, waiting):
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")
        yield _weighed(verdict, reasons)


def _logged(log: Path) -> Iterator[Verdict]:
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else ():
        try:
            yield Verdict(**json.loads(line))
        except (ValueError, TypeError):
            continue


def _exercise(settings: Settings, zygote: Zygote, project: Project) -> Exercise:
    """Run the page once, to know which tests run which lines."""
    exerciser = Exerciser(settings, zygote, project)
    for test in exerciser.exercise.items:
        exerciser.run(test)
    return exerciser.finish()


def _tests(exercise: Exercise, credit: Credit, mutant: Mutant) -> list[str]:
    """Give the tests that run a mutant's lines, the quickest first."""
    found = {t for line in mutant.lines for t in credit.tests_of(mutant.path, line)} or set(exercise.items)
    return sorted(found & set(exercise.items), key=lambda t: (exercise.outcomes[t].seconds, t))


Waiting = Sequence[tuple[Mutant, list[str]]]


def _run_all(settings: Settings, zygote: Zygote, project: Project, waiting: Waiting) -> Iterator[Verdict]:
    count = os.cpu_count() or 1
    inside = {b.number for box in project.page.counterexamples for b in box.blocks}
    blocks = tuple(b for b in project.page.blocks if b.number not in inside and b.role is not Role.LAYOUT)
    jobs: SimpleQueue[Job] = SimpleQueue()
    for number in range(count):
        jobs.put(prepare(settings, project, suffix=f".mutant-{number}", blocks=blocks))

    def run(task: tuple[Mutant, list[str]]) -> Verdict:
        job = jobs.get()
        try:
            return _run(zygote, project.texts[task[0].path], job, *task)
        finally:
            jobs.put(job)

    with ThreadPoolExecutor(count) as pool:
        yield from pool.map(run, waiting)


def _run(zygote: Zygote, original: str, job: Job, mutant: Mutant, tests: list[str]) -> Verdict:
    path = Path(job.folder, mutant.path)
    path.write_text(mutant.text, encoding="utf-8")
    try:
        by = _killer(zygote, job, tests)
    finally:
        path.write_text(original, encoding="utf-8")
    return Verdict(mutant.id, str(mutant.place), mutant.what, KILLED if by else SURVIVED, by)


def _weighed(verdict: Verdict, reasons: dict[str, str]) -> Verdict:
    """Turn a survivor that is known to be equivalent into a justified one."""
    reason = reasons.get(verdict.id)
    return replace(verdict, verdict=JUSTIFIED, by=reason) if reason and verdict.verdict == SURVIVED else verdict


def _killer(zygote: Zygote, job: Job, tests: list[str]) -> str:
    """Give the first test that goes red, or nothing."""
    process = PageProcess(zygote, job)
    try:
        if process.broken:
            return "collection"
        return next((t for t in tests if t in process.items and not process.run(t).passed), "")
    finally:
        process.abandon()
