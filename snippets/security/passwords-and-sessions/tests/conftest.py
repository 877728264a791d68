"""Fixtures: a fresh shop, with an empty database, for each test."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app
from myapp.extensions import db
from myapp.models import User
from myapp.passwords import hash_password


@pytest.fixture(autouse=True)
def database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a database in memory to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")


@pytest.fixture
def app() -> Iterator[Flask]:
    """Build a shop for one test, with tables, no rows and cheap hashes."""
    settings = {
        "SECRET_KEY": "only for tests",
        "TESTING": True,
        "PASSWORD_METHOD": "scrypt:512:8:1",
    }
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


PASSWORD = "correct horse battery staple"


@pytest.fixture
def user(app: Flask) -> int:
    """Register Ada; give her id."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
        ada = User(email="ada@example.org", password_hash=hashed)
        db.session.add(ada)
        db.session.commit()
        return ada.id


@pytest.fixture
def ada(app: Flask, user: int) -> FlaskClient:
    """Give the browser of Ada, who has logged in."""
    client = app.test_client()
    form = {"email": "ada@example.org", "password": PASSWORD}
    client.post("/accounts/login", data=form)
    return client
