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
        self._found_first = self._found()
        self._content = {path: _content(Path(path)) for path in self._found_first}
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
                _write(Path(path), self._content[path])
                os.utime(path, ns=(state[0],) * 2, follow_symlinks=False)

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


def _content(path: Path) -> bytes | Path:
    """Give what a file holds, or where a link leads."""
    return path.readlink() if path.is_symlink() else path.read_bytes()


def _write(path: Path, content: bytes | Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or isinstance(content, Path):
        path.unlink(missing_ok=True)
    if isinstance(content, Path):
        path.symlink_to(content)
    else:
        path.write_bytes(content)


NANOSECONDS = 1_000_000_000
"""In a second."""
