"""One change of a project."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from mdproof.assemble.project import Project
from mdproof.exercise.job import Job
from mdproof.fault import Place


@dataclass(frozen=True)
class Mutant:
    """A changed file of a project."""

    path: str
    place: Place
    """The page line that is changed."""
    lines: tuple[int, ...]
    """The lines of the file that are changed."""
    what: str
    """The operator, and the code before and after."""
    spot: str
    """The text of the line as it was, and the column."""
    text: str
    """The whole file, changed; of a step, its block."""
    body: range | None = None
    """The lines of the innermost function in whose body the change is."""
    block: int = 0
    """The number of the step that is changed, if it is no file."""
    alone: str = ""
    """Of a command that is left out, its block without all others: what does nothing does so whatever was done before."""

    def changed(self, job: Job, *, alone: bool = False) -> Job:
        """Give a job in which the step is changed, or missing if nothing is left of it; or one of the changed command alone."""
        if alone:
            return replace(job, blocks=tuple(replace(b, source=self.alone) for b in job.blocks if b.number == self.block))
        blocks = (replace(b, source=self.text) if b.number == self.block else b for b in job.blocks)
        return replace(job, blocks=tuple(b for b in blocks if b.source))

    @property
    def id(self) -> str:
        """Give an id that lasts as long as its line is the same, wherever that moves."""
        return hashlib.sha256(f"{self.path}\n{self.what}\n{self.spot}".encode()).hexdigest()[:12]


def own_place(project: Project, path: str, line: int) -> Place | None:
    """Give the place of a line that the page itself gives."""
    place = project.origin(path, line)
    return place if place and place.path == project.page.path else None
