"""Which test noticed which change last time: committed, and only ever a hint where to begin."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from mdproof.assemble.project import Project
from mdproof.mutate.verdict import KILLED, Verdict
from mdproof.settings import Settings


def read_hints(settings: Settings, project: Project) -> dict[str, str]:
    """Give, by mutant's id, the test that noticed it, here or else on another page that has the same line.

    Nothing where no hunt has ended, or the record is damaged.
    """
    own = _path(settings, project)
    found: dict[str, str] = {}
    for path in [*sorted(_folder(settings).rglob("*.json")), own]:
        try:
            noticed = json.loads(path.read_bytes())
            found |= {mutant: test for test, mutants in noticed.items() for mutant in mutants}
        except (OSError, ValueError, AttributeError, TypeError):
            continue
    return found


def write_hints(settings: Settings, project: Project, verdicts: Iterable[Verdict]) -> None:
    """Write the tests of a page down, each with the mutants it noticed."""
    noticed: defaultdict[str, list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.verdict == KILLED:
            noticed[verdict.by].append(verdict.id)
    path = _path(settings, project)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"{json.dumps({test: sorted(noticed[test]) for test in sorted(noticed)}, indent=1)}\n".encode())


def _path(settings: Settings, project: Project) -> Path:
    return _folder(settings) / f"{project.page.name}.json"


def _folder(settings: Settings) -> Path:
    return settings.root / settings.mutation / "noticed"
