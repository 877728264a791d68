"""What the shop sells."""

from flask import Blueprint, Flask, abort, current_app

bp = Blueprint("products", __name__, url_prefix="/products")

NAMES = ("tea", "coffee")


def init_app(app: Flask) -> None:
    """Add the catalogue and its pages to a shop."""
    app.extensions["catalogue"] = dict(enumerate(NAMES, 1))
    app.register_blueprint(bp)


def catalogue() -> dict[int, str]:
    """Give the catalogue of the shop that is at work."""
    names: dict[int, str] = current_app.extensions["catalogue"]
    return names


@bp.get("")
def index() -> list[dict[str, object]]:
    """List what is sold."""
    return [{"id": i, "name": name} for i, name in catalogue().items()]


@bp.get("/<int:product_id>")
def show(product_id: int) -> dict[str, object]:
    """Show one product."""
    if product_id not in catalogue():
        abort(404)
    return {"id": product_id, "name": catalogue()[product_id]}
