"""A page, hunted: what goes to the record, and what is left to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing

from mdproof.assemble.project import Project
from mdproof.exercise.processor import Zygote
from mdproof.fault import Fault
from mdproof.mutate.hints import write_hints
from mdproof.mutate.hunt import Hunt
from mdproof.mutate.score import read_reasons, score, shortcomings
from mdproof.mutate.verdict import Verdict
from mdproof.proof.scores import Score, read_scores, write_score
from mdproof.settings import Settings

Track = Callable[[Iterator[Verdict], int], Iterable[Verdict]]
"""What shows the progress of verdicts, of which there will be so many, while it hands them on."""


def hunt_page(settings: Settings, zygote: Zygote, projects: Mapping[str, Project], name: str, track: Track) -> list[Fault]:
    """Change every line of a page, record its score and which test noticed which change; give what nothing noticed.

    Raises ``Refused`` for a page that does not hold.
    """
    project, begun = projects[name], spent(zygote)
    with closing(Hunt(settings, zygote, project, _parents(projects, name))) as hunt:
        verdicts = list(track(hunt.verdicts(read_reasons(settings)), hunt.total))
        ties = list(hunt.ties())
        is_whole = hunt.is_whole
    seconds = round(spent(zygote) - begun) if is_whole else read_scores(settings).get(name, {}).get("seconds", 0)
    one: Score = score(settings, project, verdicts, ties) | {"seconds": seconds}
    write_hints(settings, project, verdicts)
    write_score(settings, projects, name, one)
    return shortcomings(verdicts, ties)


def _parents(projects: Mapping[str, Project], name: str) -> Sequence[Project]:
    return [projects[parent] for parent in projects[name].page.builds_on]


def spent(zygote: Zygote) -> float:
    """Give the seconds of CPU that were taken by now, by this process and by all that were forked."""
    return time.process_time() + zygote.seconds
