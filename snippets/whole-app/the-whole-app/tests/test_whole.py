"""All parts are there, and none of them is another shop's."""

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import StatementError

from myapp import create_app
from myapp.extensions import db
from myapp.models import Order

PARTS = {
    "foundations": [
        "exports",
        "orders",
        "photos",
        "products",
        "quotes",
        "static",
        "visitors",
    ],
    "data": ["customers", "ready"],
    "security": ["accounts", "cart", "keys", "oidc", "staff", "tokens"],
    "background": ["confirmations"],
    "async": ["offers"],
    "resilience": ["checkout", "health", "payments"],
}
OWN = [
    "celery",
    "limiter",
    "metrics",
    "payments",
    "socketio",
    "token_keys",
    "tracing",
]


def test_every_part_has_its_routes(app: Flask) -> None:
    """What a page of the guide serves, the whole app serves too."""
    found = [rule.endpoint for rule in app.url_map.iter_rules()]
    features = {endpoint.partition(".")[0] for endpoint in found}

    assert {name for part in PARTS.values() for name in part} == features
    assert 52 == len(found)


def test_every_part_has_its_commands(app: Flask) -> None:
    """So do the commands."""
    expected = {"db", "init-db", "payments", "products", "tokens"}

    assert expected <= set(app.cli.commands)


def test_two_shops_share_nothing(
    app: Flask, settings: dict[str, Any]
) -> None:
    """Each has a queue, counts, a breaker, a chat and keys of its own."""
    other = create_app(settings)

    shared = [n for n in OWN if app.extensions[n] is other.extensions[n]]
    assert [] == shared
    backends = [
        next(iter(shop.extensions["cache"].values())) for shop in (app, other)
    ]
    assert backends[0] is not backends[1]


@pytest.mark.parametrize(
    "path", ["/accounts/login", "/accounts/password", "/oidc/link", "/tokens"]
)
def test_a_flood_without_tokens_is_counted(app: Flask, path: str) -> None:
    """Limits come before the look at the token, which costs more."""
    client = app.test_client()

    found = [
        FlaskClient.open(client, path, method="POST").status_code
        for _ in range(11)
    ]

    assert {4} == {status // 100 for status in found}
    assert [429] == found[10:]
    assert 429 not in found[:10]


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [("/accounts/login", "data", 401), ("/tokens", "json", 400)],
)
def test_an_account_has_one_password_budget(
    app: Flask, ada: FlaskClient, path: str, kind: str, status: int
) -> None:
    """From many networks too; looking at an account costs nothing of it."""
    read = {ada.get("/accounts/me").status_code for _ in range(12)}
    names = ["eve", "Eve"] * 15 + ["bob", "eve"]
    found = []
    for number, name in enumerate(names):
        sent = {"email": f"{name}@example.org", "password": "guess"}
        answer = app.test_client().post(
            path,
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
            **{kind: sent},
        )
        found.append(answer.status_code)

    assert {200} == read
    assert [status] * 31 + [429] == found


def test_an_account_is_its_owners(ada: FlaskClient) -> None:
    """Its address is taken, its password asked for, and it can be left."""
    sent = {"email": "Ada@example.org", "password": "a long enough one"}
    change = {"current": "guess", "new": "another long enough one"}

    assert 409 == ada.post("/accounts", json=sent).status_code
    assert 422 == ada.post("/accounts/password", json=change).status_code
    assert 303 == ada.post("/accounts/logout-everywhere").status_code
    assert 401 == ada.get("/accounts/me").status_code


def test_a_moment_has_a_zone(app: Flask) -> None:
    """What could be meant in two ways is not stored."""
    naive = datetime.fromisoformat("2026-11-23T01:00")
    with app.app_context():
        db.session.add(Order(total_cents=0, placed_at=naive))
        with pytest.raises(StatementError, match="without a zone"):
            db.session.flush()
