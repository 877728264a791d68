"""What the shop's own people see."""

from flask import Blueprint

from . import orders
from .access import roles_required
from .extensions import db
from .models import Order, Role

bp = Blueprint("staff", __name__, url_prefix="/staff")


@bp.get("/orders")
@roles_required(Role.ADMIN, Role.SUPPORT)
def all_orders() -> list[dict[str, object]]:
    """List everybody's orders, a page at a time."""
    return [shown(order) for order in orders.paged(db.select(Order))]


@bp.get("/orders/<int(max=2147483647):number>")
@roles_required(Role.ADMIN)
def any_order(number: int) -> dict[str, object]:
    """Show anybody's order."""
    return shown(db.get_or_404(Order, number))


def shown(order: Order) -> dict[str, object]:
    """Describe an order, and say whose it is."""
    return orders.shown(order) | {"customer": order.customer_id}
