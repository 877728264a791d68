"""Fixtures: a fresh shop, with an empty database, for each test."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app
from myapp.extensions import db
from myapp.models import Product


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
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of the shop, with cookies of its own."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Give a shell in which a bug in a command is not swallowed."""
    return app.test_cli_runner(catch_exceptions=False)


@pytest.fixture
def hat(app: Flask) -> int:
    """Put a hat on the shelf; give its id."""
    with app.app_context():
        product = Product(name="Hat", price_cents=1900)
        db.session.add(product)
        db.session.commit()
        return product.id
