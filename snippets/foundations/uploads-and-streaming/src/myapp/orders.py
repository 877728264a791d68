"""What customers order."""

from flask import Blueprint, abort, current_app, url_for

from .extensions import db
from .models import Order, Product

bp = Blueprint("orders", __name__, url_prefix="/orders")


@bp.post("/<int(max=2147483647):product_id>")
def create(product_id: int) -> tuple[dict[str, object], int]:
    """Order one product, while the shop takes orders."""
    if not current_app.config["ORDERS_OPEN"]:
        abort(503)
    product = db.get_or_404(Product, product_id)
    order = Order(product_id=product.id)
    db.session.add(order)
    db.session.commit()
    return shown(order), 201


@bp.get("/<int(max=2147483647):number>")
def show(number: int) -> dict[str, object]:
    """Show one order."""
    return shown(db.get_or_404(Order, number))


def shown(order: Order) -> dict[str, object]:
    """Describe an order, with a link to what was ordered."""
    product = url_for("products.show", product_id=order.product_id)
    return {"order": order.id, "product": product}
