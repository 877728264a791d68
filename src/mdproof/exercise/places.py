"""Reports of the page's pytest session, at the lines of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mdproof.exercise.job import Job


def translate(data: Any, job: Job) -> Any:
    """Put page places where a serialised report names lines of the copy."""
    if isinstance(data, Mapping):
        if {"path", "lineno"} <= data.keys() and isinstance(data["lineno"], int):
            path, line = origin(str(data["path"]), data["lineno"], job)
            data = {**data, "path": path, "lineno": line}
        return {key: translate(value, job) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [translate(value, job) for value in data]
    return data


def origin(path: str, line: int, job: Job) -> tuple[str, int]:
    """Give the place a line of the copy was written at; other places stay as they are."""
    below = path.removeprefix(f"{job.folder}/")
    lines = job.origins.get(below)
    if not lines or not 0 < line <= len(lines):
        return below, line
    return lines[line - 1]


def place_of_report(data: Mapping[str, Any], text: str, job: Job) -> tuple[str, int] | None:
    """Give the last place of a report that is on a page or in its tests."""
    known = {path for lines in job.origins.values() for path, _ in lines}
    found = [(d["path"], d["lineno"]) for d in _places(data) if d["path"] in known]
    if found:
        return found[-1]
    mentioned = re.findall(rf"({'|'.join(map(re.escape, known))}):(\d+)\b", text)
    return next(((path, int(line)) for path, line in reversed(mentioned)), None)


def _places(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, Mapping):
        if {"path", "lineno"} <= data.keys():
            yield data
        for value in data.values():
            yield from _places(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _places(value)


def kind_and_message(report: pytest.TestReport) -> tuple[str, str]:
    """Give the name of the exception a report is of, and its words."""
    if isinstance(report.longrepr, tuple):
        return "Skipped", str(report.longrepr[-1]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    words = str(crash.message) if crash else last_line(str(report.longrepr)).partition(": ")[2]
    return words.partition(":")[0].strip(), words


def last_line(text: str) -> str:
    """Give the last line that is not empty."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
