"""What a page's process runs, opens, loads and starts, and by which test."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import coverage

from mdproof.exercise import templates
from mdproof.exercise.job import PROCESS, Job, Measured
from mdproof.exercise.steps import Stage

STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"})
"""The audit events of starting a process."""


class Recorder:
    """Records the lines each test runs and the files it opens."""

    def __init__(self, job: Job) -> None:
        """Begin to record at once, so that what runs at import is seen."""
        self._job = job
        self._loaded = set(sys.modules)
        self._test = ""
        self._opened: defaultdict[str, set[str]] = defaultdict(set)
        self._started: set[str] = set()
        self._coverage = self._measuring() if job.measure else None
        sys.addaudithook(self._audit)

    def _measuring(self) -> coverage.Coverage:
        measuring = coverage.Coverage(data_file=f"{self._job.output}.coverage", branch=True, config_file=False, source=[self._job.folder])
        measuring.set_option("run:core", "ctrace")
        for kind in ("exclude_lines", "partial_branches"):  # no comment exempts a line or a branch
            measuring.set_option(f"report:{kind}", [])
        measuring.set_option("run:plugins", [templates.__name__])
        measuring.start()
        return measuring

    def _opened_elsewhere(self) -> None:
        """Add the files that consoles and servers opened."""
        log = Path(self._job.environment.get("MDPROOF_OPENED", os.devnull))
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else ():
            context, _, path = line.partition("\t")
            below = path.removeprefix(f"{self._job.folder}/")
            if below in self._job.origins:
                self._opened[below].add(context.removeprefix(PROCESS))

    def switch(self, test: str) -> None:
        """Credit what follows to a test."""
        self._test = test
        if self._coverage:
            self._coverage.switch_context(test)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in STARTS:
            self._started.add(self._test)
        elif event == "open" and isinstance(arguments[0], str) and not self._job.folder.startswith(arguments[0]):
            below = os.path.normpath(arguments[0]).removeprefix(f"{self._job.folder}/")
            if below in self._job.origins:
                self._opened[below].add(self._test)

    @property
    def is_alone(self) -> bool:
        """Tell whether nothing has started a process here since this began to record."""
        return not self._started

    def measured(self, stage: Stage, widening: Iterable[str]) -> Measured:
        """Give what was recorded, with what the page's steps did, and the tests that began what the session's others go on with."""
        self._opened_elsewhere()
        lines: dict[str, Any] = {"statements": {}, "missing": {}, "partial": {}, "contexts": {}, "processes": {}}
        if self._coverage:
            self._coverage.stop()
            self._lines(self._coverage, lines)
        own = {path.removeprefix("src/").split("/")[0].removesuffix(".py") for path in self._job.origins}
        loaded = tuple(sorted(name for name in set(sys.modules) - self._loaded if name.split(".")[0] not in own))
        return Measured(
            **lines,
            opened={path: tuple(sorted(tests)) for path, tests in self._opened.items()},
            started=tuple(sorted(self._started)),
            widening=tuple(widening),
            modules=loaded,
            commands=tuple(stage.commands),
            compared=dict(stage.compared),
        )

    def _lines(self, measuring: coverage.Coverage, into: dict[str, Any]) -> None:
        measuring.save()
        measuring.combine()
        self._report(measuring, into)
        data = measuring.get_data()
        for path in self._job.origins:
            by_line: Mapping[int, Iterable[str]] = data.contexts_by_lineno(f"{self._job.folder}/{path}")
            if path.endswith(templates.ENDINGS):
                by_line = self._template(path, by_line, into)
            if by_line:
                into["contexts"][path] = {n: tuple(sorted(t for t in tests if not t.startswith(PROCESS))) for n, tests in by_line.items()}
                into["processes"][path] = {
                    n: tuple(sorted(t.removeprefix(PROCESS) for t in tests if t.startswith(PROCESS))) for n, tests in by_line.items()
                }

    def _template(self, path: str, ran: Mapping[int, Iterable[str]], into: dict[str, Any]) -> Mapping[int, Iterable[str]]:
        """Add a template's lines, if it was rendered here; give the tests that ran each."""
        able, missing, tests = templates.template_lines(f"{self._job.folder}/{path}", ran)
        if able:
            into["statements"][path], into["missing"][path] = tuple(sorted(able)), tuple(sorted(missing))
        return tests

    def _report(self, measuring: coverage.Coverage, into: dict[str, Any]) -> None:
        """Add what coverage reports of each Python file."""
        report = Path(f"{self._job.output}.json")
        files = [f"{self._job.folder}/{path}" for path in self._job.origins if path.endswith(".py")]
        if not files:
            return
        measuring.json_report(morfs=files, outfile=str(report), ignore_errors=True)
        for path, found in json.loads(report.read_bytes())["files"].items():
            into["statements"][path] = tuple(sorted(found["executed_lines"] + found["missing_lines"]))
            into["missing"][path] = tuple(found["missing_lines"])
            into["partial"][path] = tuple((a, b) for a, b in found["missing_branches"])
