"""What the shop sells, and how that is described."""

from apiflask import APIBlueprint
from flask import Flask, abort, current_app, request
from pydantic import BaseModel, ConfigDict, Field, RootModel

NAMES = ("tea", "coffee")

bp = APIBlueprint("products", __name__)


class NewProduct(BaseModel):
    """What a client says of a product."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)


class Product(NewProduct):
    """A product, as everybody sees it."""

    id: int


class Products(RootModel[list[Product]]):
    """All that is sold."""


def init_app(app: Flask) -> None:
    """Add the catalogue and its pages to a shop."""
    app.extensions["catalogue"] = dict(enumerate(NAMES, 1))
    app.register_blueprint(bp)


def catalogue() -> dict[int, str]:
    """Give the catalogue of the shop that is at work."""
    names: dict[int, str] = current_app.extensions["catalogue"]
    return names


@bp.before_request
def take_json_only() -> None:
    """Refuse a body of another type: a form of any site can send one."""
    if request.method == "POST" and not request.is_json:
        abort(415)


@bp.get("/products")
@bp.output(Products)
def index() -> Products:
    """List what is sold."""
    return Products(
        [Product(id=i, name=name) for i, name in catalogue().items()]
    )


@bp.get("/products/<int:product_id>")
@bp.output(Product)
def show(product_id: int) -> Product:
    """Show one product."""
    if product_id not in catalogue():
        abort(404)
    return Product(id=product_id, name=catalogue()[product_id])


@bp.post("/products")
@bp.input(NewProduct)
@bp.output(Product, status_code=201)
@bp.doc(responses=[400, 415])
def add(json_data: NewProduct) -> Product:
    """Sell one thing more."""
    number = len(catalogue()) + 1
    catalogue()[number] = json_data.name
    return Product(id=number, name=json_data.name)
