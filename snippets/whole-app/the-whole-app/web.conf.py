"""How gunicorn serves the shop, whose workers count into one folder."""

import os
from pathlib import Path

workers = 2


def on_starting(server: object) -> None:
    """Begin with no numbers of an earlier run."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    folder.mkdir(exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink()
