"""What somebody may try who means no good, on every route at once."""

from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import event

from myapp import create_app
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
