"""The client of Unleash: one for each app, in each process that asks."""

import os
from collections.abc import Mapping
from socket import gethostname
from threading import Lock
from typing import Any

from flask import Flask
from UnleashClient.cache import FileCache
from UnleashClient.clients.unleash_client import UnleashClient

STARTING = Lock()


def prepare(app: Flask) -> None:
    """Give a shop room for its clients, of which none is started yet."""
    app.extensions["unleash"] = {}


def client(app: Flask) -> UnleashClient | None:
    """Give the client of this process; start it if it is the first ask."""
    clients: dict[int, UnleashClient] = app.extensions["unleash"]
    with STARTING:
        if app.config["UNLEASH_URL"] and os.getpid() not in clients:
            clients[os.getpid()] = started(app.config)
    return clients.get(os.getpid())


def started(settings: Mapping[str, Any]) -> UnleashClient:
    """Start a client: ask once, and then again and again in a thread."""
    made = UnleashClient(
        url=settings["UNLEASH_URL"],
        app_name="myapp",
        instance_id=f"{gethostname()}-{os.getpid()}",
        custom_headers={"Authorization": settings["UNLEASH_TOKEN"]},
        cache=remembered(settings["UNLEASH_CACHE"]),
        refresh_interval=settings["UNLEASH_REFRESH"],
        request_timeout=2,
        request_retries=0,
    )
    made.initialize_client()
    return made


def remembered(directory: str | None) -> FileCache:
    """Open what was said last, in a folder that two workers may make."""
    try:
        return FileCache("myapp", directory=directory)
    except FileExistsError:
        return FileCache("myapp", directory=directory)


def stop(app: Flask) -> None:
    """End the client of this process, as each test must."""
    ended: UnleashClient = app.extensions["unleash"].pop(os.getpid())
    ended.destroy()
