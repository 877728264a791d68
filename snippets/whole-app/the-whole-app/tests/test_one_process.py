"""How the shop is served."""

import runpy
from pathlib import Path

CONFIGURATION = Path(__file__).parents[1] / "gunicorn.conf.py"


def test_one_process_has_many_threads() -> None:
    """A session is in one process, and a socket holds one thread."""
    found = runpy.run_path(str(CONFIGURATION))

    assert ("gthread", 1) == (found["worker_class"], found["workers"])
    assert 100 == found["threads"]


def test_a_server_stops_in_time() -> None:
    """Open sockets are given up before whoever restarts us gives us up."""
    assert 5 == runpy.run_path(str(CONFIGURATION))["graceful_timeout"]
