"""The attacks on passwords and sessions that the page has no room for."""

import ast
import inspect
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_login
import pytest
from flask import Flask, g, session
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from flask_login import FlaskLoginClient, current_user, login_user
from itsdangerous import URLSafeTimedSerializer
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

import myapp
from myapp import accounts, create_app, passwords
from myapp.accounts import OWN_PATH, load_user
from myapp.config import DEFAULTS
from myapp.extensions import db
from myapp.models import User
from myapp.passwords import authenticate, hash_password, set_password
from myapp.resets import reset_token, state_of

ADDRESS = "ada@example.org"
PASSWORD = "correct horse battery staple"
NEW = "Tr0ub4dor & 3 friends"
SOURCE = Path(myapp.__file__).parent
STUB = SOURCE.parents[1] / "flask_login-stubs" / "__init__.pyi"

remembering = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utcnow:DeprecationWarning"
)


@pytest.fixture
def other() -> Iterator[Flask]:
    """Build a second shop in the process, with the same secret."""
    other = create_app(
        {
            "SECRET_KEY": "only for tests",
            "TESTING": True,
            "PASSWORD_METHOD": "scrypt:512:8:1",
        }
    )
    with other.app_context():
        db.create_all()
        bob = User(email="bob@example.org")
        db.session.add(bob)
        db.session.commit()
    yield other
    with other.app_context():
        db.engine.dispose()


def status(client: FlaskClient) -> int:
    """Ask who is logged in: 200 for somebody, 401 for nobody."""
    return client.get("/accounts/me").status_code


def cookie_of(client: FlaskClient, name: str = "session") -> str:
    """Copy a cookie, as a thief does."""
    cookie = client.get_cookie(name)
    assert cookie is not None
    return cookie.value


def with_cookie(app: Flask, value: str, name: str = "session") -> FlaskClient:
    """Give a browser with somebody's cookie."""
    client = app.test_client()
    client.set_cookie(name, value)
    return client


def log_in(client: FlaskClient, **form: Any) -> TestResponse:
    """Fill in the form and send it."""
    data = {"email": ADDRESS, "password": PASSWORD, **form}
    return client.post("/accounts/login", data=data)


# Passwords


@pytest.mark.parametrize("text", ["\0", "\ud800", "\ufdfa" * 200, "ключ"])
def test_any_text_can_be_tried(app: Flask, user: int, text: str) -> None:
    """What no keyboard sends is a wrong password or address, no failure."""
    with app.app_context():
        assert authenticate(ADDRESS, text) is None
        assert authenticate(text, PASSWORD) is None


@pytest.mark.parametrize("text", ["ключ" * 8, "\0" * 15, "🐎" * 128, " " * 15])
def test_any_text_can_be_set(client: FlaskClient, text: str) -> None:
    """A password in any script opens the account it was set for."""
    body = {"email": ADDRESS, "password": text}

    assert 201 == client.post("/accounts", json=body).status_code
    assert "/accounts/me" == log_in(client, password=text).location
    assert 401 == log_in(client, password=text + "x").status_code


def test_a_hash_of_the_right_cost_is_left(app: Flask, user: int) -> None:
    """A login costs one hash, not two, and writes nothing."""
    with app.app_context():
        before = db.session.get_one(User, user).password_hash
        authenticate(ADDRESS, PASSWORD)
        db.session.expire_all()

        assert before == db.session.get_one(User, user).password_hash


def test_a_cost_that_begins_alike_is_another(app: Flask, user: int) -> None:
    """A hash at p = 16 is replaced where p = 1 is asked for."""
    with app.app_context():
        ada = db.session.get_one(User, user)
        ada.password_hash = generate_password_hash(PASSWORD, "scrypt:512:8:16")
        db.session.commit()
        authenticate(ADDRESS, PASSWORD)

        assert str(ada.password_hash).startswith("scrypt:512:8:1$")


@pytest.mark.parametrize("address", ["ada@example.org", "ADA@Example.org"])
def test_the_right_password_gives_the_user(
    app: Flask, user: int, address: str
) -> None:
    """Capitals in an address are no other address."""
    with app.app_context():
        found = authenticate(address, PASSWORD)

        assert found is not None
        assert (user, ADDRESS) == (found.id, found.email)


