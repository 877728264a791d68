"""Fixtures: a fresh shop, with an empty database, for each test."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app
from myapp.extensions import db
from myapp.models import Product, User
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
        "SESSION_COOKIE_NAME": "session",
        "REMEMBER_COOKIE_NAME": "remember_token",
        "TRUSTED_HOSTS": ["localhost"],
    }
    app = create_app(settings)
    app.test_client_class = Browser
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


FORM = "/accounts/login"
TOKEN = re.compile(r'name="csrf_token".* value="(.+?)"')


class Browser(FlaskClient):
    """A client that has a page of the shop open."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Ask with the page's token, as the page would."""
        if kwargs.get("method") in {"POST", "PUT", "PATCH", "DELETE"}:
            base_url = kwargs.get("base_url", "http://localhost")
            page = super().open(FORM, base_url=base_url)
            kwargs["headers"] = {
                "X-CSRFToken": TOKEN.findall(page.text)[0],
                "Referer": base_url + FORM,
                **(kwargs.get("headers") or {}),
            }
        return super().open(*args, **kwargs)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Build the shop as a server does, with Ada and one product in it."""
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef" * 2)
    monkeypatch.setenv("TRUSTED_HOSTS", "shop.example,localhost")
    app = create_app()
    app.config["PASSWORD_METHOD"] = "scrypt:512:8:1"
    app.test_client_class = Browser
    with app.app_context():
        db.create_all()
        hashed = hash_password(PASSWORD)
        db.session.add(User(email="ada@example.org", password_hash=hashed))
        db.session.add(Product(name="<b>tea</b>", price_cents=350))
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()
