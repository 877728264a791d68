"""Where orders are paid, in two forms."""

from flask import Blueprint, render_template

from .flags import Flag, has, only_with

bp = Blueprint("checkout", __name__, url_prefix="/checkout")


@bp.get("")
def show() -> str:
    """Show the checkout that this visitor has."""
    steps = 1 if has(Flag.NEW_CHECKOUT) else 3
    return render_template("checkout.html", steps=steps)


@bp.get("/gift-note")
@only_with(Flag.GIFT_NOTES)
def gift_note() -> str:
    """Show where a note to a gift is written."""
    return "Your note"
