"""What happens between two statements of a view."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from myapp.extensions import db
from myapp.models import Customer, Product

ANN = {"email": "ann@example.com", "name": "Ann"}
Meanwhile = Callable[[str, str], list[int]]


@pytest.fixture
def meanwhile(workers: tuple[Flask, Flask]) -> Meanwhile:
    """Give what sends a request twice, the second within the first."""
    first, second = (worker.test_client() for worker in workers)

    def twice(path: str, statement: str) -> list[int]:
        json = ANN if path == "/customers" else None
        statuses: list[int] = []

        def cut_in(*args: str) -> None:
            if args[2].startswith(statement) and not statuses:
                response = second.post(path, json=json)
                statuses.append(response.status_code)

        with workers[0].app_context():
            event.listen(db.engine, "before_cursor_execute", cut_in)
        statuses.append(first.post(path, json=json).status_code)
        return statuses

    return twice


def test_of_two_with_one_address_one_is_told(
    workers: tuple[Flask, Flask], meanwhile: Meanwhile
) -> None:
    """Who comes second gets a 409, though it was free a moment ago."""
    assert [201, 409] == meanwhile("/customers", "INSERT INTO customer")
    with workers[0].app_context():
        assert [1] == db.session.scalars(db.select(Customer.id)).all()


@pytest.mark.parametrize(
    ("stock", "statuses", "left"),
    [(1, [201, 409], 0), (2, [201, 201], 0), (5, [201, 201], 3)],
)
def test_each_piece_is_sold_once(
    stock: int,
    statuses: list[int],
    left: int,
    workers: tuple[Flask, Flask],
    meanwhile: Meanwhile,
) -> None:
    """Two orders at once take two pieces, or one is told to order fewer."""
    with workers[0].app_context():
        db.session.add(Product(name="tea", price_cents=350, stock=stock))
        db.session.commit()

    found = meanwhile("/orders/1", "UPDATE product")

    with workers[0].app_context():
        product = db.session.get_one(Product, 1)
        assert (statuses, left) == (found, product.stock)
