"""Whether forks of a session can go on from where a test left the fixtures that outlast it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

OUTSIDE = ("os.", "shutil.", "socket.", "sqlite3.", "subprocess.", "tempfile.", "_thread.")
"""How audit events begin that reach beyond the memory of a process."""
HARMLESS = frozenset({"os.listdir", "os.scandir", "os.putenv", "os.unsetenv"})
"""Those of them that do not."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Warmth:
    """Watches fixtures of wider scope: what they hold in memory each fork has of its own, and everything else they would share."""

    def __init__(self) -> None:
        """Begin to watch."""
        self._inside = 0
        self._clean = True
        sys.addaudithook(self._audit)

    @contextmanager
    def fixture(self) -> Iterator[None]:
        """Watch while a fixture of wider scope is set up."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing was touched but memory, and no thread is left."""
        return self._clean and threading.active_count() == 1

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._inside and self._clean and event not in HARMLESS:
            self._clean = not (event.startswith(OUTSIDE) or (event == "open" and arguments[2] & WRITES))
