"""What customers order."""

from flask import Blueprint, Flask, abort, current_app, url_for

from .products import catalogue

bp = Blueprint("orders", __name__, url_prefix="/orders")


def init_app(app: Flask) -> None:
    """Add the orders and their pages to a shop."""
    app.extensions["orders"] = []
    app.register_blueprint(bp)


def orders() -> list[int]:
    """Give the products ordered from the shop that is at work."""
    placed: list[int] = current_app.extensions["orders"]
    return placed


@bp.post("/<int:product_id>")
def create(product_id: int) -> tuple[dict[str, object], int]:
    """Order one product, while the shop takes orders."""
    if not current_app.config["ORDERS_OPEN"]:
        abort(503)
    if product_id not in catalogue():
        abort(404)
    orders().append(product_id)
    return shown(len(orders())), 201


@bp.get("/<int:number>")
def show(number: int) -> dict[str, object]:
    """Show one order."""
    if not 0 < number <= len(orders()):
        abort(404)
    return shown(number)


def shown(number: int) -> dict[str, object]:
    """Describe an order, with a link to what was ordered."""
    product_id = orders()[number - 1]
    product = url_for("products.show", product_id=product_id)
    return {"order": number, "product": product}
