"""A page's process as a zygote: forks of it have collected the same tests, over code that is changed in place, or go on importing."""

from __future__ import annotations

import gc
import marshal
import os
import signal
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from multiprocessing import reduction
from multiprocessing.connection import Connection
from types import CodeType, FunctionType

from mdproof.exercise.job import Change
from mdproof.exercise.services import Services
from mdproof.exercise.trees import reap


class Fork:
    """What forks of a process need to know of it."""

    def __init__(self, folder: str) -> None:
        """Know where the project is; its functions are looked for when the first fork is wanted."""
        self._folder = folder
        self._functions: Mapping[CodeType, Sequence[FunctionType]] | None = None

    def split(self, connection: Connection, services: Services) -> tuple[Connection, Change | None]:
        """Fork; give each of the two processes the connection it serves from now on, and the fork what it is asked for.

        The fork has services of its own, at the same ports.
        """
        theirs = reduction.recv_handle(connection)
        if self._functions is None:
            services.stop()
            self._functions = self._found()
            signal.signal(signal.SIGCHLD, reap)
            gc.collect()
            gc.freeze()
        if os.fork():
            os.close(theirs)
            return connection, None
        connection.close()
        return self._enter(Connection(theirs), services)

    def _enter(self, connection: Connection, services: Services) -> tuple[Connection, Change]:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        change: Change = connection.recv()
        connection.send(("started", os.getpid()))
        services.start(connection)
        self._apply(change)
        return connection, change

    def _found(self) -> Mapping[CodeType, Sequence[FunctionType]]:
        """Give the project's functions by their code, wherever they are kept by now."""
        found: defaultdict[CodeType, list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(f"{self._folder}/"):
                found[one.__code__].append(one)
        return found

    def _apply(self, change: Change) -> None:
        """Give functions the code they have in the changed file."""
        for old, new in change.code:
            for function in (self._functions or {}).get(marshal.loads(old), ()):  # noqa: S302 - our own process sent it
                function.__code__ = marshal.loads(new)  # noqa: S302


def changed(filename: str, before: str, after: str) -> Change:
    """Give the functions of a file whose code is another than before.

    Raises ``ValueError`` if a function is another than before in more than what it does: in what
    it holds of functions of its own, or of the variables of those around it.
    """
    pairs = _paired(_compiled(filename, before), compile(after, filename, "exec", dont_inherit=True))
    return Change(tuple((marshal.dumps(old), marshal.dumps(new)) for old, new in pairs if old != new))


@cache
def _compiled(filename: str, text: str) -> CodeType:
    return compile(text, filename, "exec", dont_inherit=True)


def _paired(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Give the code of each function inside, before and after."""
    inner = (tuple(c for c in code.co_consts if isinstance(c, CodeType)) for code in (old, new))
    for one, other in zip_longest(*inner):
        if one is None or other is None or (one.co_name, one.co_freevars) != (other.co_name, other.co_freevars):
            raise ValueError(old.co_qualname)
        yield one, other
        yield from _paired(one, other)
