"""What a customer of the smallest shop may rely on."""

from io import BytesIO, StringIO
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import setup_testing_defaults

from flask import Flask
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


def test_incomplete_order_is_the_customers_error(app: Flask) -> None:
    """A form without its field gets a 400 from a server, not a crash."""
    environ: dict[str, Any] = {"REQUEST_METHOD": "POST"}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = "/orders"
    sent = BytesIO()

    SimpleHandler(BytesIO(), sent, StringIO(), environ).run(app)

    _, status, *_ = sent.getvalue().split()
    assert b"400" == status
