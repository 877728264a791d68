"""The files of a run copy: spoilt for a while, and put right again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path


class Files:
    """Some folders as they are now."""

    def __init__(self, *folders: str) -> None:
        """Remember what is in them."""
        self._folders = folders
        self._content = {path: Path(path).read_bytes() for path in self._found()}
        self._found_first = self._found()
        self._moments = count(max(time for time, _ in self._found_first.values()) // NANOSECONDS + 1)

    @contextmanager
    def spoilt(self, path: str, text: str) -> Iterator[None]:
        """Give a file of the first folder another text, and put all files right afterwards.

        Bytecode is told apart by size and by time in whole seconds, so each text gets a time of its own.
        """
        with self.kept():
            file = Path(self._folders[0], path)
            file.write_text(text, encoding="utf-8")
            moment = next(self._moments)
            os.utime(file, (moment, moment))
            yield

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Put all files right afterwards, whatever is done to them."""
        try:
            yield
        finally:
            self._put_right()

    def _put_right(self) -> None:
        found = self._found()
        for path in found.keys() - self._found_first.keys():
            Path(path).unlink(missing_ok=True)
        for path, state in self._found_first.items():
            if found.get(path) != state:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_bytes(self._content[path])
                os.utime(path, ns=(state[0],) * 2)

    def _found(self) -> dict[str, tuple[int, int]]:
        """Give all files with the time of their last change, in nanoseconds, and their size."""
        found: dict[str, tuple[int, int]] = {}
        waiting = list(self._folders)
        while waiting:
            with suppress(FileNotFoundError), os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        stat = entry.stat(follow_symlinks=False)
                        found[entry.path] = (stat.st_mtime_ns, stat.st_size)
        return found


NANOSECONDS = 1_000_000_000
"""In a second."""
