"""What the shop sells."""

from flask import Blueprint

from .caching import recall, revalidate
from .extensions import db
from .models import Product
from .validation import Page

bp = Blueprint("products", __name__, url_prefix="/products")
bp.after_request(revalidate)


@bp.get("")
def index() -> list[dict[str, object]]:
    """List what is sold, a page at a time."""
    asked = Page.from_request()
    if asked.per_page != 20 or asked.page > 5:
        return listed(asked)
    found: list[dict[str, object]] = recall(
        f"products:{asked.page}", lambda: listed(asked)
    )
    return found


@bp.get("/<int(max=2147483647):product_id>")
def show(product_id: int) -> dict[str, object]:
    """Show one product."""
    found: dict[str, object] = recall(
        f"product:{product_id}",
        lambda: shown(db.get_or_404(Product, product_id)),
    )
    return found


def listed(asked: Page) -> list[dict[str, object]]:
    """Read one page of what is sold."""
    found = db.session.scalars(
        db.select(Product)
        .order_by(Product.name)
        .limit(asked.per_page)
        .offset((asked.page - 1) * asked.per_page)
    )
    return [shown(product) for product in found]


def shown(product: Product) -> dict[str, object]:
    """Describe a product."""
    return {
        "id": product.id,
        "name": product.name,
        "price_cents": product.price_cents,
    }
