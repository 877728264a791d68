"""Fixtures: a shop with a database and a queue for each test."""

from collections.abc import Iterator

import pytest
from fakeredis import FakeRedis
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app
from myapp.extensions import db, rq


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a database and a queue to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("REDIS_URL", "redis://")


@pytest.fixture
def app() -> Iterator[Flask]:
    """Build a shop for one test, with tables, no rows and no jobs."""
    app = create_app(
        {
            "SECRET_KEY": "only for tests",
            "TESTING": True,
            "RQ_ASYNC": True,
            "RQ_CONNECTION_CLASS": FakeRedis,
        }
    )
    with app.app_context():
        db.create_all()
        rq.queue.connection.flushall()
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