def test_a_renewal_does_not_undo_a_change(
    app: Flask, user: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who logs in with an old hash while it is changed, changes nothing."""

    def meanwhile(password: str) -> str:
        monkeypatch.setattr(passwords, "hash_password", hash_password)
        set_password(db.session.get_one(User, user), NEW)
        return hash_password(password)

    with app.app_context():
        ada = db.session.get_one(User, user)
        ada.password_hash = generate_password_hash(PASSWORD, "scrypt:1024:8:1")
        db.session.commit()
        monkeypatch.setattr(passwords, "hash_password", meanwhile)
        authenticate(ADDRESS, PASSWORD)

        assert authenticate(ADDRESS, PASSWORD) is None
        assert authenticate(ADDRESS, NEW) is not None


@pytest.mark.parametrize(
    ("size", "expected"), [(900_000, 401), (1_000_000, 413), (5_000_000, 413)]
)
def test_a_megabyte_is_no_password(
    app: Flask, user: int, size: int, expected: int
) -> None:
    """A long password is wrong, a very long one is not even read."""
    form = {"email": ADDRESS, "password": "x" * size}
    answer = app.test_client().post("/accounts/login", data=form)

    assert expected == answer.status_code


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"\xff\0", b"=", b"&&=&;%zz"]
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "form"])
def test_no_body_breaks_a_login(app: Flask, body: bytes, kind: str) -> None:
    """What is no such form is the sender's mistake."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    kind = kind.replace("form", "application/x-www-form-urlencoded")
    answer = app.test_client().post(
        "/accounts/login", data=body, content_type=kind
    )

    assert 400 == answer.status_code


@pytest.mark.parametrize("wrong", [None, 1, True, [], {}, ["x" * 15], 1.5])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("", "email"),
        ("", "password"),
        ("/password", "current"),
        ("/password", "new"),
        ("/reset", "token"),
        ("/reset", "new"),
    ],
)
def test_only_text_is_a_password(
    app: Flask, ada: FlaskClient, wrong: object, path: str, field: str
) -> None:
    """Any other type of JSON is refused, and the field is named."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    bodies = {
        "": {"email": "b@example.org", "password": NEW},
        "/password": {"current": PASSWORD, "new": NEW},
        "/reset": {"token": "x", "new": NEW},
    }
    answer = ada.post(f"/accounts{path}", json={**bodies[path], field: wrong})

    assert 422 == answer.status_code
    fault = {"field": f"/{field}", "code": "string_type"}
    assert [fault] == answer.get_json()["errors"]


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"current": "wrong"}, "/current", "wrong_password"),
        ({"current": "x" * 128}, "/current", "wrong_password"),
        ({"current": "x" * 129}, "/current", "string_too_long"),
        ({"new": "x" * 14}, "/new", "string_too_short"),
        ({"new": "x" * 129}, "/new", "string_too_long"),
    ],
)
def test_a_password_is_not_changed_for_the_asking(
    ada: FlaskClient, fields: dict[str, object], field: str, code: str
) -> None:
    """The old one must be known, and the new one be one."""
    asked = {"current": PASSWORD, "new": NEW, **fields}
    answer = ada.post("/accounts/password", json=asked)

    assert 422 == answer.status_code
    body = answer.get_json()
    assert [{"field": field, "code": code}] == body["errors"]
    wrong = code == "wrong_password"
    assert wrong == (body["detail"] == "That is not your password.")
    assert 200 == status(ada)


@pytest.mark.parametrize("new", ["x" * 15, "x" * 128])
def test_the_bounds_of_a_password_are_passwords(
    ada: FlaskClient, new: str
) -> None:
    """The shortest and the longest can be set and used."""
    asked = {"current": PASSWORD, "new": new}

    answer = ada.post("/accounts/password", json=asked)
    assert (204, "") == (answer.status_code, answer.text)
    assert "/accounts/me" == log_in(ada, password=new).location


# Registration


def test_an_address_is_taken_once(client: FlaskClient) -> None:
    """The constraint decides, and capitals make no other address."""
    answers = [
        client.post("/accounts", json={"email": email, "password": "x" * 15})
        for email in ("Bob@example.org", "boB@example.org")
    ]

    assert [201, 409] == [answer.status_code for answer in answers]
    assert {"id": 1, "email": "bob@example.org"} == answers[0].get_json()
    assert {
        "type": "https://shop.example/problems/address-taken",
        "title": "Address taken",
        "status": 409,
        "detail": "Log in, or take another address.",
    } == answers[1].get_json()
    log_in(client, email="bob@example.org", password="x" * 15)
    assert 200 == status(client)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"password": "x" * 14}, "/password"),
        ({"password": "x" * 129}, "/password"),
        ({"email": "bob"}, "/email"),
        ({"email": "b\0b@example.org"}, "/email"),
        ({"email": "b" * 243 + "@example.org"}, "/email"),
        ({"is_active": True}, ""),
        ({"session_token": "x" * 32}, ""),
    ],
)
def test_what_is_no_account_is_refused(
    client: FlaskClient, fields: dict[str, object], field: str
) -> None:
    """Neither half an address nor a short password opens an account."""
    asked = {"email": "b@example.org", "password": "x" * 15, **fields}
    answer = client.post("/accounts", json=asked)

    assert 422 == answer.status_code
    assert [field] == [e["field"] for e in answer.get_json()["errors"]]


# Who is let in, and where to


@pytest.mark.parametrize(
    ("method", "accept", "moved"),
    [
        ("GET", "text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("GET", "application/json", False),
        ("GET", "application/json,text/html", False),
        ("GET", "text/html;q=0.9,application/json", False),
        ("GET", "*/*", False),
        ("GET", "", False),
        ("HEAD", "text/html", False),
    ],
)
def test_a_person_is_led_to_the_form_and_a_program_is_told(
    client: FlaskClient, method: str, accept: str, moved: bool
) -> None:
    """Only who can fill in a form is sent to it."""
    answer = client.open(
        "/accounts/me?a=%C3%A9", method=method, headers={"Accept": accept}
    )

    form = "/accounts/login?next=%2Faccounts%2Fme%3Fa%3D%C3%A9"
    assert (form if moved else None) == answer.location
    assert (401 == answer.status_code) != moved
    expected = None if moved else "Cookie realm=shop"
    assert expected == answer.headers.get("WWW-Authenticate")


def test_no_post_is_redirected_to_the_form(client: FlaskClient) -> None:
    """Not even a browser's: what it sent would be lost there."""
    html = {"Accept": "text/html"}
    answer = client.post("/accounts/password", headers=html)

    assert 401 == answer.status_code
    assert answer.location is None


