"""What the shop sells."""

from flask import Flask, abort, current_app

NAMES = ("tea", "coffee")


def init_app(app: Flask) -> None:
    """Add the catalogue and its pages to a shop."""
    app.extensions["catalogue"] = dict(enumerate(NAMES, 1))
    app.add_url_rule("/products", view_func=index)
    app.add_url_rule("/products/<int:product_id>", view_func=show)


def catalogue() -> dict[int, str]:
    """Give the catalogue of the shop that is at work."""
    names: dict[int, str] = current_app.extensions["catalogue"]
    return names


def index() -> list[dict[str, object]]:
    """List what is sold."""
    return [{"id": i, "name": name} for i, name in catalogue().items()]


def show(product_id: int) -> dict[str, object]:
    """Show one product."""
    if product_id not in catalogue():
        abort(404)
    return {"id": product_id, "name": catalogue()[product_id]}
