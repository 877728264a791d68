"""Packing: done by a command, for whatever waits."""

import click
from flask import Blueprint

from .extensions import db
from .models import Order

bp = Blueprint("packing", __name__, cli_group=None)


@bp.cli.command()
def pack() -> None:
    """List the orders to be packed, each of them once."""
    waiting = db.select(Order).filter_by(packed=False).order_by(Order.id)
    for order in db.session.scalars(waiting):
        click.echo(f"order {order.id}: product {order.product_id}")
        order.packed = True
    db.session.commit()
