"""The moment at which a file of a project is imported."""

from __future__ import annotations

from collections.abc import Callable


class Import:
    """A finder of modules that finds none, and is told of each that is about to be imported."""

    def __init__(self, path: str, notify: Callable[[], None]) -> None:
        """Call ``notify`` once, before the file at ``path`` below the project is run: ``src/myapp/orders.py``."""
        self._awaited = {path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")}
        self._notify = notify

    def find_spec(self, fullname: str, *_path_and_target: object) -> None:
        """Leave the finding to others."""
        if fullname in self._awaited:
            self._awaited.clear()
            self._notify()
