"""What was found of a page's mutants, kept from run to run as long as it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from mdproof.assemble.project import Project
from mdproof.exercise.wrong import DEEPER
from mdproof.proof.record import page_hash
from mdproof.settings import Settings

T = TypeVar("T", bound=Any)


class Log:
    """A file of findings, each with the digest of what it stands on: the test that noticed, or all of the page."""

    def __init__(self, settings: Settings, project: Project) -> None:
        """Take the page's file, which is another for each state of what its tests share."""
        self._settings, self._project = settings, project
        self._path = settings.root / settings.build / "mutants" / f"{project.page.name}.{_shared(project)[:16]}.jsonl"
        self._path.parent.mkdir(parents=True, exist_ok=True)

    def read(self, kind: type[T]) -> Iterator[T]:
        """Give the findings of a kind that still hold; each has ``by``, the test that noticed a change."""
        for line in self._path.read_bytes().splitlines() if self._path.is_file() else ():
            try:
                digest, found = json.loads(line)
                one = kind(**found)
            except (ValueError, TypeError):
                continue
            if digest == self._digest(one.by):
                yield one

    def write(self, found: T) -> None:
        """Add a finding."""
        with self._path.open("ab") as file:
            file.write(f"{json.dumps([self._digest(found.by), asdict(found)])}\n".encode())

    def _digest(self, by: str) -> str:
        """Give the digest of a test's file; where no test is named, of all that the page depends on."""
        path = by.partition("::")[0]
        deeper = self._settings.deeper_tests(self._project.page.name)
        if path == f"{DEEPER}{deeper.name}" and deeper.is_file():
            return _digest([by, deeper.read_text(encoding="utf-8")])
        if _is_test(path) and path in self._project.texts:
            return _digest([by, self._project.texts[path]])
        return page_hash(self._settings, self._project)


def _shared(project: Project) -> str:
    """Give the digest of what mutants are made of and what all tests stand on: everything but the tests."""
    return _digest([{p: t for p, t in project.texts.items() if not _is_test(p)}, [b.source for b in project.page.steps()]])


def _is_test(path: str) -> bool:
    return path.startswith("tests/") and Path(path).name.startswith("test_")


def _digest(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
