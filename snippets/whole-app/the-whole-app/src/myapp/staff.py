"""What the shop's own people see and do."""

from typing import Any

from flask import Blueprint
from pydantic import Field
from sqlalchemy import Select, select

from . import orders
from .access import roles_required
from .extensions import db
from .models import Customer, Order, Role
from .validation import InvalidRequest

bp = Blueprint("staff", __name__, url_prefix="/staff")


class AnyOrders(orders.OrdersAsked):
    """Which orders: all, or those of one address."""

    email: str = Field(default="", max_length=254, pattern=r"^[^\x00]*$")


class OrderOnThePhone(orders.NewOrder):
    """What somebody without an account orders."""

    customer_id: int = Field(ge=1, le=2**31 - 1)


@bp.get("/orders")
@roles_required(Role.ADMIN, Role.SUPPORT)
def all_orders() -> dict[str, object]:
    """List everybody's orders, newest first, a page at a time."""
    asked = AnyOrders.from_request()
    found = orders.newest(of(asked.email), asked)
    return {
        "orders": [shown(order) for order in found],
        "next": orders.link_to_more("staff.all_orders", asked, found),
    }


def of(email: str) -> Select[Any]:
    """Select all orders, or those of an address."""
    if not email:
        return select(Order)
    theirs = Customer.email == email.lower()
    return select(Order).join(Customer).where(theirs)


@bp.post("/orders")
@roles_required(Role.ADMIN, Role.SUPPORT)
def order_for() -> tuple[dict[str, object], int]:
    """Order for a customer who is on the phone."""
    wanted = OrderOnThePhone.from_request()
    if db.session.get(Customer, wanted.customer_id) is None:
        fault = {"field": "/customer_id", "code": "unknown_customer"}
        raise InvalidRequest("There is no such customer.", errors=[fault])
    whose: dict[str, object] = {"customer_id": wanted.customer_id}
    return orders.placed(wanted.counted(), whose), 201


@bp.get("/orders/<int(max=2147483647):number>")
@roles_required(Role.ADMIN)
def any_order(number: int) -> dict[str, object]:
    """Show anybody's order."""
    options = orders.WITH_LINES
    return shown(db.get_or_404(Order, number, options=options))


def shown(order: Order) -> dict[str, object]:
    """Describe an order, and say whose it is."""
    whose = {"user": order.user_id, "customer": order.customer_id}
    return orders.shown(order) | whose
