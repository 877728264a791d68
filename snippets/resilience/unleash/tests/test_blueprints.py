"""Features bring their own routes."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app


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
    assert {"checkout", "orders", "products"} == {
        rule.split("/")[1] for rule in rules(app).values()
    }


def test_endpoints_carry_the_name_of_their_feature(app: Flask) -> None:
    """Two views of the same name do not collide."""
    expected = [
        "checkout.gift_note",
        "checkout.show",
        "orders.create",
        "orders.show",
        "products.index",
        "products.show",
    ]

    assert expected == sorted(rules(app))


def test_an_order_is_placed_and_shown(client: FlaskClient) -> None:
    """An order can be read where it was counted."""
    placed = client.post("/orders/2")

    expected = {"order": 1, "product": "/products/2"}
    assert (201, expected) == (placed.status_code, placed.json)
    assert expected == client.get("/orders/1").json


def test_orders_are_counted_from_one(client: FlaskClient) -> None:
    """Each order is found by its number, and no other number is."""
    client.post("/orders/2")
    client.post("/orders/1")

    found = [client.get(f"/orders/{number}") for number in range(4)]

    assert [404, 200, 200, 404] == [response.status_code for response in found]
    assert ["/products/2", "/products/1"] == [
        response.get_json()["product"] for response in found[1:3]
    ]


@pytest.mark.parametrize("product", ["0", "3", "-1", "tea"])
def test_what_is_not_sold_cannot_be_ordered(
    client: FlaskClient, product: str
) -> None:
    """An order for an unknown product is a 404 and leaves nothing."""
    assert 404 == client.post(f"/orders/{product}").status_code
    assert 404 == client.get("/orders/1").status_code


def test_two_shops_share_no_orders(client: FlaskClient) -> None:
    """All apps share the blueprints, and nothing that they keep."""
    client.post("/orders/1")
    other = create_app({"TESTING": True}).test_client()

    assert [200, 404] == [
        c.get("/orders/1").status_code for c in (client, other)
    ]


def test_links_follow_the_app(app: Flask) -> None:
    """Mounted below a path, the shop links below that path."""
    client = app.test_client()

    placed = client.post("/orders/1", base_url="http://localhost/shop")

    assert {"order": 1, "product": "/shop/products/1"} == placed.json
