"""Fixtures: a fresh shop, with an empty database, for each test."""

import os
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from fakeredis import TcpFakeServer
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_socketio import SocketIOTestClient

from myapp import create_app
from myapp.extensions import db
from myapp.support import NAMESPACE


@pytest.fixture(autouse=True)
def database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a database in memory to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")


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


Connect = Callable[[int | None], SocketIOTestClient]


@pytest.fixture
def connect(app: Flask) -> Connect:
    """Give what opens a connection for a user, each from a new browser."""

    def connect(user_id: int | None) -> SocketIOTestClient:
        browser = app.test_client()
        if user_id is not None:
            with browser.session_transaction() as session:
                session["user_id"] = user_id
        found: SocketIOTestClient = app.extensions["socketio"].test_client(
            app, NAMESPACE, flask_test_client=browser
        )
        return found

    return connect


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
def queue_url(given_redis: str, request: pytest.FixtureRequest) -> str:
    """Give a Redis, in which a queue keeps nothing between tests."""
    return given_redis or request.getfixturevalue("stand_in")
