"""The shop's products, with and without a request."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app
from myapp.products import catalogue


def test_products_are_listed(client: FlaskClient) -> None:
    """The list holds every product, in order."""
    found = client.get("/products")

    expected = [{"id": 1, "name": "tea"}, {"id": 2, "name": "coffee"}]
    assert expected == found.json


@pytest.mark.parametrize("wanted", ["0", "3", "99999999999999999999"])
def test_an_unknown_product_is_not_found(
    client: FlaskClient, wanted: str
) -> None:
    """A number that is no product's is a 404, however large."""
    assert 404 == client.get(f"/products/{wanted}").status_code


def test_a_product_is_shown(client: FlaskClient) -> None:
    """A product shows its number and its name."""
    assert {"id": 1, "name": "tea"} == client.get("/products/1").json


def test_a_script_enters_the_context(app: Flask) -> None:
    """Inside the context the catalogue is that of the app."""
    with app.app_context():
        assert app.extensions["catalogue"] == catalogue()


def test_a_thread_does_not_inherit_the_context(app: Flask) -> None:
    """A thread finds no shop but in a context of its own."""

    def inside() -> dict[int, str]:
        with app.app_context():
            return catalogue()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(inside).result()
        with app.app_context():
            assert RuntimeError is type(pool.submit(catalogue).exception())
            assert {1: "tea", 2: "coffee"} == pool.submit(inside).result()


def test_outside_a_context_no_shop_is_at_work() -> None:
    """Having been built does not put a shop to work."""
    create_app({"TESTING": True})

    with pytest.raises(RuntimeError, match="outside of application context"):
        catalogue()