def test_below_a_prefix_the_way_is_the_same(
    client: FlaskClient, user: int
) -> None:
    """Mounted below a path, the shop leads there and back."""
    base = "https://localhost/shop"
    html = {"Accept": "text/html"}
    form = client.get("/accounts/me", base_url=base, headers=html).location

    assert "/shop/accounts/login?next=%2Fshop%2Faccounts%2Fme" == form
    data = {"email": ADDRESS, "password": PASSWORD}
    wanted = {"next": "/shop/accounts/me"}
    answer = client.post(
        "/accounts/login", base_url=base, data=data, query_string=wanted
    )
    assert "/shop/accounts/me" == answer.location


@pytest.mark.parametrize(
    "path",
    [
        "",
        "me",
        "?next=/",
        "#",
        "http:evil.example",
        "http:/evil.example",
        "https:/evil.example",
        "https://evil.example",
        "HTTPS://evil.example",
        "https:\\\\evil.example",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "/\\/evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "\t//evil.example",
        " //evil.example",
        "\x01//evil.example",
        "/ /evil.example",
        "/path\\evil.example",
        "/path\r\nSet-Cookie: session=x",
        "/\u2028/evil.example",
        "/\xa0/evil.example",
        "/\x85/evil.example",
        "/\x7f/evil.example",
        "/\x9f",
        "/\0",
        "javascript:alert(1)",
        "data:text/html,x",
        "@evil.example",
        ".evil.example",
        "shop.example@evil.example",
    ],
)
def test_a_probe_is_no_path_of_ours(path: str) -> None:
    """What a browser could read as another site, or as two lines."""
    assert OWN_PATH.fullmatch(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/accounts/me",
        "/a?next=//evil.example",
        "/a?b=c&d=%20#e",
        "/caf\xe9",
        "/a//b",
        "/@evil.example",
        "/:80",
        "/%5cevil.example",
    ],
)
def test_a_path_of_ours_is_one(path: str) -> None:
    """What stays on the site by any reading is let through."""
    assert OWN_PATH.fullmatch(path) is not None


def test_next_is_read_where_the_form_was_shown(
    client: FlaskClient, user: int
) -> None:
    """Neither a field of the form nor a second parameter is believed."""
    assert "/accounts/me" == log_in(client, next="/products").location
    twice = "/accounts/login?next=/products&next=//evil.example"
    answer = client.post(twice, data={"email": ADDRESS, "password": PASSWORD})
    assert "/products" == answer.location


