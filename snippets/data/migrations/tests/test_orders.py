"""Orders: all of it or nothing, and read in few statements."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from myapp.extensions import db
from myapp.models import Customer, Product


@pytest.fixture(autouse=True)
def stocked(app: Flask) -> None:
    """Let the shop have two products and a customer."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350, stock=5))
        db.session.add(Product(name="coffee", price_cents=500, stock=1))
        db.session.add(Customer(email="ann@example.com", name="Ann"))
        db.session.commit()


def order(*lines: tuple[int, int]) -> dict[str, object]:
    """Give an order of products and quantities."""
    asked = [{"product_id": p, "quantity": q} for p, q in lines]
    return {"customer_id": 1, "lines": asked}


def stock(app: Flask) -> list[int | None]:
    """Give how many there are of each product."""
    with app.app_context():
        found = db.select(Product.stock).order_by(Product.id)
        return list(db.session.scalars(found))


def test_an_order_is_all_or_nothing(app: Flask, client: FlaskClient) -> None:
    """What one line took is back when another cannot be had."""
    placed = client.post("/orders", json=order((1, 3), (2, 2)))

    assert (409, 2) == (placed.status_code, placed.get_json()["product_id"])
    assert ([5, 1], 404) == (stock(app), client.get("/orders/1").status_code)


def test_a_list_takes_two_statements(app: Flask, client: FlaskClient) -> None:
    """However many orders are shown, and however many lines they have."""
    for _ in range(2):
        client.post("/orders", json=order((1, 1), (1, 1)))
    statements: list[str] = []
    with app.app_context():
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *args: statements.append(args[2]),
        )

    found = client.get("/orders").get_json()["orders"]

    assert [2, 2] == [len(o["lines"]) for o in found]
    assert 2 == len(statements), statements
