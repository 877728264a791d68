"""The shop's products, as rows."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Product


def sell(app: Flask, *names: str) -> None:
    """Put products into a shop's database."""
    with app.app_context():
        db.session.add_all(Product(name=n, price_cents=450) for n in names)
        db.session.commit()


def test_products_are_listed(app: Flask, client: FlaskClient) -> None:
    """The list holds every product, in the order of their names."""
    sell(app, "tea", "coffee")

    expected = [
        {"id": 2, "name": "coffee", "price_cents": 450},
        {"id": 1, "name": "tea", "price_cents": 450},
    ]
    assert expected == client.get("/products").json


def test_a_product_is_shown(app: Flask, client: FlaskClient) -> None:
    """A product shows its number, name and price."""
    sell(app, "tea")

    expected = {"id": 1, "name": "tea", "price_cents": 450}
    assert expected == client.get("/products/1").json


@pytest.mark.parametrize("wanted", ["0", "2", "-1", "tea", "2147483647"])
def test_an_unknown_product_is_not_found(
    app: Flask, client: FlaskClient, wanted: str
) -> None:
    """What is no product's number is a 404."""
    sell(app, "tea")

    assert 404 == client.get(f"/products/{wanted}").status_code


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/products"), ("GET", "/orders"), ("POST", "/orders")],
)
def test_a_number_no_column_holds_is_not_found(
    app: Flask, method: str, path: str
) -> None:
    """A number out of range is the client's mistake, not ours."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()

    assert [4, 4] == [
        client.open(f"{path}/{number}", method=method).status_code // 100
        for number in (2**31, 10**30)
    ]
