"""What mutmut found of the engine: a score for each module, committed, and what no test notices, at its line.

``nox -s mutate_engine`` runs mutmut, then this. A module's score is that of its text, whose hash is kept with it;
what was tried of another text counts for nothing.
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
from typing import Any, NamedTuple

from mutmut.stats import status_by_exit_code

NOTICED = {"killed": "killed", "timeout": "killed", "segfault": "killed", "caught by type check": "typed"}
"""What counts as noticed, and as what: a change that makes a test fail or hang, or that mypy refuses."""


def main(root: Path, shown: Callable[[str], str]) -> int:
    """Add the modules that were run to the end to ``engine.json``; say what is left, and give 1 if anything is.

    ``shown`` gives the change of a mutant, a unified diff of its function.
    """
    kept, is_justified = root / "tests/mutation/engine.json", _reviewed(root / "tests/mutation/engine.toml")
    scores: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    texts = root / "mutants/texts.json"
    tried: dict[str, str] = json.loads(texts.read_text(encoding="utf-8")) if texts.is_file() else {}
    left: list[str] = []
    for meta in sorted((root / "mutants/src").rglob("*.meta")):
        module = meta.relative_to(root / "mutants").as_posix().removesuffix(".meta")
        found = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        text = (root / module).read_text(encoding="utf-8")
        if None in found.values() or tried.get(module) != _hash(text):
            continue
        silent = [_survivor(module, text, name, shown(name)) for name, code in found.items() if status_by_exit_code[code] not in NOTICED]
        unknown = [one for one in silent if not is_justified(one.key, one.change)]
        left += [f"{module}:{one.line}: no test fails when {one.what} [{one.key}]. Test it, or justify it." for one in unknown]
        counts = Counter(NOTICED.get(status_by_exit_code[code], "") for code in found.values())
        scores[module] = {
            "hash": tried[module],
            "mutants": len(found),
            "killed": counts["killed"],
            "typed": counts["typed"],
            "justified": len(silent) - len(unknown),
            "survived": len(unknown),
        }
    scores = {module: score for module, score in sorted(scores.items()) if (root / module).is_file()}
    kept.write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    print("\n".join([*left, *_table(root, scores)]))
    return 1 if left else 0


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _reviewed(listed: Path) -> Callable[[str, str], bool]:
    """Read the reviewed list, a table a reason: the ``mutants`` that nothing can notice, or the ``changes`` that mean nothing anywhere."""
    entries = tomllib.loads(listed.read_text(encoding="utf-8")) if listed.is_file() else {}
    known = {kind: {one for e in entries.values() if e["reason"] for one in e.get(kind, ())} for kind in ("mutants", "changes")}
    return lambda key, change: key in known["mutants"] or change in known["changes"]


class Survivor(NamedTuple):
    """A change that nothing notices."""

    line: int
    what: str
    """The line before and after."""
    key: str
    """A name that lasts as long as the line, and its function's name."""
    change: str
    """What differs, and no more."""


def _survivor(module: str, text: str, name: str, diff: str) -> Survivor:
    function = name.rpartition(".")[2].partition("__mutmut_")[0].rpartition("ǁ")[2].removeprefix("x_")
    before, after = (" ".join(line[1:].strip() for line in _changed(diff, sign)) for sign in "-+")
    first = next(_changed(diff, "-"), "-")[1:]
    lines = text.splitlines()
    starts = [n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == function]
    line = next((n for start in starts for n in range(start, len(lines) + 1) if lines[n - 1].strip() == first.strip()), 1)
    key = hashlib.sha256(f"{module} {function} {before} {after}".encode()).hexdigest()[:12]
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    return Survivor(line, f"{before} -> {after}", key, f"{before[start : len(before) - end]} -> {after[start : len(after) - end]}")


def _alike(one: str, other: str) -> int:
    """Give how many characters two texts begin with alike."""
    return next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other)))


def _changed(diff: str, sign: str) -> Iterator[str]:
    return (line for line in diff.splitlines() if line.startswith(sign) and not line.startswith(sign * 3))


def _table(root: Path, scores: dict[str, Any]) -> Iterator[str]:
    """Give a line for each module there is, with its score, or that it has none, or one of another text."""
    for path in sorted((root / "src").rglob("*.py")):
        module = path.relative_to(root).as_posix()
        one = scores.get(module)
        if one is None:
            yield f"{module}: no score"
        elif one["hash"] != _hash(path.read_text(encoding="utf-8")):
            yield f"{module}: stale, changed since its score was recorded"
        elif not one["mutants"]:
            yield f"{module}: there is nothing to change"
        else:
            noticed, able = one["killed"] + one["typed"], one["mutants"] - one["justified"]
            percent = int(100 * noticed / able) if able else 100
            yield f"{module}: {noticed} of {one['mutants']} noticed ({one['typed']} by mypy), {one['justified']} justified, {percent} %"


def _shown(name: str) -> str:
    return subprocess.run(["mutmut", "show", name], check=True, capture_output=True, text=True, encoding="utf-8").stdout


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), _shown))
