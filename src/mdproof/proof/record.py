"""Proofs as files: one a page, and their union."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from mdproof.assemble.project import Project
from mdproof.exercise.run import Exercise
from mdproof.fault import refuse
from mdproof.model import FILES, Block, Role
from mdproof.proof.judge import Judgement
from mdproof.proof.packages import version_of
from mdproof.proof.references import unproven
from mdproof.proof.scores import read_scores, shown
from mdproof.settings import Settings

Record = dict[str, Any]


def versions(projects: Mapping[str, Project]) -> dict[str, str]:
    """Give the versions a guide is proven with: Python, pytest, and what its pages declare."""
    found = {"python": platform.python_version(), "pytest": metadata.version("pytest")}
    for project in projects.values():
        found |= {d.name: v for d in project.dependencies if (v := version_of(d))}
    return dict(sorted(found.items()))


def digest(text: str) -> str:
    """Give the digest by which the site knows a page's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def page_hash(settings: Settings, project: Project) -> str:
    """Give the hash of all a page's proof depends on: its text, its project, deeper tests, lock file, versions, the engine."""
    seen = hashlib.sha256()
    deeper = settings.deeper_tests(project.page.name)
    lock = settings.root / "uv.lock"
    outside = [p.read_text(encoding="utf-8") for p in (deeper, lock, settings.root / "pyproject.toml") if p.is_file()]
    page = project.page
    read = repr([page.blocks, page.rules, page.counterexamples])  # after includes
    own = json.dumps([versions({"": project}), project.texts, page.text, read, outside, _engine()], sort_keys=True)
    seen.update(own.encode())
    return seen.hexdigest()


def _engine() -> str:
    """Give the digest of this package's own text, but for what only shows proofs."""
    seen = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in {"show", "mutate", "command.py", "check.py"}:
            seen.update(path.read_bytes())
    return seen.hexdigest()


def record(settings: Settings, exercise: Exercise, judgement: Judgement) -> Record:
    """Describe a page's proof."""
    page = exercise.project.page
    return {
        "page": page.path,
        "title": page.title,
        "builds_on": list(page.builds_on),
        "project": f"{settings.snippets}/{page.name}" if exercise.project.files else None,
        "hash": page_hash(settings, exercise.project),
        "text": digest(page.text),
        "proven": not judgement.faults and exercise.complete,
        "blocks": [_block(b, exercise, judgement) for b in page.blocks],
        "rules": [{"id": r.id, "title": r.title, "level": r.level, "place": str(r.place), "tests": list(r.tests)} for r in page.rules],
        "counterexamples": [
            {"title": c.counterexample.title, "place": str(c.counterexample.place), "caught_by": list(c.by), "message": c.message}
            for _, c in sorted(exercise.caught.items())
        ],
        "tests": [
            {"id": o.id, "outcome": o.outcome, "seconds": round(o.seconds, 3), "assertions": judgement.assertions.get(o.id, 0)}
            for o in exercise.outcomes.values()
        ],
        "faults": [str(f) for f in judgement.faults],
    }


def _block(block: Block, exercise: Exercise, judgement: Judgement) -> Record:
    shown: Record = {"number": block.number, "place": str(block.place), "role": str(block.role)}
    if block.role in FILES:
        ran = judgement.credit.ran(block)
        return shown | {"path": block.path, "lines_total": ran.total, "lines_run": ran.total - len(ran.missing), "tests": list(ran.tests)}
    return shown | {"path": block.path or None, "tests": _tests_of(block, exercise)}


def _tests_of(block: Block, exercise: Exercise) -> list[str]:
    """Give what exercised a block that is no file."""
    for number, caught in exercise.caught.items():
        if block.number in {b.number for b in caught.counterexample.blocks}:
            return list(caught.by) or [f"dont-{number}"]
    if block.role in {Role.LAYOUT, Role.DEPENDENCIES}:
        return ["proof"]
    return [t for t in exercise.outcomes if t == f"block-{block.number}"]


def proof_path(settings: Settings, name: str) -> Path:
    """Give the path of a page's proof."""
    return settings.root / settings.build / "proof" / f"{name}.json"


def read_proof(settings: Settings, name: str) -> Record | None:
    """Give a page's proof, or nothing if there is none that can be read."""
    try:
        found = json.loads(proof_path(settings, name).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def stands(settings: Settings, project: Project) -> bool:
    """Tell whether a page's proof still holds for all it depends on."""
    found = read_proof(settings, project.page.name)
    return bool(found and found.get("proven") and found.get("hash") == page_hash(settings, project))


def write_proof(settings: Settings, name: str, proof: Record) -> None:
    """Replace a page's proof whole."""
    _write(proof_path(settings, name), proof)


def write_union(settings: Settings, projects: Mapping[str, Project]) -> dict[str, bool]:
    """Write ``build/proof.json``: every page's proof as it stands, unproven where there is none or it is stale.

    Gives, by page's name, whether it is proven; one that refers to an unproven page is not.
    """
    scores = read_scores(settings)
    pages = {n: _current(settings, p) | {"name": n, "mutation": shown(settings, scores, p)} for n, p in projects.items()}
    alone = {name: bool(page["proven"]) for name, page in pages.items()}
    for name, project in projects.items():
        if faults := [str(f) for f in unproven(project.page, alone)]:
            pages[name] |= {"proven": False, "faults": [*pages[name]["faults"], *faults]}
    _write(settings.root / settings.build / "proof.json", {"versions": versions(projects), "pages": list(pages.values())})
    return {name: bool(page["proven"]) for name, page in pages.items()}


def _current(settings: Settings, project: Project) -> Record:
    found = read_proof(settings, project.page.name)
    if found and found.get("hash") == page_hash(settings, project):
        return found
    page = project.page
    why = f"{page.path}:1: this page was not proven. Run `python -m mdproof prove {page.path}`."
    nothing: Record = {key: [] for key in ("blocks", "rules", "counterexamples", "tests")}
    known = {"page": page.path, "project": None, "hash": page_hash(settings, project), "text": digest(page.text)}
    return known | {"proven": False, "faults": [why]} | nothing


def _write(path: Path, document: Record) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode(errors="backslashreplace"))
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise refuse(str(path), 1, f"it could not be written: {error.strerror}. Make room, or allow writing there.") from error
