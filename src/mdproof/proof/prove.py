"""One page, from its exercise to its written proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise

from mdproof.assemble.project import Project
from mdproof.assemble.write import changed_since
from mdproof.exercise.job import Outcome
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exerciser
from mdproof.fault import Fault
from mdproof.proof.judge import fault_of, judge
from mdproof.proof.memory import remember
from mdproof.proof.record import Record, record, write_proof
from mdproof.settings import Settings


@dataclass(frozen=True)
class Proven:
    """What became of a page."""

    record: Record
    faults: tuple[Fault, ...]
    reports: dict[Fault, Outcome]
    """By fault, the outcome it tells of."""


def prove_page(settings: Settings, zygote: Zygote, project: Project) -> Proven:
    """Exercise a page, judge what ran, and write its proof."""
    start = time.perf_counter()
    exerciser = Exerciser(settings, zygote, project)
    items = exerciser.exercise.items
    outcomes = [exerciser.run(test, following) for test, following in pairwise([*items, ""])]
    for box in project.page.counterexamples:
        exerciser.catch(box)
    exercise = exerciser.finish()
    judgement = judge(settings, exercise)
    changed = tuple(changed_since(settings, project)) if judgement.faults else ()
    proof = record(settings, exercise, judgement) | {"seconds": round(time.perf_counter() - start, 2)}
    write_proof(settings, project.page.name, proof)
    remember(settings, exercise, exerciser.before)
    reports = {fault_of(project, o): o for o in (*exercise.broken, *outcomes) if not o.passed}
    return Proven(proof, (*judgement.faults, *changed), reports)
