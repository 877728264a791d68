"""Features bring their own routes."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Product

ELSEWHERE = {"static", "keys.jwks"}


@pytest.fixture(autouse=True)
def products(app: Flask) -> None:
    """Let the shop sell two products."""
    with app.app_context():
        for name in ("tea", "coffee"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()


def test_each_feature_has_its_prefix(app: Flask) -> None:
    """The URLs of a feature begin with its name."""
    assert [] == [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in ELSEWHERE
        and not rule.rule.startswith(f"/{rule.endpoint.partition('.')[0]}")
    ]


def test_an_order_is_placed_and_shown(client: FlaskClient) -> None:
    """An order can be read where it was counted."""
    placed = client.post("/orders/2")

    assert (201, 1) == (placed.status_code, placed.get_json()["order"])
    assert placed.json == client.get("/orders/1").json


@pytest.mark.parametrize("product", ["0", "3", "-1", "tea"])
def test_what_is_not_sold_cannot_be_ordered(
    client: FlaskClient, product: str
) -> None:
    """An order for an unknown product is a 404 and leaves nothing."""
    assert 404 == client.post(f"/orders/{product}").status_code
    assert 404 == client.get("/orders/1").status_code


def test_links_follow_the_app(client: FlaskClient) -> None:
    """Mounted below a path, the shop links below that path."""
    placed = client.post("/orders/1", base_url="http://localhost/shop")

    (line,) = placed.get_json()["lines"]
    assert "/shop/products/1" == line["product"]
