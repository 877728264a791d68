"""What is looked at when the server is slow."""

import runpy
import shlex
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def test_the_workers_are_recorded() -> None:
    """They are found from the process whose number gunicorn writes."""
    served = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))
    script = (PROJECT / "profile.sh").read_text("utf-8")
    words = shlex.split(script, comments=True)

    expected = ["--subprocesses", "--pid", f"$(cat {served['pidfile']})"]
    assert ["py-spy", "record", *expected] == words[:5]
    assert [2, 4] == [served["workers"], served["threads"]]
