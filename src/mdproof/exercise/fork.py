"""A page's process as a zygote: forks of it have collected the same tests, over code that is changed in place."""

from __future__ import annotations

import gc
import os
import signal
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from multiprocessing import reduction
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType

from mdproof.exercise.job import Change
from mdproof.exercise.services import Services


class Fork:
    """What forks of a process need to know of it."""

    def __init__(self, folder: str) -> None:
        """Know where the project is; its functions are looked for when the first fork is wanted."""
        self._folder = folder
        self._functions: Mapping[CodeType, Sequence[FunctionType]] | None = None

    def split(self, connection: Connection, services: Services) -> Connection:
        """Fork; give each of the two processes the connection it serves from now on.

        The fork has services of its own, at the same ports.
        """
        theirs = reduction.recv_handle(connection)
        if self._functions is None:
            services.stop()
            self._functions = self._found()
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            gc.collect()
            gc.freeze()
        if os.fork():
            os.close(theirs)
            return connection
        connection.close()
        return self._enter(Connection(theirs), services)

    def _enter(self, connection: Connection, services: Services) -> Connection:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        change: Change = connection.recv()
        connection.send(("started", os.getpid()))
        services.start(connection)
        self._apply(change)
        return connection

    def _found(self) -> Mapping[CodeType, Sequence[FunctionType]]:
        """Give the project's functions by their code, wherever they are kept by now."""
        found: defaultdict[CodeType, list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(f"{self._folder}/"):
                found[one.__code__].append(one)
        return found

    def _apply(self, change: Change) -> None:
        """Give the functions of a file that is imported the code they have in the changed file."""
        for old, new in paired(str(Path(self._folder, change.path)), change) if change.path.endswith(".py") else ():
            for function in (self._functions or {}).get(old, ()):
                function.__code__ = new


def paired(filename: str, change: Change) -> Iterator[tuple[CodeType, CodeType]]:
    """Give the code of each function of a file, before and after a change.

    Raises ``ValueError`` if a function is another than before in more than what it does: in what
    it holds of functions of its own, or of the variables of those around it.
    """
    waiting = [tuple(compile(text, filename, "exec", dont_inherit=True) for text in (change.before, change.after))]
    while waiting:
        old, new = waiting.pop()
        if (old.co_name, old.co_freevars) != (new.co_name, new.co_freevars):
            raise ValueError(old.co_qualname)
        yield old, new
        inner = (tuple(c for c in code.co_consts if isinstance(c, CodeType)) for code in (old, new))
        for one, other in zip_longest(*inner):
            if one is None or other is None:
                raise ValueError(old.co_qualname)
            waiting.append((one, other))
