"""How gunicorn serves the shop; read from the folder it is started in."""

from typing import Any

from myapp import unleash

preload_app = True
workers = 2


def post_worker_init(worker: Any) -> None:
    """Start in a worker what a fork does not carry over: the thread."""
    unleash.client(worker.wsgi)
