"""Loaded at the start of every Python a page's consoles and servers run: notes the files they open.

The folder of this file is on their ``PYTHONPATH``. It imports nothing of ours, as those processes
need not have it.
"""

import os
import sys

_LOG = os.environ.get("MDPROOF_OPENED", "")
_CONTEXT = os.environ.get("MDPROOF_CONTEXT", "")


def note(event: str, arguments: tuple[object, ...]) -> None:
    """Note a file that is opened, with the test that it is opened for."""
    if event == "open" and isinstance(arguments[0], str) and arguments[0] != _LOG:
        line = f"{_CONTEXT}\t{os.path.abspath(arguments[0])}\n"  # noqa: PTH100 - pathlib would be imported into every process
        descriptor = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, line.encode("utf-8", "surrogateescape"))
        os.close(descriptor)


if _LOG and _CONTEXT:
    sys.addaudithook(note)
