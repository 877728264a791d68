"""Quotes: what is asked for, and what is answered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Product
from myapp.quotes import vat_of


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of a shop with two products, as in production."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350))
        db.session.add(Product(name="coffee", price_cents=500))
        db.session.commit()
    return app.test_client()


def quote_request(**fields: Any) -> dict[str, Any]:
    """Give a request for a quote, with some fields another."""
    return {
        "email": "ann@example.com",
        "lines": [
            {"product_id": 1, "quantity": 2},
            {"product_id": 2, "quantity": 1},
        ],
        "deliver_on": "2026-01-02",
        **fields,
    }


def line(**fields: int) -> dict[str, Any]:
    """Give a request of one line, with some fields another."""
    lines = [{"product_id": 1, "quantity": 1, **fields}]
    return quote_request(lines=lines)


def test_a_quote_is_written_for_any_client(client: FlaskClient) -> None:
    """Dates, amounts and ids are of kinds that every client can read."""
    before = datetime.now(UTC) + timedelta(days=14)
    response = client.post("/quotes", json=quote_request())

    assert 201 == response.status_code
    body = response.get_json()
    assert str(UUID(body.pop("id"))) in response.text
    valid_until = body.pop("valid_until")
    assert {
        "net_cents": 1200,
        "vat_rate": "0.19",
        "vat_cents": 228,
        "deliver_on": "2026-01-02",
        "note": "",
    } == body
    assert valid_until.endswith("Z")
    late = datetime.fromisoformat(valid_until) - before
    assert timedelta(0) <= late < timedelta(minutes=1)


def test_two_quotes_are_two(client: FlaskClient) -> None:
    """Each quote has an id of its own."""
    ids = [
        client.post("/quotes", json=quote_request()).get_json()["id"]
        for _ in range(2)
    ]

    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("net_cents", "expected"), [(0, 0), (2, 0), (3, 1), (50, 10), (350, 67)]
)
def test_half_a_cent_is_rounded_up(net_cents: int, expected: int) -> None:
    """19 % of 50 cents are 10 cents, and of 350 cents 67."""
    assert expected == vat_of(net_cents)


def test_what_is_not_sold_has_no_price(client: FlaskClient) -> None:
    """An unknown product is named by its line."""
    lines = [{"product_id": i, "quantity": 1} for i in (3, 1, 4)]
    response = client.post("/quotes", json=quote_request(lines=lines))

    assert 422 == response.status_code
    body = response.get_json()
    assert "Some products are not sold." == body["detail"]
    assert [
        {"field": "/lines/0/product_id", "code": "unknown_product"},
        {"field": "/lines/2/product_id", "code": "unknown_product"},
    ] == body["errors"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (line(quantity=-1), 422),
        (line(quantity=0), 422),
        (line(quantity=1), 201),
        (line(quantity=999), 201),
        (line(quantity=1000), 422),
        (quote_request(lines=line()["lines"] * 50), 201),
        (quote_request(lines=line()["lines"] * 51), 422),
        (quote_request(note="é" * 200), 201),
        (quote_request(note="é" * 201), 422),
        (quote_request(email="a" * 242 + "@example.com"), 201),
        (quote_request(email="a" * 243 + "@example.com"), 422),
    ],
)
def test_the_bounds_are_what_they_say(
    body: dict[str, Any], status: int, client: FlaskClient
) -> None:
    """The last value that is allowed is, and the next is not."""
    assert status == client.post("/quotes", json=body).status_code


@pytest.mark.parametrize(
    ("product_id", "code"),
    [
        (-1, "greater_than_equal"),
        (0, "greater_than_equal"),
        (2**31 - 1, "unknown_product"),
        (2**31, "less_than_equal"),
        (10**30, "less_than_equal"),
    ],
)
def test_an_id_is_one_that_a_column_holds(
    product_id: int, code: str, client: FlaskClient
) -> None:
    """The largest number of the column is looked for, the next is not."""
    response = client.post("/quotes", json=line(product_id=product_id))

    assert 422 == response.status_code
    (error,) = response.get_json()["errors"]
    assert ["/lines/0/product_id", code] == [error["field"], error["code"]]


@pytest.mark.parametrize("character", ["\0", "\n", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_refused(
    character: str, client: FlaskClient
) -> None:
    """A NUL, which PostgreSQL does not store, ends here."""
    body = quote_request(note=f"a{character}b")

    assert 422 == client.post("/quotes", json=body).status_code
