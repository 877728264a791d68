"""What a hunt found: a page's score, what is left to do, and the survivors that are justified."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

from mdproof.assemble.project import Project
from mdproof.fault import Fault, Place, refuse
from mdproof.mutate.verdict import JUSTIFIED, KILLED, SURVIVED, Tie, Verdict
from mdproof.proof.scores import Score, source_hash
from mdproof.settings import Settings


def read_reasons(settings: Settings) -> dict[str, str]:
    """Give the reviewed list ``justified.toml``, a table a reason: by mutant's id, why nothing can kill it."""
    path = settings.root / settings.mutation / "justified.toml"
    if not path.is_file():
        return {}
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise refuse(settings.relative(path), 1, f"it is no TOML: {error}. Mend it.") from error
    return {mutant: str(entry["reason"]) for entry in listed.values() if entry.get("reason") for mutant in entry.get("mutants", [])}


def score(settings: Settings, project: Project, verdicts: Sequence[Verdict], ties: Sequence[Tie]) -> Score:
    """Sum the verdicts of a page up."""
    counts = {kind: sum(v.verdict == kind for v in verdicts) for kind in (KILLED, SURVIVED, JUSTIFIED)}
    rules = {t.rule: {"broken": t.what, "noticed": t.by} for t in sorted(ties, key=lambda t: t.rule)}
    return {"hash": source_hash(settings, project), "mutants": len(verdicts), **counts, "rules": rules}


def shortcomings(verdicts: Sequence[Verdict], ties: Sequence[Tie]) -> list[Fault]:
    """Give each mutant that no test kills and no reason justifies, and each rule whose tests notice nothing, at their page lines."""
    left = [v for v in verdicts if v.verdict == SURVIVED]
    loose = [t for t in ties if not t.by]
    return sorted(
        [
            *(Fault(_place(v.place), f"no test fails when {v.what} [{v.id}]. Test it, or justify it as equivalent.") for v in left),
            *(Fault(_place(t.place), f"no test that {t.rule} names fails when its section is changed. Name one that does.") for t in loose),
        ]
    )


def _place(text: str) -> Place:
    path, _, line = text.rpartition(":")
    return Place(path, int(line))
