"""Fixtures: a fresh shop for each test."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app, unleash


@pytest.fixture
def app() -> Flask:
    """Build a shop for one test, whatever the environment says."""
    return create_app({"SECRET_KEY": "only for tests", "TESTING": True})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of the shop, with cookies of its own."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Give what runs the shop's commands."""
    return app.test_cli_runner()


class Answer(BaseHTTPRequestHandler):
    """What is asked of Unleash, and answered."""

    server: "StandIn"

    def do_POST(self) -> None:
        """Take a registration, or numbers of use."""
        self.send_response(202)
        self.end_headers()

    def do_GET(self) -> None:
        """Give all flags, and remember who asked."""
        who = self.headers["UNLEASH-INSTANCEID"]
        self.server.asked.append((who, self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.features()).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class StandIn(ThreadingHTTPServer):
    """A server in the place of Unleash."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        """Answer from now on."""
        super().__init__(("127.0.0.1", port), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/api"
        self.percent: dict[str, int] = {}
        self.status = 200
        self.asked: list[tuple[str, str]] = []
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def features(self) -> dict[str, object]:
        """Describe the flags as Unleash does."""
        features = [
            {
                "name": name,
                "enabled": True,
                "strategies": [
                    {
                        "name": "flexibleRollout",
                        "parameters": {
                            "rollout": str(percent),
                            "stickiness": "default",
                            "groupId": name,
                        },
                    }
                ],
            }
            for name, percent in self.percent.items()
        ]
        return {"version": 2, "features": features}

    def another(self, port: int = 0) -> "StandIn":
        """Start another server."""
        return StandIn(port)

    def becomes_true(self, is_true: Callable[[], bool]) -> bool:
        """Wait some seconds for something to become true."""
        end = monotonic() + 10
        while not is_true() and monotonic() < end:
            sleep(0.02)
        return is_true()

    def end(self) -> None:
        """Be down."""
        self.shutdown()
        self.server_close()


@pytest.fixture
def server() -> Iterator[StandIn]:
    """Start a server for one test."""
    server = StandIn()
    yield server
    server.end()


@pytest.fixture
def shop(server: StandIn, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Build shops that ask this server, and stop their clients."""
    shops = []

    def build(**settings: object) -> Flask:
        given = {
            "SECRET_KEY": "0123456789abcdef0123456789abcdef",
            "UNLEASH_URL": server.url,
            "UNLEASH_TOKEN": "default:test.secret",
            "UNLEASH_CACHE": str(tmp_path),
            "UNLEASH_REFRESH": 0.05,
        }
        shops.append(create_app(given | settings))
        return shops[-1]

    yield build
    for app in shops:
        if app.extensions["unleash"]:
            unleash.stop(app)
