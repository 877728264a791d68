"""Attacks on the cookies, the forms and the headers of the shop."""

import ast
import importlib
import re
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    redirect,
    request,
    session,
    stream_template_string,
)
from flask.testing import FlaskClient
from flask_login import current_user, login_required
from sqlalchemy import event
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as BaseResponse

import myapp
from myapp import create_app
from myapp.cart import is_sold
from myapp.config import ConfigurationError, from_environment
from myapp.extensions import csrf, db
from myapp.models import Product, User
from myapp.resets import reset_token

HTTPS = "https://shop.example"
META = re.compile(r'<meta name="csrf-token" content="(.+?)">')
PASSWORD = "correct horse battery staple"
SOURCE = Path(myapp.__file__).parent
LIFETIME = "WTF_CSRF_TIME_LIMIT"
LOST = (400, "The CSRF session token is missing.")


def bare(client: FlaskClient, path: str, **kwargs: Any) -> TestResponse:
    """Send what another site makes a browser send: cookies, no token."""
    return FlaskClient.open(client, path, **{"method": "POST", **kwargs})


def refusal(answer: TestResponse) -> tuple[int, object]:
    """Give the status, and what a problem says."""
    body = answer.get_json(silent=True) or {}
    return answer.status_code, body.get("detail")


def token_of(client: FlaskClient) -> str:
    """Give the token that scripts of the shop find."""
    found = META.search(client.get("/cart").text)
    assert found is not None
    return found[1]


def empty(client: FlaskClient, token: str) -> tuple[int, object]:
    """Send a script's request with a token."""
    headers = {"X-CSRFToken": token}
    return refusal(bare(client, "/cart", method="DELETE", headers=headers))


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("https://shop.example/cart", (204, None)),
        (None, (400, "The referrer header is missing.")),
        ("http://shop.example/cart", 1),
        ("https://evil.example/cart", 1),
        ("https://blog.shop.example/", 1),
        ("https://shop.example.evil.example/", 1),
        ("https://shop.example@evil.example/", 1),
        ("https://shop.example:8443/", 1),
    ],
)
def test_https_asks_where_a_request_began(
    production: Flask, referrer: str | None, expected: object
) -> None:
    """Even with a good token, over HTTPS only the shop may be the sender."""
    client = production.test_client()
    found = META.search(client.get("/cart", base_url=HTTPS).text)
    assert found is not None
    headers = {"X-CSRFToken": found[1]}
    if referrer:
        headers["Referer"] = referrer
    if expected == 1:
        expected = (400, "The referrer does not match the host.")

    answer = bare(
        client, "/cart", method="DELETE", headers=headers, base_url=HTTPS
    )
    assert expected == refusal(answer)


def test_a_token_is_good_for_its_own_session(
    app: Flask, client: FlaskClient
) -> None:
    """A token that was fetched by another browser is worth nothing."""
    mine, other = token_of(client), token_of(app.test_client())
    missing = "The CSRF session token is missing."
    for sender, token, expected in [
        (client, mine, (204, None)),
        (client, other, (400, "The CSRF tokens do not match.")),
        (client, mine[:-1], (400, "The CSRF token is invalid.")),
        (client, "", (400, "The CSRF token is missing.")),
        (app.test_client(), mine, (400, missing)),
    ]:
        headers = {"X-CSRFToken": token}
        answer = bare(sender, "/cart", method="DELETE", headers=headers)
        assert expected == refusal(answer)