# What a cookie is worth


def test_a_login_is_given_a_new_name(app: Flask, user: int) -> None:
    """A cookie from before the login is worth what it was: nothing."""
    client = app.test_client()
    with client.session_transaction() as planted:
        planted["planted"] = "by a stranger"
    before = cookie_of(client)
    log_in(client)

    assert before != cookie_of(client)
    assert 401 == status(with_cookie(app, before))


def test_a_cookie_of_another_secret_is_nobody_s(app: Flask, user: int) -> None:
    """Who does not know the secret cannot say who they are."""
    with app.app_context():
        login = db.session.get_one(User, user).get_id()
    forger = Flask("forger")
    forger.secret_key = "guessed"
    signer = SecureCookieSessionInterface().get_signing_serializer(forger)
    assert signer is not None
    forged = signer.dumps({"_user_id": login, "_fresh": True})

    assert 401 == status(with_cookie(app, str(forged)))
    assert 401 == status(with_cookie(app, f"{login}|0", "remember_token"))
    assert 401 == status(with_cookie(app, login, "remember_token"))


def test_a_second_shop_with_the_same_secret_knows_nobody(
    app: Flask, ada: FlaskClient, user: int, other: Flask
) -> None:
    """Rows of one number in two databases are not one user."""
    with other.app_context():
        assert user == db.session.scalars(db.select(User.id)).one()

    assert 401 == status(with_cookie(other, cookie_of(ada)))
    assert 200 == status(with_cookie(app, cookie_of(ada)))


def test_who_gets_the_number_of_a_user_gets_no_session(
    app: Flask, ada: FlaskClient, user: int
) -> None:
    """A deleted user's session is not the next user's."""
    with app.app_context():
        db.session.delete(db.session.get_one(User, user))
        db.session.commit()
        db.session.add(User(id=user, email="bob@example.org"))
        db.session.commit()

    assert 401 == status(ada)


@pytest.mark.parametrize(
    "login",
    [
        None,
        7,
        "1",
        "",
        ".",
        "abc",
        "9" * 5_000,
        "x" * 32,
        "x" * 32 + ".",
        "x" * 32 + "." + "1" * 5_000,
        "x" * 32 + ".9999999999",
        "\0" * 32 + ".9999999999",
        "é" * 32 + ".9999999999",
        "x" * 32 + ".٩٩٩٩٩٩٩٩٩٩",
        {"id": 1},
        [1],
    ],
)
def test_what_names_no_login_is_nobody(
    app: Flask, user: int, login: object
) -> None:
    """Whatever an older version of the shop signed, a stranger comes in."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        assert load_user(login) is None
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = login

    assert 401 == status(client)


@pytest.mark.parametrize(("seconds", "known"), [(0, True), (1, False)])
def test_a_login_ends_to_the_second(
    app: Flask,
    user: int,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    known: bool,
) -> None:
    """The last second of thirty days counts."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    with app.app_context():
        login = db.session.get_one(User, user).get_id()
        then = 1_800_000_000.0 + 30 * 86_400 + seconds
        monkeypatch.setattr(time, "time", lambda: then)

        assert known == (load_user(login) is not None)


