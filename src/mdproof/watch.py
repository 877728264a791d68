"""Proving again whenever a page or its tests change."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from mdproof.settings import Settings

POLL = 0.5
"""Seconds between looks at the files."""


def watch(settings: Settings, again: Callable[[], object]) -> None:
    """Call a function now and after every change of a page or a deeper test, until interrupted."""
    seen: dict[Path, int] = {}
    try:
        while True:
            now = stamps(settings)
            if now != seen:
                seen = now
                again()
            time.sleep(POLL)
    except KeyboardInterrupt:
        return


def stamps(settings: Settings) -> dict[Path, int]:
    """Give the times, in nanoseconds, at which pages and deeper tests were changed last."""
    folders = (settings.root / settings.docs, settings.root / settings.tests)
    found: dict[Path, int] = {}
    for path in (p for folder in folders for p in folder.rglob("*") if p.suffix in {".md", ".py"}):
        try:
            found[path] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return found
