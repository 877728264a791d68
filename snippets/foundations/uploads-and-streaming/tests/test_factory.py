"""The factory builds shops that know nothing of each other."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

import myapp
from myapp import create_app
from myapp.extensions import db
from myapp.models import Product


def test_two_shops_share_no_settings(app: Flask) -> None:
    """What one shop is told, another does not know."""
    other = create_app({"NAME": "other"})

    assert [None, "other"] == [a.config.get("NAME") for a in (app, other)]


def test_two_shops_share_no_state(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept for one shop, another does not have."""
    other = create_app({"TESTING": True})
    monkeypatch.setitem(other.extensions, "stock", {Product: 3})

    assert "stock" not in app.extensions
    with app.app_context():
        assert [] == list(db.session.scalars(db.select(Product)))


def test_a_shop_needs_no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers call the factory without any; nothing is in test mode then."""
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")

    assert [False, False] == [
        create_app().config[name] for name in ("TESTING", "DEBUG")
    ]


def test_importing_builds_nothing() -> None:
    """The package holds no app of its own."""
    found = [v for v in vars(myapp).values() if isinstance(v, Flask)]

    assert [] == found


def test_an_unknown_command_is_refused(runner: FlaskCliRunner) -> None:
    """A command the shop does not have is a usage error: status 2."""
    assert 2 == runner.invoke(args=["close"]).exit_code
