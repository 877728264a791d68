"""What a worker does."""

from flask import current_app

from .extensions import db, rq
from .models import Order, Product


def place(basket: str, products: list[int]) -> list[int]:
    """Order what is in a basket, all of it or nothing."""
    orders = [
        line(f"{basket}/{position}", product)
        for position, product in enumerate(products)
    ]
    db.session.commit()
    return [order.id for order in orders]


def line(name: str, product: int) -> Order:
    """Order one line, unless that was done before."""
    query = db.select(Order).filter_by(line=name)
    order: Order | None = db.session.scalar(query)
    if order is None:
        sold = db.session.get_one(Product, product)
        order = Order(product_id=sold.id, line=name)
        db.session.add(order)
    return order


def count() -> int:
    """Tell the log how many orders there are."""
    orders = db.session.query(Order).count()
    current_app.logger.info("%s orders", orders)
    return orders


rq.cron_register(count, "0 3 * * *")
