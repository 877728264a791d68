"""What importing the shop leaves as it was."""

import subprocess
import sys

CODE = """
import sys, threading
import myapp
myapp.create_app({"SECRET_KEY": "only for tests"})
print("gevent.monkey" in sys.modules, threading.Thread.start.__module__)
"""


def test_importing_the_shop_patches_nothing() -> None:
    """Only a server decides what threads are."""
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "False threading\n" == done.stdout
