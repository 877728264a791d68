"""Reset links: once, for an hour, and only ours."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import User
from myapp.passwords import hash_password
from myapp.resets import reset_token

NEW = "Tr0ub4dor & 3 friends"


@pytest.fixture
def token(app: Flask, user: int) -> str:
    """Make what a link to Ada holds."""
    with app.app_context():
        return reset_token(db.session.get_one(User, user))


def reset(app: Flask, token: object, new: str = NEW) -> int:
    """Use a link; give the status."""
    body = {"token": token, "new": new}
    return app.test_client().post("/accounts/reset", json=body).status_code


def test_a_link_works_once(app: Flask, token: str) -> None:
    """The password it sets is good, and the link is not any more."""
    assert [204, 422] == [reset(app, token), reset(app, token, "x" * 15)]
    form = {"email": "ada@example.org", "password": NEW}
    answer = app.test_client().post("/accounts/login", data=form)
    assert "/accounts/me" == answer.location


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, 204), (3600, 204), (3601, 422)]
)
def test_a_link_ends(
    app: Flask,
    user: int,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    expected: int,
) -> None:
    """An hour is enough to read a message."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000)
    with app.app_context():
        token = reset_token(db.session.get_one(User, user))
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000 + seconds)

    assert expected == reset(app, token)


@pytest.mark.parametrize("change", ["password", "sessions"])
def test_what_a_reset_changes_ends_the_link(
    app: Flask, user: int, token: str, change: str
) -> None:
    """So do a password set elsewhere, and a logout everywhere."""
    with app.app_context():
        ada = db.session.get_one(User, user)
        if change == "password":
            ada.password_hash = hash_password("x" * 15)
        else:
            ada.end_sessions()
        db.session.commit()

    assert 422 == reset(app, token)


def test_a_reset_ends_every_session(
    app: Flask, ada: FlaskClient, token: str
) -> None:
    """Who was in with the old password is out; nobody is let in."""
    response = ada.post("/accounts/reset", json={"token": token, "new": NEW})

    assert 204 == response.status_code
    assert 401 == ada.get("/accounts/me").status_code
