"""Fixtures: a fresh shop, with an empty database, for each test."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app
from myapp.extensions import db
from myapp.models import Product, Role, User, UserRole
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


@pytest.fixture
def bob(app: Flask, ada: FlaskClient) -> FlaskClient:
    """Give the browser of Bob, who came after Ada and has logged in."""
    client = app.test_client()
    asked = {"email": "bob@example.org", "password": PASSWORD}
    client.post("/accounts", json=asked)
    client.post("/accounts/login", data=asked)
    return client


@pytest.fixture
def grant(app: Flask, user: int) -> Callable[..., None]:
    """Give what leaves Ada with these roles and no others."""

    def grant(*roles: Role) -> None:
        with app.app_context():
            db.session.execute(db.delete(UserRole).filter_by(user_id=user))
            for role in roles:
                db.session.add(UserRole(user_id=user, role=role))
            db.session.commit()

    return grant


@pytest.fixture
def products(app: Flask) -> None:
    """Let the shop sell two products."""
    with app.app_context():
        for name in ("tea", "coffee"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()
