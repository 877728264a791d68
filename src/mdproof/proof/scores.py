"""The score of each page's mutants: a committed record, which says what it was taken of."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mdproof.assemble.project import Project
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
    found: dict[str, Score] = json.loads(path.read_bytes())
    return found


def source_hash(settings: Settings, project: Project) -> str:
    """Give the hash of what a score depends on: the project, its rules, its steps and its deeper tests, whatever they are run with."""
    deeper = settings.deeper_tests(project.page.name)
    further = deeper.read_text(encoding="utf-8") if deeper.is_file() else ""
    rules = [(r.id, r.section[1] - r.section[0], r.tests) for r in project.page.rules]
    steps = [b.source for b in project.page.steps()]
    return hashlib.sha256(json.dumps([project.texts, rules, steps, further], sort_keys=True).encode()).hexdigest()


def stands(settings: Settings, one: Score | None, project: Project) -> bool:
    """Tell whether a page's score holds for the page as it is."""
    return one is not None and one["hash"] == source_hash(settings, project)


def is_complete(one: Score) -> bool:
    """Tell whether nothing is left to kill, and every rule was seen to be broken."""
    return one["survived"] == 0 and all(rule["noticed"] for rule in one["rules"].values())


def write_score(settings: Settings, projects: Mapping[str, Project], name: str, one: Score) -> None:
    """Put a page's score into the record, and leave there what others have written meanwhile; pages that are gone go."""
    path = scores_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {page: score for page, score in read_scores(settings).items() if page in projects} | {name: one}
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(f"{json.dumps(dict(sorted(kept.items())), indent=1)}\n".encode())
    fresh.replace(path)


def percent(one: Score) -> float:
    """Give the share of mutants killed, of those that can be."""
    able = one["mutants"] - one["justified"]
    return 100.0 if able == 0 else 100 * one["killed"] / able


def shown(settings: Settings, scores: Mapping[str, Score], project: Project) -> Score | None:
    """Give what the site says of a page's score, with whether the page has changed since."""
    one = scores.get(project.page.name)
    return {**one, "percent": int(percent(one)), "stale": not stands(settings, one, project)} if one else None
