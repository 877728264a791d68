"""Fixtures: a fresh shop, with an empty database, for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app
from myapp.extensions import db


@pytest.fixture(autouse=True)
def database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a database in memory to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Build a shop for one test, with tables and no rows."""
    app = create_app(
        {
            "SECRET_KEY": "only for tests",
            "TESTING": True,
            "PHOTO_FOLDER": str(tmp_path),
        }
    )
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
