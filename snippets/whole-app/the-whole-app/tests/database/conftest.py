"""Fixtures for tests on a database that outlives them."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine

from myapp import create_app
from myapp.extensions import db


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Make the tables, once for all tests; say where they are."""
    folder = tmp_path_factory.mktemp("database")
    settings = {
        "SECRET_KEY": "only for tests",
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/shop.db",
        "TESTING": True,
    }
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return settings


@pytest.fixture
def app(settings: dict[str, Any]) -> Iterator[Flask]:
    """Build a shop inside a transaction that is never committed."""
    app = create_app(settings)
    with app.app_context():
        db.session.configure(join_transaction_mode="create_savepoint")
        engines = cast("dict[str | None, Engine | Connection]", db.engines)
        engine = db.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        engines[None] = connection
        yield app
    engine.dispose()