@remembering
def test_the_remember_cookie_alone_would_never_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Flask-Login signs no date: without ours it works for ever."""

    class Customer:
        is_active = True

        def get_id(self) -> str:
            return "1"

    plain = Flask("plain")
    plain.secret_key = "only for tests"
    manager = flask_login.LoginManager()
    manager.init_app(plain)
    manager.user_loader(lambda number: Customer())

    @plain.get("/enter")
    def enter() -> str:
        return str(login_user(Customer(), remember=True))

    @plain.get("/who")
    def who() -> str:
        return type(current_user._get_current_object()).__name__

    client = plain.test_client()
    client.get("/enter")
    client.delete_cookie("session")
    monkeypatch.setattr(time, "time", lambda: 10_000_000_000.0)

    assert "Customer" == client.get("/who").text


@remembering
def test_a_new_password_takes_the_remember_cookie_along(
    client: FlaskClient, user: int
) -> None:
    """The cookie that is void is not left in the browser."""
    log_in(client, remember="on")
    asked = {"current": PASSWORD, "new": NEW}
    client.post("/accounts/password", json=asked)

    assert client.get_cookie("remember_token") is None
    assert 200 == status(client)


@remembering
def test_a_logout_takes_the_remember_cookie_along(
    client: FlaskClient, user: int
) -> None:
    """Who logs out is not logged in again by the next request."""
    log_in(client, remember="on")
    client.post("/accounts/logout")

    assert client.get_cookie("remember_token") is None
    assert 401 == status(client)


def test_a_logout_everywhere_ends_copies_too(
    app: Flask, ada: FlaskClient
) -> None:
    """A logout leaves a copied cookie at work; this one does not."""
    thief = with_cookie(app, cookie_of(ada))
    ada.post("/accounts/logout")
    assert [401, 200] == [status(ada), status(thief)]

    log_in(ada)
    response = ada.post("/accounts/logout-everywhere")

    assert (303, "/accounts/login") == (
        response.status_code,
        response.location,
    )
    assert [401, 401] == [status(ada), status(thief)]


def test_the_settings_of_the_cookies() -> None:
    """What a browser is told, and for how long."""
    assert {
        "PASSWORD_METHOD": "scrypt:131072:8:1",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "REMEMBER_COOKIE_DURATION": timedelta(days=30),
        "REMEMBER_COOKIE_SECURE": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
    }.items() <= DEFAULTS.items()


def test_session_protection_believes_the_thief(app: Flask) -> None:
    """Strong ends a session elsewhere, unless the thief names the place."""
    app.config["SESSION_PROTECTION"] = "strong"

    @app.get("/enter")
    def enter() -> str:
        eve = User(email="eve@example.org")
        db.session.add(eve)
        db.session.commit()
        login_user(eve)
        return eve.email

    @app.get("/stay")
    def stay() -> str:
        session.permanent = True
        return "longer"

    @app.get("/who")
    def who() -> str:
        return str(getattr(current_user, "email", None))

    owner = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "Firefox"}
    thief = {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "Firefox"}
    named = thief | {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}
    victim = app.test_client()
    victim.get("/enter", environ_base=owner)

    def seen(environ: dict[str, str]) -> str:
        client = with_cookie(app, cookie_of(victim))
        return client.get("/who", environ_base=environ).text

    assert "None" == seen(thief)
    assert "eve@example.org" == seen(named)
    victim.get("/stay", environ_base=owner)
    assert "eve@example.org" == seen(thief)
    app.config["SESSION_PROTECTION"] = "basic"
    assert "eve@example.org" == seen(thief)


def test_a_context_held_open_keeps_the_user(app: Flask, user: int) -> None:
    """Flask-Login keeps who asks on g, and g ends with the context."""
    with app.app_context():
        ada = db.session.get_one(User, user)
    with app.test_request_context():
        login_user(ada)
        assert g._login_user is ada
    with app.test_request_context():
        assert "_login_user" not in g


def test_the_test_client_of_flask_login_works(app: Flask, user: int) -> None:
    """A test may log in without the form."""
    app.test_client_class = FlaskLoginClient
    with app.app_context():
        ada = db.session.get_one(User, user)

    assert 200 == status(app.test_client(user=ada))


def test_a_user_is_what_flask_login_asks_for(app: Flask, user: int) -> None:
    """Active and authenticated are one, and nobody here is anonymous."""
    with app.app_context():
        ada = db.session.get_one(User, user)
        assert (True, False) == (ada.is_authenticated, ada.is_anonymous)
        ada.is_active = False
        assert not ada.is_authenticated
        assert not login_user(ada)


def test_a_disabled_user_is_not_loaded(app: Flask, user: int) -> None:
    """Not even where a view asks for no login."""
    with app.app_context():
        ada = db.session.get_one(User, user)
        login = ada.get_id()
        assert load_user(login) is ada
        ada.is_active = False
        assert load_user(login) is None


def test_the_columns_hold_what_is_put_into_them() -> None:
    """Addresses and tokens are taken once, and a hash may be missing."""
    columns = db.metadata.tables["user"].c

    assert {
        "id": ("INTEGER", None, False),
        "email": ("VARCHAR(254)", True, False),
        "password_hash": ("VARCHAR(255)", None, True),
        "session_token": ("VARCHAR(32)", True, False),
        "is_active": ("BOOLEAN", None, False),
    } == {c.name: (str(c.type), c.unique, c.nullable) for c in columns}


def test_tokens_are_long_and_differ(app: Flask) -> None:
    """192 bits, in 32 characters that a login's name allows."""
    with app.app_context():
        users = [User(email=f"{n}@example.org") for n in range(20)]
        db.session.add_all(users)
        db.session.commit()
        tokens = {user.session_token for user in users}
        users[0].end_sessions()

        assert ({32}, 20) == ({len(token) for token in tokens}, len(tokens))
        assert users[0].session_token not in tokens
        assert all(accounts.LOGIN.fullmatch(user.get_id()) for user in users)


