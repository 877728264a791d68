"""What the run told that proved a page, kept for whoever asks which test runs which line."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path

from mdproof.assemble.project import Project
from mdproof.exercise.job import Outcome
from mdproof.exercise.run import Exercise
from mdproof.fault import refuse
from mdproof.proof.record import page_hash
from mdproof.settings import Settings


@dataclass(frozen=True)
class Memory:
    """A run in which everything passed."""

    exercise: Exercise
    before: Path
    """The folder that has the project's files as each step found them, by the number of its block."""


def remember(settings: Settings, exercise: Exercise, before: Path) -> Memory | None:
    """Keep what a run told, and the files that its steps found in ``before``; nothing of a run in which anything failed."""
    project, outcomes = exercise.project, exercise.outcomes
    file, kept = _places(settings, project)
    shutil.rmtree(kept, ignore_errors=True)
    is_whole = set(exercise.items) <= outcomes.keys() and all(o.passed for o in outcomes.values())
    try:
        file.unlink(missing_ok=True)
        if exercise.measured is None or not is_whole:
            return None
        file.parent.mkdir(parents=True, exist_ok=True)
        if before.is_dir():
            before.rename(kept)
        seconds = {test: outcomes[test].seconds for test in exercise.items}
        file.write_bytes(pickle.dumps((page_hash(settings, project), seconds, exercise.measured)))
    except OSError as error:
        raise refuse(str(file), 1, f"it could not be written: {error.strerror}. Make room, or allow writing there.") from error
    return Memory(exercise, kept)


def recall(settings: Settings, project: Project) -> Memory | None:
    """Give what the run told that proved a page as it is, or nothing."""
    file, kept = _places(settings, project)
    try:
        known, seconds, measured = pickle.loads(file.read_bytes())  # noqa: S301 - our own file, as what our processes send each other
    except Exception:  # noqa: BLE001 - what is damaged may raise anything, and is written again
        return None
    if known != page_hash(settings, project):
        return None
    outcomes = {test: Outcome(test, "passed", seconds=taken) for test, taken in seconds.items()}
    return Memory(Exercise(project, tuple(outcomes), (), outcomes, measured=measured), kept)


def _places(settings: Settings, project: Project) -> tuple[Path, Path]:
    folder = settings.root / settings.build / "told"
    return folder / f"{project.page.name}.pickle", folder / f"{project.page.name}.before"
