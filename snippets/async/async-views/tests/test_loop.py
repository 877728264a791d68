"""The database session in the coroutines of one request."""

import asyncio
from sqlite3 import Connection
from threading import Event

from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import event, text

from myapp.extensions import db
from myapp.models import Product


def teach(app: Flask, moved: Event) -> None:
    """Let the database wait for something to move, and say if it did."""

    def each(connection: Connection, *_: object) -> None:
        connection.create_function("moved", 0, lambda: moved.wait(0.2))

    with app.app_context():
        event.listen(db.engine, "checkout", each)


def test_a_query_stops_the_loop(app: Flask, client: FlaskClient) -> None:
    """While the database works, the other coroutine does not."""
    moved = Event()
    teach(app, moved)

    @app.get("/both")
    async def both() -> list[object]:
        async def query() -> object:
            return db.session.scalar(text("SELECT moved()"))

        async def move() -> None:
            moved.set()

        found, _ = await asyncio.gather(query(), move())
        again = await query()
        return [found, again]

    assert [0, 1] == client.get("/both").json


def test_the_calls_of_a_request_share_a_session(
    app: Flask, client: FlaskClient
) -> None:
    """A rollback of one coroutine undoes what another one added."""

    @app.get("/both")
    async def both() -> list[str]:
        async def add() -> None:
            db.session.add(Product(name="tea", price_cents=450))
            await asyncio.sleep(0)
            db.session.commit()

        async def undo() -> str:
            db.session.rollback()
            return current_app.name

        _, name = await asyncio.gather(add(), undo())
        return [name, *db.session.scalars(db.select(Product.name))]

    assert ["myapp"] == client.get("/both").json
