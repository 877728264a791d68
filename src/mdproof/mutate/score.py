"""The score of each page, as a committed record, and the justified survivors."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mdproof.assemble.project import Project
from mdproof.fault import Fault, Place, refuse
from mdproof.mutate.hunt import JUSTIFIED, KILLED, SURVIVED, Tie, Verdict
from mdproof.settings import Settings

Score = dict[str, Any]


def scores_path(settings: Settings) -> Path:
    """Give the path of the record."""
    return settings.root / settings.mutation / "scores.json"


def read_scores(settings: Settings) -> dict[str, Score]:
    """Give the record by page, empty where there is none."""
    path = scores_path(settings)
    if not path.is_file():
        return {}
    found: dict[str, Score] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read_reasons(settings: Settings) -> dict[str, str]:
    """Give the reviewed list ``justified.toml``: by mutant's id, why nothing can kill it."""
    path = settings.root / settings.mutation / "justified.toml"
    if not path.is_file():
        return {}
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise refuse(settings.relative(path), 1, f"it is no TOML: {error}. Mend it.") from error
    return {name: str(entry["reason"]) for name, entry in listed.items() if entry.get("reason")}


def source_hash(project: Project) -> str:
    """Give the hash of what a score depends on: the project, its rules and its steps, whatever it is run with."""
    rules = [(r.id, r.section[1] - r.section[0], r.tests) for r in project.page.rules]
    steps = [b.source for b in project.page.steps()]
    return hashlib.sha256(json.dumps([project.texts, rules, steps], sort_keys=True).encode()).hexdigest()


def score(project: Project, verdicts: Sequence[Verdict], ties: Sequence[Tie]) -> Score:
    """Sum the verdicts of a page up."""
    counts = {kind: sum(v.verdict == kind for v in verdicts) for kind in (KILLED, SURVIVED, JUSTIFIED)}
    rules = {t.rule: {"broken": t.what, "noticed": t.by} for t in sorted(ties, key=lambda t: t.rule)}
    return {"hash": source_hash(project), "mutants": len(verdicts), **counts, "rules": rules}


def stands(one: Score | None, project: Project) -> bool:
    """Tell whether a page's score holds for the page as it is."""
    return one is not None and one["hash"] == source_hash(project)


def is_complete(one: Score) -> bool:
    """Tell whether nothing is left to kill, and every rule was seen to be broken."""
    return one[SURVIVED] == 0 and all(rule["noticed"] for rule in one["rules"].values())


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


def write_scores(settings: Settings, scores: Mapping[str, Score]) -> None:
    """Write the record whole."""
    path = scores_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(sorted(scores.items())), indent=1) + "\n", encoding="utf-8")


def percent(one: Score) -> float:
    """Give the share of mutants killed, of those that can be."""
    able = one["mutants"] - one[JUSTIFIED]
    return 100.0 if able == 0 else 100 * one[KILLED] / able
