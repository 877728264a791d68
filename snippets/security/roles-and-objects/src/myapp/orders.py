"""What customers order, each for themselves."""

from typing import Any

from flask import Blueprint, abort, current_app, url_for
from flask_login import current_user
from pydantic import Field
from sqlalchemy import ScalarResult, Select, select

from .access import customers_only
from .extensions import db
from .models import Order, Product
from .validation import Body, InvalidRequest, Page

bp = Blueprint("orders", __name__, url_prefix="/orders")


class Exchange(Body):
    """All that customers may set on an order."""

    product_id: int = Field(ge=1, le=2**31 - 1)


def own() -> Select[Any]:
    """Select the orders of who asks."""
    return select(Order).where(Order.customer_id == current_user.id)


def own_order(number: int) -> Order:
    """Give one of them, or answer that there is none."""
    order: Order = db.one_or_404(own().where(Order.id == number))
    return order


def paged(wanted: Select[Any]) -> ScalarResult[Order]:
    """Give the page that is asked for."""
    asked = Page.from_request()
    skipped = (asked.page - 1) * asked.per_page
    return db.session.scalars(
        wanted.order_by(Order.id).limit(asked.per_page).offset(skipped)
    )


@bp.get("")
@customers_only
def index() -> list[dict[str, object]]:
    """List the customer's orders, a page at a time."""
    return [shown(order) for order in paged(own())]


@bp.post("/<int(max=2147483647):product_id>")
@customers_only
def create(product_id: int) -> tuple[dict[str, object], int]:
    """Order one product, while the shop takes orders."""
    if not current_app.config["ORDERS_OPEN"]:
        abort(503)
    product = db.get_or_404(Product, product_id)
    order = Order(product_id=product.id, customer_id=current_user.id)
    db.session.add(order)
    db.session.commit()
    return shown(order), 201


@bp.get("/<int(max=2147483647):number>")
@customers_only
def show(number: int) -> dict[str, object]:
    """Show one order."""
    return shown(own_order(number))


@bp.route("/<int(max=2147483647):number>", methods=["PUT", "PATCH"])
@customers_only
def exchange(number: int) -> dict[str, object]:
    """Have another product for an order."""
    order = own_order(number)
    wanted = Exchange.from_request()
    product = db.session.get(Product, wanted.product_id)
    if product is None:
        fault = {"field": "/product_id", "code": "unknown_product"}
        raise InvalidRequest("That product is not sold.", errors=[fault])
    order.product_id = product.id
    db.session.commit()
    return shown(order)


@bp.delete("/<int(max=2147483647):number>")
@customers_only
def cancel(number: int) -> tuple[str, int]:
    """Cancel an order."""
    db.session.delete(own_order(number))
    db.session.commit()
    return "", 204


def shown(order: Order) -> dict[str, object]:
    """Describe an order, with a link to what was ordered."""
    product = url_for("products.show", product_id=order.product_id)
    return {"order": order.id, "product": product}
