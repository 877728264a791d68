"""What mutmut found of the engine: a score for each module, committed, and what no test notices, at its line.

``nox -s mutate_engine`` runs mutmut, then this. A module's score is that of its text, whose hash is kept with it.
"""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mutmut.stats import status_by_exit_code

NOTICED = {"killed": "killed", "timeout": "killed", "segfault": "killed", "caught by type check": "typed"}
"""What counts as noticed, and as what: a change that makes a test fail or hang, or that mypy refuses."""


def main(root: Path, shown: Callable[[str], str]) -> int:
    """Add the modules that were run to the end to ``engine.json``; say what is left, and give 1 if anything is.

    ``shown`` gives the change of a mutant, a unified diff of its function.
    """
    kept, reasons = root / "tests/mutation/engine.json", _reasons(root / "tests/mutation/engine.toml")
    scores: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    left: list[str] = []
    for meta in sorted((root / "mutants/src").rglob("*.meta")):
        module = meta.relative_to(root / "mutants").as_posix().removesuffix(".meta")
        found = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        if not found or None in found.values():
            continue
        text = (root / module).read_text(encoding="utf-8")
        silent = [_survivor(module, text, name, shown(name)) for name, code in found.items() if status_by_exit_code[code] not in NOTICED]
        left += [
            f"{place}: no test fails when {what} [{key}]. Test it, or justify it." for place, what, key in silent if key not in reasons
        ]
        counts = Counter(NOTICED.get(status_by_exit_code[code], "") for code in found.values())
        scores[module] = {
            "hash": hashlib.sha256(text.encode()).hexdigest(),
            "mutants": len(found),
            "killed": counts["killed"],
            "typed": counts["typed"],
            "justified": sum(key in reasons for _, _, key in silent),
            "survived": sum(key not in reasons for _, _, key in silent),
        }
    scores = {module: score for module, score in sorted(scores.items()) if (root / module).is_file()}
    kept.write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    print("\n".join([*left, *_table(scores)]))
    return 1 if left else 0


def _reasons(listed: Path) -> set[str]:
    """Give the mutants that a reviewed reason says nothing can notice."""
    entries = tomllib.loads(listed.read_text(encoding="utf-8")) if listed.is_file() else {}
    return {key for entry in entries.values() if entry["reason"] for key in entry["mutants"]}


def _survivor(module: str, text: str, name: str, diff: str) -> tuple[str, str, str]:
    """Give a mutant's place, what it changes, and a name that lasts as long as the line and its function's name."""
    function = name.rpartition(".")[2].partition("__mutmut_")[0].rpartition("ǁ")[2].removeprefix("x_")
    before, after = (" ".join(line[1:].strip() for line in _changed(diff, sign)) for sign in "-+")
    first = next(_changed(diff, "-"), "-")[1:]
    lines = text.splitlines()
    starts = [n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == function]
    line = next((n for start in starts for n in range(start, len(lines) + 1) if lines[n - 1].strip() == first.strip()), 1)
    key = hashlib.sha256(f"{module} {function} {before} {after}".encode()).hexdigest()[:12]
    return f"{module}:{line}", f"{before} -> {after}", key


def _changed(diff: str, sign: str) -> Iterator[str]:
    return (line for line in diff.splitlines() if line.startswith(sign) and not line.startswith(sign * 3))


def _table(scores: dict[str, Any]) -> Iterator[str]:
    for module, one in scores.items():
        noticed, able = one["killed"] + one["typed"], one["mutants"] - one["justified"]
        percent = int(100 * noticed / able) if able else 100
        yield f"{module}: {noticed} of {one['mutants']} noticed ({one['typed']} by mypy), {one['justified']} justified, {percent} %"


def _shown(name: str) -> str:
    return subprocess.run(["mutmut", "show", name], check=True, capture_output=True, text=True, encoding="utf-8").stdout


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), _shown))
