"""What CORS does not keep anybody from."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Order, Product

EVIL = "https://evil.test"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of a shop that sells tea."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350))
        db.session.commit()
    return app.test_client()


def test_an_order_of_a_foreign_page_is_placed(
    app: Flask, client: FlaskClient
) -> None:
    """CORS lets it through; what would stop it is the token it has here."""
    response = client.post("/orders/1", headers={"Origin": EVIL})

    allowed = response.headers.get("Access-Control-Allow-Origin")
    assert (201, None) == (response.status_code, allowed)
    without = FlaskClient.open(client, "/orders/1", method="POST")
    assert 400 == without.status_code
    with app.app_context():
        orders = db.session.scalars(db.select(Order)).all()
        assert [1] == [order.id for order in orders]


@pytest.mark.parametrize("origin", [{}, {"Origin": EVIL}])
def test_any_origin_gets_the_answer(
    client: FlaskClient, origin: dict[str, str]
) -> None:
    """The answer is sent; only a browser keeps it from a page."""
    response = client.get("/products/1", headers=origin)

    assert (200, "tea") == (response.status_code, response.get_json()["name"])
