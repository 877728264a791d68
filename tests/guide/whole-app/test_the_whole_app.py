"""What somebody may try who means no good, on every route at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import event

from myapp import create_app
from myapp.config import DEFAULTS
from myapp.extensions import db
from myapp.models import Order, Product

BODIES = [
    b"",
    b"null",
    b"[]",
    b'{"a": 1}',
    b'{"lines": [null]}',
    b"\xff",
    b"[" * 3000,
]
QUIET = {"RATELIMIT_ENABLED": False, "PROPAGATE_EXCEPTIONS": False}
ASK_OTHERS = {
    "health.ready",
    "offers.compare",
    "offers.reserve",
    "ready.show",
}
NO_PROVIDER = dict.fromkeys(
    ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"]
)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/x-www-form-urlencoded", "text/plain"],
)
def test_no_body_breaks_a_route(settings: dict[str, Any], kind: str) -> None:
    """Whatever is sent to any route is no fault of ours."""
    app = create_app(settings | QUIET | NO_PROVIDER)
    with app.app_context():
        db.create_all()
        db.session.add(Product(name="tea", price_cents=350))
        db.session.commit()
    client = app.test_client()
    client.post("/orders/1")
    broken = []
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            ids: dict[str, Any] = dict.fromkeys(rule.arguments, 1)
            path = url_for(rule.endpoint, **ids)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            for body in BODIES:
                answer = client.open(
                    path, method=method, data=body, content_type=kind
                )
                failed = answer.status_code >= 500
                if failed and rule.endpoint not in ASK_OTHERS:
                    broken.append((method, path, body[:9]))
    with app.app_context():
        db.engine.dispose()

    assert [] == broken


@pytest.mark.parametrize(
    "value", ["", "x", "-1", "2147483649", "9" * 40, "1e3", "\0", "' OR 1=1"]
)
def test_no_query_breaks_a_list(settings: dict[str, Any], value: str) -> None:
    """Nor does a query string."""
    app = create_app(settings | QUIET)
    with app.app_context():
        db.create_all()
    client = app.test_client()
    found = [
        client.get(path, query_string={name: value}).status_code
        for path in ("/orders", "/products", "/accounts/login", "/cart")
        for name in ("before", "limit", "page", "per_page", "next", "email")
    ]
    with app.app_context():
        db.engine.dispose()

    assert set(found) <= {200, 422}


def test_of_two_who_cancel_one_is_told(workers: tuple[Flask, Flask]) -> None:
    """What is given back is given back once, whoever asks twice."""
    first, second = (worker.test_client() for worker in workers)
    with workers[0].app_context():
        db.session.add(Product(name="tea", price_cents=350, stock=5))
        db.session.commit()
    path = f"/orders/{first.post('/orders/1').get_json()['order']}"
    cookie = first.get_cookie("session")
    assert cookie is not None
    second.set_cookie("session", cookie.value)
    statuses: list[int] = []

    def cut_in(*args: Any) -> None:
        if args[2].startswith('UPDATE "order"') and not statuses:
            statuses.append(0)
            statuses[0] = second.delete(path).status_code

    with workers[0].app_context():
        event.listen(db.engine, "before_cursor_execute", cut_in)
    statuses.append(first.delete(path).status_code)

    with workers[0].app_context():
        left = db.session.get_one(Product, 1).stock
        status = db.session.get_one(Order, 1).status
    assert [204, 409] == statuses
    assert (5, "cancelled") == (left, status)


def test_no_secret_is_written(
    app: Flask,
    ada: FlaskClient,
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """Neither what is sent nor what is given in return is in the log."""
    stranger = app.test_client()
    known = {
        "email": "ada@example.org",
        "password": "correct horse battery staple",
    }
    answer = stranger.post("/tokens", json=known, buffered=True)
    given = answer.get_json()
    found = [answer.status_code]
    for token in (given["access_token"], "hunter2"):
        bearer = {"Authorization": f"Bearer {token}"}
        owner = stranger.get("/tokens/owner", headers=bearer, buffered=True)
        found.append(owner.status_code)
    refresh = {"refresh_token": given["refresh_token"]}
    reset = {"token": "hunter2", "new": "x" * 15}
    for path, body in (
        ("/tokens/refresh", refresh),
        ("/tokens/refresh", refresh),
        ("/accounts/reset", reset),
    ):
        sent = stranger.post(path, json=body, buffered=True)
        found.append(sent.status_code)
    for query in ("code=hunter2&state=hunter2", "error=hunter2"):
        stranger.get(f"/oidc/callback?{query}", buffered=True)
    for number in range(32):
        tried = stranger.post(
            "/accounts/login?next=/hunter2",
            data={"email": "hunter2", "password": "hunter2"},
            headers={"X-Request-ID": "hunter2!", "User-Agent": "hunter2"},
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
            buffered=True,
        )
    cookie = ada.get_cookie("session")
    ada.get("/accounts/me?token=hunter2", buffered=True)

    written = lines()

    assert cookie is not None
    assert ([200, 200, 401], 429) == (found[:3], tried.status_code)
    statuses = [line["status"] for line in written if "status" in line]
    assert [429, 200] == statuses[-2:]
    secrets = ["hunter2", "no JSON", cookie.value, *known.values()]
    secrets += [given["access_token"], given["refresh_token"]]
    assert [] == [word for word in secrets if word in str(written)]


def test_what_nobody_sets() -> None:
    """Without a setting the shop is closed, bounded, and alone."""
    expected = {
        "DEBUG": False,
        "ORDERS_OPEN": True,
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 100_000,
        "MAX_FORM_PARTS": 100,
        "PHOTO_FOLDER": "photos",
        "FLAGS": {},
        "PROXIES": 0,
        "DRAIN_FILE": "",
        "SQLALCHEMY_DATABASE_URI": "sqlite://",
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "REMEMBER_COOKIE_NAME": "__Host-remember",
        "REMEMBER_COOKIE_SECURE": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_DURATION": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": 43200,
        "PASSWORD_METHOD": "scrypt:131072:8:1",
        "TOKEN_KEY": None,
        "TOKEN_PUBLIC_KEYS": [],
        "TOKEN_ISSUER": "https://shop.example",
        "TOKEN_AUDIENCE": "https://shop.example/api",
        "CORS_ORIGINS": (),
        "SOCKET_ORIGINS": None,
        "SOCKET_MESSAGE_BYTES": 10_000,
        "REDIS_URL": "redis://localhost:6379/0",
        "CACHE_REDIS_URL": "",
        "CACHE_KEY_PREFIX": "shop:",
        "MESSAGE_QUEUE": None,
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {
            "socket_timeout": 0.2,
            "retry": Retry(NoBackoff(), 1),
        },
        "PAYMENTS_URL": "https://payments.invalid",
        "PAYMENTS_SECONDS": 5.0,
        "SUPPLIERS": {},
        "SUPPLIER_SECONDS": 2.0,
        "SMTP_HOST": "",
    }
    assert expected == DEFAULTS
