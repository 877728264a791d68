"""Rows that a fixture made, and what a request does to them."""

from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Product


def test_a_row_of_a_fixture_is_there(client: FlaskClient, hat: int) -> None:
    """A request finds what the fixture committed."""
    response = client.get(f"/products/{hat}")
    assert 200 == response.status_code
    assert "Hat" == response.get_json()["name"]


def test_what_a_view_changed_is_read_anew(app: Flask, hat: int) -> None:
    """After a request, a context of the test's own reads the row."""

    @app.post("/sale")
    def sale() -> dict[str, int]:
        product = db.session.get_one(Product, hat)
        product.price_cents //= 2
        db.session.commit()
        return {"price_cents": product.price_cents}

    assert 200 == app.test_client().post("/sale").status_code
    with app.app_context():
        assert 950 == db.session.get_one(Product, hat).price_cents
