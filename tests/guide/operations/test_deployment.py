"""The shop under a real server that is stopped while it works."""

import importlib
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import event

from myapp import create_app
from myapp.config import DEFAULTS, from_environment
from myapp.extensions import db

SLOW = """
import os, time
from pathlib import Path
from myapp.wsgi import app as shop

def app(environ, start_response):
    if environ["PATH_INFO"].startswith("/slow/"):
        name = environ["PATH_INFO"].rpartition("/")[2]
        Path(os.environ["BEGUN"], name).touch()
        time.sleep(1)
        environ["PATH_INFO"] = "/health/live"
    return shop(environ, start_response)
"""
Process = subprocess.Popen[bytes]


def wait_for(holds: Callable[[], bool]) -> None:
    """Wait some seconds until something holds."""
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert holds()


def status(port: int, path: str) -> int:
    """Ask for a page; 0 stands for no answer."""
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        client.request("GET", path)
        return client.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        client.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, Process]]:
    """Serve the shop as its configuration says, with a page that is slow."""
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    (tmp_path / "begun").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = [str(tmp_path), os.environ.get("PYTHONPATH", "src")]
    environment = os.environ | {
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}",
        "BEGUN": str(tmp_path / "begun"),
        "WEB_CONCURRENCY": "2",
        "PYTHONPATH": os.pathsep.join(path),
        "GUNICORN_CMD_ARGS": f"-b 127.0.0.1:{port} --no-control-socket",
    }
    command = [sys.executable, "-m", "gunicorn", "slow:app"]
    server = subprocess.Popen(command, env=environment)
    wait_for(lambda: status(port, "/health/live") == 200)
    yield port, server
    server.terminate()
    server.wait(15)


def test_no_request_is_lost(
    served: tuple[int, Process], tmp_path: Path
) -> None:
    """Every request that began before SIGTERM is answered after it."""
    port, server = served
    begun = tmp_path / "begun"
    allowed = runpy.run_path("gunicorn.conf.py")["graceful_timeout"]

    with ThreadPoolExecutor(6) as clients:
        paths = [f"/slow/{number}" for number in range(6)]
        answers = clients.map(status, [port] * 6, paths)
        wait_for(lambda: len(list(begun.iterdir())) >= 4)
        server.send_signal(signal.SIGTERM)
        found = list(answers)

    began = len(list(begun.iterdir()))
    assert began == found.count(200)
    assert 4 <= began
    assert 0 == server.wait(allowed)


def test_the_fixers_of_older_guides_are_gone() -> None:
    """`ProxyFix` stands under `werkzeug.middleware` and nowhere else."""
    with pytest.raises(ModuleNotFoundError, match="werkzeug.contrib"):
        importlib.import_module("werkzeug.contrib.fixers")


def test_readiness_costs_the_database_next_to_nothing(
    app: Flask, client: FlaskClient
) -> None:
    """It is asked by every proxy, all day: one query, of no table."""
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)

    assert {"ready": True} == client.get("/health/ready").json
    assert {"alive": True} == client.get("/health/live").json
    assert ["SELECT 1"] == asked


def test_the_factory_stands_behind_its_proxies() -> None:
    """A shop that is told of a proxy believes it, whoever serves the shop."""
    app = create_app({"SECRET_KEY": "only for tests", "PROXIES": 1})
    app.add_url_rule("/seen", view_func=lambda: str(request.remote_addr))
    headers = {"X-Forwarded-For": "6.6.6.6, 198.51.100.7"}
    found = app.test_client().get("/seen", headers=headers).text

    assert "198.51.100.7" == found


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_as_many_proxies_can_be_counted(count: int) -> None:
    """Three is more than anybody should need."""
    environ = {
        "SECRET_KEY": "x" * 32,
        "DATABASE_URL": "sqlite://",
        "PROXIES": f"{count}",
    }

    assert count == from_environment(environ)["PROXIES"]


def test_no_file_is_looked_for_that_nobody_named() -> None:
    """A file of some name could lie in the folder by chance."""
    assert (0, "") == (DEFAULTS["PROXIES"], DEFAULTS["DRAIN_FILE"])
