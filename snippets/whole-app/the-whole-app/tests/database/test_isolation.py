"""What a test commits is gone when it ends, and was never seen outside."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import delete, func, select

from myapp import create_app
from myapp.extensions import db
from myapp.models import Product

NUMBER_OF_PRODUCTS = select(func.count()).select_from(Product)


@pytest.fixture
def app(app: Flask) -> Flask:
    """Add a view that commits, and one that thinks better of it."""

    @app.post("/caps")
    def add() -> dict[str, int]:
        cap = Product(name="Cap", price_cents=900)
        db.session.add(cap)
        db.session.commit()
        return {"id": cap.id}

    @app.delete("/caps")
    def remove() -> dict[str, int]:
        db.session.execute(delete(Product))
        db.session.rollback()
        return {"removed": 0}

    return app


@pytest.fixture
def rows(app: Flask) -> Callable[[], int | None]:
    """Count the products, as this test's shop sees them."""

    def rows() -> int | None:
        with app.app_context():
            return db.session.scalar(NUMBER_OF_PRODUCTS)

    return rows


@pytest.fixture
def rows_outside(
    settings: dict[str, Any],
) -> Iterator[Callable[[], int | None]]:
    """Count the products, as any other shop on the database does."""
    other = create_app(settings)

    def rows_outside() -> int | None:
        with other.app_context():
            return db.session.scalar(NUMBER_OF_PRODUCTS)

    yield rows_outside
    with other.app_context():
        db.engine.dispose()


def test_a_commit_of_a_test_stays_inside(
    hat: int, rows_outside: Callable[[], int | None]
) -> None:
    """What a test or a fixture commits, no other connection sees."""
    assert 0 == rows_outside()


def test_a_commit_of_a_view_stays_inside(
    client: FlaskClient,
    rows: Callable[[], int | None],
    rows_outside: Callable[[], int | None],
) -> None:
    """What a view commits, the test sees, and no other connection."""
    assert 200 == client.post("/caps").status_code
    assert (1, 0) == (rows(), rows_outside())


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_begins_without_rows(
    turn: str,
    client: FlaskClient,
    rows: Callable[[], int | None],
) -> None:
    """Whichever turn comes second finds nothing of the other's."""
    assert 0 == rows(), turn
    assert 200 == client.post("/caps").status_code
    assert 1 == rows()


def test_a_rollback_leaves_what_was_committed(
    hat: int, client: FlaskClient, app: Flask
) -> None:
    """A view's rollback undoes what the view did, and not the fixture."""
    assert 200 == client.delete("/caps").status_code
    with app.app_context():
        assert db.session.get(Product, hat) is not None


def test_a_command_sees_the_rows(
    hat: int, app: Flask, runner: FlaskCliRunner
) -> None:
    """A command works in the same transaction."""

    @app.cli.command("show")
    def show() -> None:
        print(db.session.get_one(Product, hat).name)

    assert "Hat\n" == runner.invoke(args=["show"]).output
