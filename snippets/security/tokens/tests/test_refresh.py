"""Logins that go on by refresh tokens, and end."""

import secrets
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import Executable
from werkzeug.test import TestResponse

from myapp import tokens
from myapp.extensions import db
from myapp.models import TokenFamily, User
from myapp.passwords import set_password

pytestmark = pytest.mark.usefixtures("user")
ADA = {
    "email": "ada@example.org",
    "password": "correct horse battery staple",
}


def log_in(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    """Begin a family; give the pair of tokens."""
    response = client.post("/tokens", json={**ADA, **fields})
    assert 200 == response.status_code, response.text
    pair: dict[str, Any] = response.get_json()
    return pair


def send(client: FlaskClient, action: str, token: str) -> TestResponse:
    """Send a refresh token."""
    return client.post(f"/tokens/{action}", json={"refresh_token": token})


def owner(client: FlaskClient, token: str) -> TestResponse:
    """Ask for whom a token speaks."""
    headers = {"Authorization": f"Bearer {token}"}
    return client.get("/tokens/owner", headers=headers)


def families(app: Flask) -> list[TokenFamily]:
    """Give what the table holds."""
    with app.app_context():
        return list(db.session.scalars(db.select(TokenFamily)))


def test_a_login_gives_a_pair(client: FlaskClient) -> None:
    """The access token works; nothing may keep the answer."""
    response = client.post("/tokens", json=ADA)

    pair = response.get_json()
    assert "no-store" == response.headers["Cache-Control"]
    assert ("Bearer", 600, "orders:read") == (
        pair["token_type"],
        pair["expires_in"],
        pair["scope"],
    )
    expected = {"email": ADA["email"], "scope": "orders:read"}
    assert expected == owner(client, pair["access_token"]).json


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"email": "eve@example.org"}]
)
def test_a_wrong_login_begins_nothing(
    app: Flask, client: FlaskClient, wrong: dict[str, str]
) -> None:
    """Which half was wrong is not told."""
    response = client.post("/tokens", json={**ADA, **wrong})

    assert {
        "type": "https://shop.example/problems/invalid-grant",
        "title": "Invalid grant",
        "status": 400,
        "detail": "Email or password is wrong.",
    } == response.json
    assert [] == families(app)


@pytest.mark.parametrize("scope", [["admin"], ["orders:read"] * 3, "", None])
def test_a_scope_is_one_of_those_there_are(
    client: FlaskClient, scope: object
) -> None:
    """What is not on the list cannot be asked for."""
    response = client.post("/tokens", json={**ADA, "scope": scope})

    assert 422 == response.status_code


def test_a_refresh_keeps_the_scope(client: FlaskClient) -> None:
    """What a client asked for at login is what it goes on with."""
    pair = log_in(client, scope=["orders:write", "orders:read"])

    found = send(client, "refresh", pair["refresh_token"]).get_json()

    assert "orders:read orders:write" == pair["scope"] == found["scope"]
    assert 200 == owner(client, found["access_token"]).status_code


def test_a_refresh_token_is_no_access_token(client: FlaskClient) -> None:
    """Each is refused where the other belongs."""
    pair = log_in(client)

    assert 401 == owner(client, pair["refresh_token"]).status_code
    wrong = send(client, "refresh", pair["access_token"])
    assert 422 == wrong.status_code


def test_the_database_holds_no_token(app: Flask, client: FlaskClient) -> None:
    """What the table holds is of no use to who reads it."""
    token = log_in(client)["refresh_token"]
    fresh = send(client, "refresh", token).get_json()["refresh_token"]

    (row,) = families(app)
    assert row.secret_hash not in {t[23:] for t in (token, fresh)}
    assert {64} == {len(row.secret_hash), len(row.login_hash)}


def test_a_refresh_token_used_again_ends_its_family(
    app: Flask, client: FlaskClient
) -> None:
    """Customer or thief: both log in again."""
    other = log_in(client)["refresh_token"]
    used = log_in(client)["refresh_token"]
    fresh = send(client, "refresh", used).get_json()["refresh_token"]

    again = send(client, "refresh", used)

    assert (400, "Log in again.") == (
        again.status_code,
        again.get_json()["detail"],
    )
    assert 400 == send(client, "refresh", fresh).status_code
    assert 200 == send(client, "refresh", other).status_code


def test_of_two_uses_at_once_one_wins(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second request gets in while the first is at work."""
    token = log_in(client)["refresh_token"]
    between: list[int] = []

    def meanwhile(size: int | None = None) -> str:
        monkeypatch.undo()
        inner = send(app.test_client(), "refresh", token)
        between.append(inner.status_code)
        return secrets.token_urlsafe(size)

    monkeypatch.setattr("myapp.refresh.secrets.token_urlsafe", meanwhile)
    outer = send(client, "refresh", token)

    assert ([200], 400) == (between, outer.status_code)
    assert [] == families(app)


def test_who_logs_out_cannot_refresh(client: FlaskClient) -> None:
    """Logging out ends one login, and is not told whether there was one."""
    other = log_in(client)["refresh_token"]
    token = log_in(client)["refresh_token"]

    gone = [send(client, "revoke", token).status_code for _ in range(2)]

    assert [204, 204] == gone
    assert 400 == send(client, "refresh", token).status_code
    assert 200 == send(client, "refresh", other).status_code


@pytest.mark.parametrize(
    "leave", [db.delete(User), db.update(User).values(is_active=False)]
)
def test_what_ends_sessions_ends_families(
    app: Flask, client: FlaskClient, leave: Executable
) -> None:
    """A new password, or no customer any more: no refresh."""
    first, second = (log_in(client)["refresh_token"] for _ in range(2))
    with app.app_context():
        user = db.session.scalars(db.select(User)).one()
        set_password(user, ADA["password"])
    assert 400 == send(client, "refresh", first).status_code

    third = log_in(client)
    with app.app_context():
        db.session.execute(leave)
        db.session.commit()
    tried = [second, third["refresh_token"]]
    assert [400, 400] == [
        send(client, "refresh", token).status_code for token in tried
    ]
    assert 401 == owner(client, third["access_token"]).status_code
    assert [] == families(app)


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400)])
def test_a_login_lasts_thirty_days(
    app: Flask,
    client: FlaskClient,
    runner: FlaskCliRunner,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    status: int,
) -> None:
    """At the last second a refresh works, and the clearing leaves it."""
    moment = tokens.now()
    monkeypatch.setattr(tokens, "now", lambda: moment)
    token, _ = (log_in(client)["refresh_token"] for _ in range(2))
    end = moment + 30 * 86400
    assert {end} == {family.expires_at for family in families(app)}
    monkeypatch.setattr(tokens, "now", lambda: end + seconds)

    assert status == send(client, "refresh", token).status_code
    cleared = runner.invoke(args=["tokens", "clear"])

    assert "Expired logins are removed.\n" == cleared.output
    assert (2 if status == 200 else 0) == len(families(app))
