"""Features bring their own routes."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Product


@pytest.fixture(autouse=True)
def products(app: Flask) -> None:
    """Let the shop sell two products."""
    with app.app_context():
        for name in ("tea", "coffee"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()


def rules(app: Flask) -> dict[str, str]:
    """Give the rule of each endpoint but that of static files."""
    found = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    del found["static"]
    return found


def test_each_feature_has_its_prefix(app: Flask) -> None:
    """The URLs of a feature begin with its name."""
    assert [] == [
        rule
        for endpoint, rule in rules(app).items()
        if not rule.startswith(f"/{endpoint.partition('.')[0]}")
    ]


def test_an_order_is_placed_and_shown(client: FlaskClient) -> None:
    """An order can be read where it was counted."""
    placed = client.post("/orders/2")

    expected = {"order": 1, "product": "/products/2"}
    assert (201, expected) == (placed.status_code, placed.json)
    assert expected == client.get("/orders/1").json


@pytest.mark.parametrize("product", ["0", "3", "-1", "tea"])
def test_what_is_not_sold_cannot_be_ordered(
    client: FlaskClient, product: str
) -> None:
    """An order for an unknown product is a 404 and leaves nothing."""
    assert 404 == client.post(f"/orders/{product}").status_code
    assert 404 == client.get("/orders/1").status_code


def test_links_follow_the_app(app: Flask) -> None:
    """Mounted below a path, the shop links below that path."""
    client = app.test_client()

    placed = client.post("/orders/1", base_url="http://localhost/shop")

    assert {"order": 1, "product": "/shop/products/1"} == placed.json
