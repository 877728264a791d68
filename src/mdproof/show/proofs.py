"""The proof as the site finds it: ``build/proof.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mdproof.proof.record import Record, digest


@dataclass(frozen=True)
class Proofs:
    """What was proven, page by page."""

    versions: Mapping[str, str]
    pages: tuple[Record, ...]

    def of_text(self, text: str) -> Record | None:
        """Give the record of the page with this text; of several, one that is not proven."""
        found = [p for p in self.pages if p["text"] == digest(text)]
        return next((p for p in found if not p["proven"]), found[0] if found else None)

    def of_path(self, path: str) -> Record | None:
        """Give the record of the page at this path."""
        return next((p for p in self.pages if p["page"] == path), None)

    def of_name(self, page: Record, name: str) -> Record | None:
        """Give the record of a page that another one names in ``builds_on``."""
        return self.of_path(path_of(page, name))


def path_of(page: Record, name: str) -> str:
    """Give the path of a page named in ``builds_on``, from the page that names it."""
    own = str(page["page"]).removesuffix(".md")
    docs = own.removesuffix(str(page.get("name") or own.partition("/")[2]))
    return f"{docs}{name}.md"


def load(path: Path) -> Proofs | None:
    """Read the proof, or give nothing where there is none that can be read."""
    try:
        found = path.stat()
    except OSError:
        return None
    return _load(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _load(path: Path, changed: int, size: int) -> Proofs | None:  # noqa: ARG001 - they tell one state of the file from the next
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Proofs(document["versions"], tuple(document["pages"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
