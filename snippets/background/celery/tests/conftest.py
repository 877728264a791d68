"""Fixtures: a shop with a database and a queue for each test."""

import os
from collections.abc import Iterator
from threading import Thread

import pytest
from fakeredis import TcpFakeServer
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from redis import Redis

from myapp import create_app
from myapp.extensions import db


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
    address = given_redis or request.getfixturevalue("stand_in")
    # a database of its own: a worker may be at work on the first
    return f"{address.removesuffix('/0')}/2"


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    """Give a database and a queue to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("REDIS_URL", redis_url)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """Give an empty Redis."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
        yield redis


@pytest.fixture
def app(redis_url: str) -> Iterator[Flask]:
    """Build a shop for one test, with tables and no rows."""
    settings = {"SECRET_KEY": "only for tests", "REDIS_URL": redis_url}
    app = create_app({**settings, "TESTING": True})
    with app.app_context():
        db.create_all()
    yield app
    app.extensions["celery"].close()
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
