"""The cart: what a visitor means to order, kept in the session."""

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import IntegerField, ValidationError

from .extensions import db
from .models import Product

bp = Blueprint("cart", __name__, url_prefix="/cart")

MOST = 20


class AddForm(FlaskForm):
    """Which product goes into the cart."""

    product_id = IntegerField("Product number")

    def validate_product_id(self, field: IntegerField) -> None:
        """Refuse what is not sold, and what the cart has no room for."""
        if not is_sold(field.data):
            raise ValidationError("This is not sold.")
        if len({*cart(), str(field.data)}) > MOST:
            raise ValidationError("The cart is full.")


def is_sold(number: int | None) -> bool:
    """Tell whether a number, or what was no number, is a product's."""
    if number is None or not 0 < number < 2**31:
        return False
    return db.session.get(Product, number) is not None


def cart() -> dict[str, int]:
    """Give how many of each product are in the cart."""
    lines: dict[str, int] = session.get("cart", {})
    return lines


def put(number: str) -> None:
    """Put one of a product into the cart."""
    session["cart"] = {**cart(), number: min(cart().get(number, 0) + 1, 99)}


def page(form: AddForm) -> str:
    """Render the cart and its form."""
    products = db.session.scalars(
        db.select(Product).where(Product.id.in_(cart())).order_by(Product.id)
    )
    lines = [(cart()[str(product.id)], product) for product in products]
    return render_template("cart.html", form=form, lines=lines)


@bp.get("")
def show() -> str:
    """Show the cart."""
    return page(AddForm())


@bp.post("")
def add() -> ResponseReturnValue:
    """Put what the form names into the cart."""
    form = AddForm()
    if not form.validate():
        return page(form), 422
    put(str(form.product_id.data))
    return redirect(url_for("cart.show"))


@bp.delete("")
def empty() -> tuple[str, int]:
    """Empty the cart."""
    session.pop("cart", None)
    return "", 204