@pytest.mark.parametrize(
    ("hours", "seconds", "expected"),
    [
        (1, 1, (204, None)),
        (12, 0, (204, None)),
        (12, 1, (400, "The CSRF session token is missing.")),
    ],
)
def test_a_token_lives_as_long_as_the_session(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
    seconds: int,
    expected: tuple[int, object],
) -> None:
    """A form may lie open over lunch, and not until tomorrow."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000)
    headers = {"X-CSRFToken": token_of(client)}
    later = 1_800_000_000 + 3600 * hours + seconds
    monkeypatch.setattr(time, "time", lambda: later)

    answer = bare(client, "/cart", method="DELETE", headers=headers)
    assert expected == refusal(answer)


@pytest.mark.parametrize(
    "names", [",", "shop.example,", ".", ".shop.example", "*", "a, b", "a/b"]
)
def test_only_names_are_hosts(names: str) -> None:
    """Nothing that would let in more than it says."""
    environ = {"SECRET_KEY": "x" * 32, "DATABASE_URL": "sqlite://"}
    expected = "^TRUSTED_HOSTS is no list of host names$"
    with pytest.raises(ConfigurationError, match=expected):
        from_environment(environ | {"TRUSTED_HOSTS": names})


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "2", "2147483648"])
def test_what_is_not_sold_is_not_put(production: Flask, number: str) -> None:
    """No text and no number makes the database fail, or fills the cart."""
    client = production.test_client()
    page = client.post("/cart", data={"product_id": number}, base_url=HTTPS)

    assert (422, True) == (page.status_code, "This is not sold" in page.text)


def test_a_view_may_know_better(production: Flask) -> None:
    """What a view sets itself stands, and stands alone."""
    own = {"Cache-Control": "public, max-age=60", "Referrer-Policy": "origin"}
    production.add_url_rule("/own", "own", lambda: ("", own))
    sent = production.test_client().get("/own").headers

    assert ["public, max-age=60"] == sent.getlist("Cache-Control")
    assert ["origin"] == sent.getlist("Referrer-Policy")
    assert ["nosniff"] == sent.getlist("X-Content-Type-Options")


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_json_in_a_form_of_another_site_is_refused(
    ada: FlaskClient, content_type: str
) -> None:
    """Whatever a body is called, it needs the token."""
    answer = bare(ada, "/quotes", data="{}", content_type=content_type)

    assert (400, "The CSRF token is missing.") == refusal(answer)


@pytest.mark.parametrize("where", ["query", "cookie", "body", "other header"])
def test_a_token_counts_in_its_two_places_only(
    client: FlaskClient, where: str
) -> None:
    """What a link or a neighbour can set is not looked at."""
    token = token_of(client)
    if where == "cookie":
        client.set_cookie("csrf_token", token)
    answer = bare(
        client,
        "/cart",
        method="DELETE",
        query_string={"csrf_token": token} if where == "query" else None,
        json={"csrf_token": token} if where == "body" else None,
        headers={"X-XSRF-Token": token} if where == "other header" else None,
    )

    assert (400, "The CSRF token is missing.") == refusal(answer)


@pytest.mark.parametrize(
    "lose", ["cookie", "login", "logout", "secret", "large"]
)
def test_why_the_session_token_is_missing(
    app: Flask, client: FlaskClient, user: int, lose: str
) -> None:
    """Each cause the page names gives the words users search for."""
    token = token_of(client)
    form = {"email": "ada@example.org", "password": PASSWORD}
    if lose in {"cookie", "large"}:  # a browser drops a large one
        client.delete_cookie("session")
    elif lose == "secret":
        app.secret_key = "another"
    elif lose == "login":
        client.post("/accounts/login", data=form)
    else:
        client.post("/accounts/logout")

    assert LOST == empty(client, token)


def test_a_token_of_a_stream_comes_too_late(
    app: Flask, client: FlaskClient
) -> None:
    """Its headers are gone when the template asks for the token."""

    @app.get("/stream")
    def stream() -> Response:
        return Response(stream_template_string("{{ csrf_token() }}"))

    token = client.get("/stream").text

    assert LOST == empty(client, token)


def test_another_shop_takes_no_token_of_this_one(
    app: Flask, client: FlaskClient
) -> None:
    """Two shops in one process share no session and no token."""
    other = create_app({"SECRET_KEY": "another", "TESTING": True})
    with other.app_context():
        db.create_all()
    stranger = other.test_client()
    token, foreign = token_of(client), token_of(stranger)

    assert (400, "The CSRF token is invalid.") == empty(client, foreign)
    answer = empty(stranger, token)
    with other.app_context():
        db.engine.dispose()
    assert (400, "The CSRF token is invalid.") == answer
    assert 204 == empty(client, token)[0]


def test_only_what_takes_no_cookie_may_be_exempt(
    app: Flask, user: int
) -> None:
    """A browser's cookie opens nothing where the header is asked for."""
    api = Blueprint("api", __name__, url_prefix="/api")

    @api.post("/orders")
    def order() -> str:
        if request.headers.get("Authorization") != "Bearer good":
            abort(401)
        return "ordered"

    csrf.exempt(api)
    app.register_blueprint(api)
    browser = app.test_client()
    form = {"email": "ada@example.org", "password": PASSWORD}
    browser.post("/accounts/login", data=form)

    assert 401 == bare(browser, "/api/orders").status_code
    headers = {"Authorization": "Bearer good"}
    answer = bare(app.test_client(), "/api/orders", headers=headers)
    assert "ordered" == answer.text
    assert 400 == bare(browser, "/cart").status_code


