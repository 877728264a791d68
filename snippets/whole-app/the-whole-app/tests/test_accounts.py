"""Logging in, being logged in, and logging out."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.extensions import db
from myapp.models import User

PASSWORD = "correct horse battery staple"
OPEN = {
    "GET accounts.login_page",
    "POST accounts.login",
    "POST accounts.logout",
    "POST accounts.register",
    "POST accounts.reset_password",
}

remembering = pytest.mark.filterwarnings(
    # Flask-Login 0.6.3 sets the remember cookie with it
    "ignore:datetime.datetime.utcnow:DeprecationWarning"
)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Give what moves the clock on, counted from now."""
    now = time.time()

    def wait(span: timedelta) -> None:
        then = now + span.total_seconds()
        monkeypatch.setattr(time, "time", lambda: then)

    return wait


def log_in(
    client: FlaskClient,
    password: str = PASSWORD,
    email: str = "ada@example.org",
    wanted: str | None = None,
    **fields: str,
) -> TestResponse:
    """Fill in the form and send it."""
    return client.post(
        "/accounts/login",
        data={"email": email, "password": password, **fields},
        query_string=None if wanted is None else {"next": wanted},
    )


def status(client: FlaskClient) -> int:
    """Ask who is logged in: 200 for somebody, 401 for nobody."""
    return client.get("/accounts/me").status_code


def change_password(client: FlaskClient, **fields: object) -> TestResponse:
    """Ask for another password."""
    asked = {"current": PASSWORD, "new": "Tr0ub4dor & 3 friends", **fields}
    return client.post("/accounts/password", json=asked)


def test_what_is_open_to_strangers_is_listed(app: Flask) -> None:
    """Of the accounts' views, those listed are open, and no other."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    found = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = app.test_client().open(rule.rule, method=method)
            if answer.status_code != 401 or not answer.is_json:
                found.add(f"{method} {rule.endpoint}")

    assert OPEN == {name for name in found if " accounts." in name}


def test_every_failure_reads_the_same(
    client: FlaskClient, user: int, later: Callable[[timedelta], None]
) -> None:
    """An unknown address and a wrong password get one answer."""
    later(timedelta(0))
    log_in(client, "wrong")  # the session's cookie is set with the first
    answers = [
        log_in(client, "wrong"),
        log_in(client, email="bob@example.org"),
    ]

    names = {answer.headers.pop("X-Request-ID") for answer in answers}
    assert 2 == len(names)
    assert {401} == {answer.status_code for answer in answers}
    assert 1 == len({(a.text, str(a.headers)) for a in answers})
    assert "E-mail or password is wrong." in answers[0].text
    assert "Cookie realm=shop" == answers[0].headers["WWW-Authenticate"]
    assert "is wrong" not in client.get("/accounts/login").text


def test_nothing_of_a_stranger_survives_a_login(
    client: FlaskClient, user: int
) -> None:
    """What somebody left in the session before is gone."""
    with client.session_transaction() as session:
        session["planted"] = "by a stranger"
    log_in(client)

    with client.session_transaction() as session:
        assert ["_fresh", "_id", "_user_id"] == sorted(session)


def test_nothing_survives_a_logout(ada: FlaskClient) -> None:
    """After a logout the browser holds nothing of the customer's."""
    with ada.session_transaction() as session:
        session["planted"] = "by a view"
    response = ada.post("/accounts/logout")

    assert "/accounts/login" == response.location
    assert 401 == status(ada)
    with ada.session_transaction() as session:
        assert [] == sorted(session)


def test_a_link_logs_nobody_out(ada: FlaskClient) -> None:
    """A picture on another site does not end a session."""
    assert 405 == ada.get("/accounts/logout").status_code
    assert 200 == status(ada)


def test_a_visitor_ends_where_they_wanted_to_go(
    client: FlaskClient, user: int
) -> None:
    """From a page to the form, and back to the page."""
    html = {"Accept": "text/html"}
    form = client.get("/accounts/me?a=%C3%A9", headers=html).location
    assert form is not None
    assert 200 == client.get(form).status_code
    data = {"email": "ada@example.org", "password": PASSWORD}

    assert "/accounts/me?a=%C3%A9" == client.post(form, data=data).location


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "accounts/me",
        "https://evil.example",
        "http:evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/ /evil.example",
        "javascript:alert(1)",
    ],
)
def test_no_redirect_leaves_the_shop(
    client: FlaskClient, user: int, wanted: str | None
) -> None:
    """What a browser could read as another site is ignored."""
    assert "/accounts/me" == log_in(client, wanted=wanted).location


@remembering
def test_a_remember_cookie_is_asked_for_and_protected(
    client: FlaskClient, user: int
) -> None:
    """It is set for who ticks the box, and only over HTTPS."""
    log_in(client)
    assert client.get_cookie("remember_token") is None

    log_in(client, remember="on")
    client.delete_cookie("session")

    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    assert (True, True, "Lax") == (
        cookie.secure,
        cookie.http_only,
        cookie.same_site,
    )
    assert 200 == status(client)


@remembering
def test_a_login_forgets_who_was_remembered(
    app: Flask, client: FlaskClient, user: int
) -> None:
    """The next customer at this browser does not leave it as the last."""
    log_in(client, remember="on")
    log_in(client)
    client.delete_cookie("session")

    assert 401 == status(client)


def test_a_session_ends(
    ada: FlaskClient, later: Callable[[timedelta], None]
) -> None:
    """After twelve hours a session is worth nothing."""
    later(timedelta(hours=11, minutes=59))
    assert 200 == status(ada)
    later(timedelta(hours=12, minutes=1))
    assert 401 == status(ada)


@remembering
def test_a_remember_cookie_ends(
    client: FlaskClient, user: int, later: Callable[[timedelta], None]
) -> None:
    """After thirty days it is worth nothing, whatever the browser does."""
    log_in(client, remember="on")
    later(timedelta(days=29, hours=23, minutes=59))
    assert 200 == status(client)
    later(timedelta(days=30, minutes=1))
    assert 401 == status(client)


def test_a_new_password_ends_the_other_sessions(
    app: Flask, ada: FlaskClient
) -> None:
    """Who changes the password stays logged in, and nobody else does."""
    other = app.test_client()
    log_in(other)
    assert 200 == status(other)

    assert 204 == change_password(ada).status_code

    assert 401 == status(other)
    assert 200 == status(ada)
    assert 401 == log_in(other).status_code
    log_in(other, "Tr0ub4dor & 3 friends")
    assert 200 == status(other)


@remembering
def test_a_new_password_ends_remember_cookies(
    app: Flask, ada: FlaskClient
) -> None:
    """A browser that was remembered has to log in anew."""
    other = app.test_client()
    log_in(other, remember="on")
    other.delete_cookie("session")
    change_password(ada)

    assert 401 == status(other)


def test_a_disabled_user_is_out_at_once(
    app: Flask, ada: FlaskClient, user: int
) -> None:
    """A session does not outlive its user."""
    with app.app_context():
        db.session.get_one(User, user).is_active = False
        db.session.commit()

    assert 401 == status(ada)
    assert 401 == log_in(ada).status_code
