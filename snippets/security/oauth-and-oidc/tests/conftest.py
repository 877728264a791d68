"""Fixtures: a fresh shop, with an empty database, for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app, oidc
from myapp.extensions import db
from myapp.models import User
from myapp.passwords import hash_password

from .provider import create_provider, served


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


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """Give a server for the providers of all tests."""
    with served() as server:
        yield server


@pytest.fixture
def provider(server: Any) -> Flask:
    """Run a provider; its config bends what it says."""
    app = create_provider(server.port)
    server.app = app
    return app


@pytest.fixture
def visit(provider: Flask) -> Callable[..., str]:
    """Give what sends the provider's form, and says where that leads."""

    def visit(url: str, **form: str) -> str:
        return str(provider.test_client().post(url, data=form).location)

    return visit


@pytest.fixture
def shop(app: Flask, provider: Flask) -> Flask:
    """Let the shop offer logins by the provider."""
    app.config["OIDC_ISSUER"] = provider.config["ISSUER"]
    app.config["OIDC_CLIENT_ID"] = "shop"
    app.config["OIDC_CLIENT_SECRET"] = "secret of the shop"
    oidc.init_app(app)
    return app
