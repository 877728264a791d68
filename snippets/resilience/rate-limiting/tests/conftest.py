"""Fixtures: a fresh shop, with an empty database, for each test."""

import os
from collections.abc import Iterator
from threading import Thread

import pytest
from fakeredis import TcpFakeServer
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app
from myapp.extensions import db


@pytest.fixture(autouse=True)
def database_url(monkeypatch: pytest.MonkeyPatch, redis_server: str) -> None:
    """Give addresses to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("REDIS_URL", redis_server)


@pytest.fixture
def app() -> Iterator[Flask]:
    """Build a shop for one test, with tables and no rows."""
    app = create_app({"SECRET_KEY": "only for tests", "TESTING": True})
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
def redis_server(given_redis: str, request: pytest.FixtureRequest) -> str:
    """Give a Redis: the one of the environment, or else the stand-in."""
    return given_redis or request.getfixturevalue("stand_in")