# Reset links


def reset(app: Flask, token: object) -> TestResponse:
    """Use a link."""
    body = {"token": token, "new": NEW}
    return app.test_client().post("/accounts/reset", json=body)


def test_a_refusal_says_what_to_do(app: Flask) -> None:
    """It does not say whose link it was."""
    answer = reset(app, "forged").get_json()

    assert "Ask for another link." == answer["detail"]
    fault = {"field": "/token", "code": "used_or_expired"}
    assert [fault] == answer["errors"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"token": "x" * 500}, "used_or_expired"),
        ({"token": "x" * 501}, "string_too_long"),
        ({}, "missing"),
    ],
)
def test_a_token_is_given_and_bounded(
    client: FlaskClient, body: dict[str, str], code: str
) -> None:
    """What is longer than any token is not even read."""
    answer = client.post("/accounts/reset", json={**body, "new": NEW})

    assert 422 == answer.status_code
    fault = {"field": "/token", "code": code}
    assert [fault] == answer.get_json()["errors"]


def test_a_reset_logs_nobody_in(app: Flask, user: int) -> None:
    """It answers with nothing, and sets no cookie."""
    with app.app_context():
        token = reset_token(db.session.get_one(User, user))
    answer = reset(app, token)

    assert (204, "", None) == (
        answer.status_code,
        answer.text,
        answer.headers.get("Set-Cookie"),
    )


@pytest.mark.parametrize("change", ["disabled", "deleted"])
def test_a_link_does_not_outlive_its_user(
    app: Flask, user: int, change: str
) -> None:
    """Neither a disabled nor a deleted user gets a password."""
    with app.app_context():
        ada = db.session.get_one(User, user)
        token = reset_token(ada)
        ada.is_active = False
        if change == "deleted":
            db.session.delete(ada)
        db.session.commit()

    assert 422 == reset(app, token).status_code


def test_a_forged_link_is_refused(
    app: Flask, user: int, ada: FlaskClient
) -> None:
    """Another secret, another purpose, no signature: all the same."""
    secret = app.config["SECRET_KEY"]
    with app.app_context():
        content = [user, state_of(db.session.get_one(User, user))]
    good = URLSafeTimedSerializer(secret, salt="reset a password")
    forged: list[object] = [
        URLSafeTimedSerializer("x", salt="reset a password").dumps(content),
        URLSafeTimedSerializer(secret, salt="sign up").dumps(content),
        URLSafeTimedSerializer(secret).dumps(content),
        good.dumps([user, "x" * 64]),
        good.dumps(content)[:-1],
        cookie_of(ada),
        "forged",
        "",
        "é",
        "x" * 500,
        "x" * 501,
    ]

    assert {422} == {reset(app, token).status_code for token in forged}
    assert 204 == reset(app, good.dumps(content)).status_code


def test_the_link_tells_no_secret(app: Flask, user: int) -> None:
    """What is in the address bar is neither hash nor token."""
    with app.app_context():
        ada = db.session.get_one(User, user)
        signed = URLSafeTimedSerializer("any")
        _, payload = signed.loads_unsafe(reset_token(ada))

        assert user == payload[0]
        assert str(ada.password_hash) not in str(payload)
        assert ada.session_token not in str(payload)


# The stub


def test_the_stub_holds_what_is_imported_and_what_exists() -> None:
    """Each name the shop imports is in it, with parameters that are real."""
    stub = ast.parse(STUB.read_text("utf-8"))
    functions = [n for n in stub.body if isinstance(n, ast.FunctionDef)]
    classes = [n for n in stub.body if isinstance(n, ast.ClassDef)]
    names = {n.name for n in classes} | {n.name for n in functions}
    names.add("current_user")
    imported = {
        alias.name
        for path in SOURCE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "flask_login"
        for alias in node.names
    }

    assert "login_required" in imported
    assert set() == imported - names
    assert all(hasattr(flask_login, name) for name in names)
    for function in functions:
        real = inspect.signature(getattr(flask_login, function.name))
        told = [a.arg for a in function.args.args]
        assert told == list(real.parameters)[: len(told)]
