"""What the consumer does, and how it is asked."""

from collections.abc import Callable
from functools import wraps

from flask import Flask, current_app
from huey import SqliteHuey, crontab

from .extensions import db
from .models import Basket, Order, Product


def init_app(app: Flask) -> None:
    """Make the queue of one shop, and say what it can do."""

    def in_app(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(*args: str) -> None:
            with app.app_context():
                function(*args)

        return run

    huey = SqliteHuey("shop", filename=app.config["QUEUE_FILE"])
    retrying = huey.task(retries=3, retry_delay=10, retry_backoff=6)
    app.extensions["place"] = retrying(in_app(place))
    huey.periodic_task(crontab(minute="*/5"))(in_app(sweep))


def enqueue(name: str) -> None:
    """Ask for a basket to be ordered."""
    current_app.extensions["place"](name)


def place(name: str) -> None:
    """Order what is in a basket, all of it, and once."""
    products = db.session.scalar(
        db.update(Basket)
        .where(Basket.name == name, Basket.state == "waiting")
        .values(state="ordered")
        .returning(Basket.products)
    )
    for number in products or []:
        product = db.session.get_one(Product, number)
        db.session.add(Order(product_id=product.id))
    db.session.commit()


def sweep() -> None:
    """Ask again for what still waits."""
    waiting = db.select(Basket.name).filter_by(state="waiting")
    for name in db.session.scalars(waiting):
        enqueue(name)
