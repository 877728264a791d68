"""Fixtures: a fresh shop, an empty Redis and a provider to command."""

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from fakeredis import TcpFakeServer
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from redis import Redis

from myapp import create_app
from myapp.extensions import db


class Handler(BaseHTTPRequestHandler):
    """One request to a provider that follows a plan."""

    fake: SimpleNamespace

    def do_POST(self) -> None:
        """Charge a card, unless the plan says otherwise."""
        key = self.headers["Idempotency-Key"]
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        how = self.next(key, 201)
        if how in (201, "late"):
            self.fake.charged[key] = sent["amount_cents"]
        self.answer(how, 201)

    def do_GET(self) -> None:
        """Tell whether a key was charged."""
        key = self.path.rpartition("/")[2]
        right = 200 if key in self.fake.charged else 404
        self.answer(self.next(key, right), right)

    def next(self, key: str, right: int) -> int | str:
        """Take the next point of the plan."""
        self.fake.seen.append(key)
        return self.fake.plan.pop(0) if self.fake.plan else right

    def answer(self, how: int | str, right: int) -> None:
        """Answer at once, late, or a byte at a time."""
        if how == "late":
            self.fake.answer_now.wait(10)
        self.send_response(how if isinstance(how, int) else right)
        self.end_headers()
        while how == "drip" and not self.fake.answer_now.wait(0.05):
            self.wfile.write(b" ")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def fake() -> Iterator[SimpleNamespace]:
    """Give a provider that runs."""
    fake = SimpleNamespace(plan=[], seen=[], charged={}, answer_now=Event())
    handler = type("Handler", (Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield fake
        fake.answer_now.set()
        server.shutdown()


@pytest.fixture(scope="session")
def stand_in() -> str:
    """Start a small Redis in this process; give its address."""
    server = TcpFakeServer(("127.0.0.1", 0))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    return f"redis://127.0.0.1:{server.server_address[1]}/0"


@pytest.fixture
def given_redis() -> str:
    """Give the Redis of the environment, if that names one."""
    return os.environ.get("REDIS_URL", "")


@pytest.fixture
def redis_url(given_redis: str, request: pytest.FixtureRequest) -> str:
    """Give a Redis: the one of the environment, or else the stand-in."""
    return given_redis or request.getfixturevalue("stand_in")


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    """Give addresses to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("PAYMENTS_URL", "https://payments.invalid")


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """Give an empty Redis."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
        yield redis


@pytest.fixture
def settings(
    redis: Redis, redis_url: str, fake: SimpleNamespace
) -> dict[str, object]:
    """Give what a shop is told."""
    return {
        "SECRET_KEY": "only for tests",
        "TESTING": True,
        "REDIS_URL": redis_url,
        "PAYMENTS_URL": fake.url,
        "PAYMENTS_SECONDS": 1.0,
    }


@pytest.fixture
def app(settings: dict[str, object]) -> Iterator[Flask]:
    """Build a shop for one test, with tables and no rows."""
    app = create_app(settings)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.drop_all()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of the shop, with cookies of its own."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Give what runs the shop's commands."""
    return app.test_cli_runner()
