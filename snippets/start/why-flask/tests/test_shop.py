"""What a customer of the smallest shop may rely on."""

from flask.testing import FlaskClient


def test_shop_lists_its_products(client: FlaskClient) -> None:
    """Products come as JSON, priced in cents."""
    response = client.get("/products")

    assert {"cup": 1290, "pot": 4900} == response.json


def test_order_is_confirmed(client: FlaskClient) -> None:
    """An order names what was ordered, and says that it was made."""
    response = client.post("/orders", data={"product": "pot"})

    assert 201 == response.status_code
    assert {"ordered": "pot"} == response.json