def test_an_exemption_is_by_name(app: Flask, client: FlaskClient) -> None:
    """Two functions of one name in one module are exempt together."""

    def first() -> str:
        return "first"

    first.__name__ = "view"

    def second() -> str:
        return "second"

    second.__name__ = "view"
    csrf.exempt(first)
    app.add_url_rule("/1", "first", first, methods=["POST"])
    app.add_url_rule("/2", "second", second, methods=["POST"])

    assert [200, 200] == [bare(client, p).status_code for p in ("/1", "/2")]


def test_what_a_new_secret_ends(app: Flask, ada: FlaskClient) -> None:
    """Only the session is checked with the fallbacks."""
    token = token_of(ada)
    with app.app_context():
        link = reset_token(db.session.scalars(db.select(User)).one())
    app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
    app.secret_key = "a new one"

    assert 200 == ada.get("/accounts/me").status_code
    assert (400, "The CSRF token is invalid.") == empty(ada, token)
    assert 204 == empty(ada, token_of(ada))[0]
    body = {"token": link, "new": "Tr0ub4dor & 3 friends"}
    assert 422 == ada.post("/accounts/reset", json=body).status_code


@pytest.mark.filterwarnings(
    # Flask-Login 0.6.3 sets the remember cookie with it
    "ignore:datetime.datetime.utcnow:DeprecationWarning"
)
def test_a_new_secret_forgets_the_remembered(
    app: Flask, client: FlaskClient, user: int
) -> None:
    """The remember cookie is checked with the one secret only."""
    form = {
        "email": "ada@example.org",
        "password": PASSWORD,
        "remember": "on",
    }
    client.post("/accounts/login", data=form)
    client.delete_cookie("session")
    app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
    app.secret_key = "a new one"

    assert 401 == client.get("/accounts/me").status_code


def test_an_unchanged_session_keeps_its_old_signature(
    app: Flask, ada: FlaskClient
) -> None:
    """So the old secret is needed for as long as a session may live."""
    before = ada.get_cookie("session")
    app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
    app.secret_key = "a new one"
    assert 200 == ada.get("/accounts/me").status_code

    assert before == ada.get_cookie("session")
    app.config["SECRET_KEY_FALLBACKS"] = None
    assert 401 == ada.get("/accounts/me").status_code


def test_flask_takes_a_string_for_many_secrets(
    app: Flask, client: FlaskClient
) -> None:
    """The setting as one string lets in who signs with one letter of it."""
    app.config["SECRET_KEY_FALLBACKS"] = "old secret"
    forger = create_app({"SECRET_KEY": "o"}).test_client()
    with forger.session_transaction() as forged:
        forged["cart"] = {"1": 66}
    cookie = forger.get_cookie("__Host-session")
    assert cookie is not None
    client.set_cookie("session", cookie.value)

    with client.session_transaction() as found:
        assert {"1": 66} == found["cart"]


def test_a_large_session_is_a_warning_only(app: Flask) -> None:
    """The answer is sent, and with it a cookie that browsers drop."""

    @app.get("/fill/<int:size>")
    def fill(size: int) -> str:
        session["long"] = secrets.token_urlsafe(size)
        return ""

    client = app.test_client()
    client.get("/fill/1000")
    with pytest.warns(UserWarning, match="cookie is too large"):
        answer = client.get("/fill/5000")

    assert 200 == answer.status_code
    assert 4093 < len(answer.headers["Set-Cookie"])


def test_a_limit_binds_who_reads_or_is_protected(app: Flask) -> None:
    """A body nobody asks for is over no limit, until somebody does."""
    app.config["MAX_CONTENT_LENGTH"] = 10
    app.add_url_rule("/deaf", "deaf", lambda: "", methods=["GET", "POST"])
    client = app.test_client()

    assert 200 == client.get("/deaf", data=b"x" * 11).status_code
    assert 413 == client.post("/deaf", data=b"x" * 11).status_code


