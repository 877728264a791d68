"""What the shop sells."""

from flask import Blueprint

from .extensions import db
from .models import Product

bp = Blueprint("products", __name__, url_prefix="/products")


@bp.get("")
def index() -> list[dict[str, object]]:
    """List what is sold."""
    found = db.session.scalars(db.select(Product).order_by(Product.name))
    return [shown(product) for product in found]


@bp.get("/<int(max=2147483647):product_id>")
def show(product_id: int) -> dict[str, object]:
    """Show one product."""
    return shown(db.get_or_404(Product, product_id))


def shown(product: Product) -> dict[str, object]:
    """Describe a product."""
    return {
        "id": product.id,
        "name": product.name,
        "price_cents": product.price_cents,
    }
