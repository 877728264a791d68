"""One page, exercised: its tests, demonstrations, steps and Don'ts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from mdproof.assemble.project import Project
from mdproof.exercise.copy import copy_run, prepare
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.wrong import Caught, catch
from mdproof.fault import Refused
from mdproof.model import STEPS, Counterexample
from mdproof.settings import Settings


@dataclass
class Exercise:
    """What was run of a page, and what is left to run."""

    project: Project
    items: tuple[str, ...]
    """The ids of everything the page's process can run."""
    broken: tuple[Outcome, ...]
    """What could not be collected."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    caught: dict[int, Caught] = field(default_factory=dict)
    measured: Measured | None = None

    @property
    def complete(self) -> bool:
        """Tell whether everything of the page ran."""
        return set(self.items) <= self.outcomes.keys() and {c.number for c in self.project.page.counterexamples} <= self.caught.keys()


class Exerciser:
    """Runs one page in a process of its own, as far as it is asked to."""

    def __init__(self, settings: Settings, zygote: Zygote, project: Project) -> None:
        """Start the page's process and collect its tests."""
        self._settings, self._zygote = settings, zygote
        page = project.page
        inside = {b.number for box in page.counterexamples for b in box.blocks}
        blocks = tuple(b for b in page.blocks if b.number not in inside)
        job = prepare(settings, project, blocks=blocks) if project.files else None
        self._folder = Path(job.folder) if job else settings.root
        self._steps = {f"block-{b.number}": str(b.number) for b in blocks if b.role in STEPS}
        self.before = self._folder.with_name(f"{self._folder.name}.before")
        """The folder that has the project's files as each step finds them, by the number of its block."""
        shutil.rmtree(self.before, ignore_errors=True)
        self._process = PageProcess(zygote, job) if job else None
        items = tuple(self._process.items) if self._process else ()
        self.exercise = Exercise(project, items, tuple(self._process.broken) if self._process else ())

    def run(self, test: str, following: str = "") -> Outcome:
        """Run a test of the page's process."""
        if self._process is None:
            return Outcome(test, "died", message="the page has no project")
        if test in self._steps:
            copy_run(self._folder, self.before / self._steps[test])
        outcome = self._process.run(test, following)
        self.exercise.outcomes[test] = outcome
        return outcome

    def catch(self, box: Counterexample) -> Caught:
        """Run a Don't, after all tests if it comes after them: what each ran says which of them it can change."""
        passed = [o.id for o in self.exercise.outcomes.values() if o.passed]
        measured = self.finish().measured if passed and set(self.exercise.items) <= set(passed) else None
        try:
            caught = catch(self._settings, self._zygote, self.exercise.project, box, measured)
        except Refused as refused:
            caught = Caught(box, (), "", refused.faults)
        self.exercise.caught[box.number] = caught
        return caught

    def finish(self) -> Exercise:
        """End the process and give everything that is known."""
        if self._process is not None and self.exercise.measured is None:
            self.exercise.measured = self._process.finish()
        return self.exercise