@pytest.mark.parametrize(
    "text", ["a\r\nSet-Cookie: x=y", "a\nX: y", "a\rb", "a\0b"]
)
def test_no_input_begins_another_header(
    app: Flask, client: FlaskClient, text: str
) -> None:
    """A line break in a header is a failure, and in a location no break."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/header")
    def header() -> tuple[str, dict[str, str]]:
        return "", {"X-Name": request.args["name"]}

    @app.get("/away")
    def away() -> BaseResponse:
        return redirect("/" + request.args["name"])

    for path in ("/header", "/away"):
        answer = client.get(path, query_string={"name": text})
        lines = str(answer.headers).splitlines()
        assert [] == [x for x in lines if x.startswith(("Set-", "X:", "b"))]


def test_a_page_of_a_customer_is_stored_nowhere(ada: FlaskClient) -> None:
    """Neither by a proxy nor for the button that goes back."""
    for path in ("/accounts/me", "/cart", "/accounts/login"):
        assert "no-store" == ada.get(path).headers["Cache-Control"]


def test_an_answer_to_nobody_holds_no_session(client: FlaskClient) -> None:
    """Who only looks at products gets no cookie."""
    assert [] == client.get("/products").headers.getlist("Set-Cookie")


def test_login_required_is_asked_after_the_token(app: Flask) -> None:
    """A stranger without a token is refused for the token."""

    @app.post("/secret")
    @login_required
    def secret() -> str:
        return str(current_user.email)

    client = app.test_client()
    assert 400 == bare(client, "/secret").status_code
    assert 401 == client.post("/secret").status_code


@pytest.mark.parametrize("name", ["flask_wtf", "wtforms"])
def test_the_stubs_hold_what_is_imported_and_what_exists(name: str) -> None:
    """Each class the shop imports is in them, with methods that are real."""
    stub = SOURCE.parents[1] / f"{name}-stubs" / "__init__.pyi"
    classes = [
        node
        for node in ast.parse(stub.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    imported = {
        alias.name
        for path in SOURCE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == name
        for alias in node.names
    }

    assert imported == {node.name for node in classes}
    for node in classes:
        real = getattr(importlib.import_module(name), node.name)
        methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
        assert [] == [m.name for m in methods if not hasattr(real, m.name)]


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """Sell thirty products, and note what the database is asked."""
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(str(args[2]))

    with app.app_context():
        for number in range(1, 31):
            db.session.merge(Product(id=number, name="tea", price_cents=450))
        db.session.commit()
        event.listen(db.engine, "before_cursor_execute", note)
        yield statements
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("number", [None, -1, 0, 2**31, 3**31])
def test_a_number_no_column_holds_is_not_asked_for(
    app: Flask, asked: list[str], number: int | None
) -> None:
    """PostgreSQL would answer with an error, which is a 500."""
    assert False is is_sold(number)
    assert [] == asked


def test_the_largest_number_a_column_holds_is_asked_for(
    app: Flask, asked: list[str]
) -> None:
    """Nothing is refused that may be there."""
    assert False is is_sold(2**31 - 1)
    assert 1 == len(asked)


def test_the_form_says_what_is_wrong(
    client: FlaskClient, asked: list[str]
) -> None:
    """A label before, and a reason after."""
    shown = client.get("/cart").text
    refused = client.post("/cart", data={"product_id": "99"}).text
    for number in range(1, 21):
        client.post("/cart", data={"product_id": str(number)})
    full = client.post("/cart", data={"product_id": "21"}).text

    assert ">Product number</label>" in shown
    assert re.search(r"\bThis is not sold\.(?!X)", refused)
    assert re.search(r"\bThe cart is full\.(?!X)", full)


def test_a_cart_is_read_in_order_and_emptied(
    client: FlaskClient, asked: list[str]
) -> None:
    """Nothing of it is left, and there is nothing to read."""
    client.post("/cart", data={"product_id": "2"})
    client.get("/cart")
    (read,) = [sql for sql in asked if " IN (" in sql]

    emptied = client.delete("/cart")

    assert read.endswith("ORDER BY product.id")
    assert (204, b"") == (emptied.status_code, emptied.data)
    with client.session_transaction() as kept:
        assert "cart" not in kept


def test_what_every_answer_carries(app: Flask, client: FlaskClient) -> None:
    """Word for word: a browser takes no hint."""
    headers = client.get("/products").headers

    assert timedelta(hours=12).total_seconds() == app.config[LIFETIME]
    features = "camera=(), geolocation=(), microphone=()"
    assert features == headers["Permissions-Policy"]
    assert (
        "default-src 'none'; connect-src 'self'; img-src 'self'; "
        "style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; script-src 'none'"
    ) == headers["Content-Security-Policy"]
