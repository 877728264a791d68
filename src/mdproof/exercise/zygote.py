"""A warm process that forks one for each page.

It is single-threaded and has imported what pages import and run one throwaway session, so that
a page begins in a fraction of the time a fresh process takes. Where there is no fork, each page
gets a spawned process that speaks the same protocol.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import signal
import socket
import sys
import tempfile
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

import pytest

from mdproof.exercise.child import PLUGINS, enter, serve
from mdproof.exercise.job import NESTED, PAGE
from mdproof.exercise.trees import reap, reap_all

FEW_SECONDS = 5.0
"""How long children are waited for that have been told to end."""


def main(arguments: list[str]) -> None:
    """Be a zygote on a socket (``zygote FD MODULE…``), or a single page's process (``page FD``)."""
    kind, descriptor, *modules = arguments
    if kind == "page":
        serve(Connection(int(descriptor)))
    with socket.socket(fileno=int(descriptor)) as control:
        warm_up(modules)
        signal.signal(signal.SIGCHLD, reap)
        while _fork(control):
            pass
    reap_all(FEW_SECONDS)


def warm_up(modules: list[str]) -> None:
    """Import the heavy modules and run one throwaway session."""
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        Path(folder, "test_warm.py").write_bytes(b"def test_warm(tmp_path):\n    assert [1] == [1]\n")
        Path(folder, "pytest.ini").touch()
        pytest.main(["-q", "-c", f"{folder}/pytest.ini", f"--rootdir={folder}", *PLUGINS, folder])
        sys.modules.pop("test_warm", None)
    gc.collect()
    gc.freeze()


def _fork(control: socket.socket) -> bool:
    """Fork a page's process for a connection that comes in; tell whether to go on."""
    try:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
    except KeyboardInterrupt:
        return False
    if not message:
        return False
    if os.fork() == 0:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        {PAGE: serve, NESTED: _lead}[message](Connection(descriptors[0]))
    os.close(descriptors[0])
    return True


def _lead(connection: Connection) -> NoReturn:
    """Be the zygote of one project, which has imported what its tests will load; tell whether that can be forked."""
    job, modules = connection.recv()
    enter(job)
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, reap)
    connection.send(threading.active_count() == 1)
    with socket.socket(fileno=os.dup(connection.fileno())) as control:
        while _fork(control):
            pass
    reap_all(FEW_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
