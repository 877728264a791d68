"""What the suppliers offer, asked while the customer waits."""

import httpx
from flask import Blueprint, current_app

from . import suppliers
from .errors import Problem
from .extensions import db
from .models import Product
from .storing import no_store

bp = Blueprint(
    "offers", __name__, url_prefix="/offers/<int(max=2147483647):product_id>"
)


class NoOffer(Problem):
    """No supplier did what was asked."""

    code = 503
    type = "https://shop.example/problems/no-offer"
    name = "No offer"


async def ask(product_id: int) -> tuple[dict[str, int], list[str]]:
    """Ask for the prices of a product; say so if there are none."""
    db.get_or_404(Product, product_id)
    async with httpx.AsyncClient() as client:
        given, failed = await suppliers.prices(
            client,
            current_app.config["SUPPLIERS"],
            product_id,
            current_app.config["SUPPLIER_SECONDS"],
        )
    if not given:
        raise NoOffer("No supplier gave a price.", failed=failed)
    return given, failed


@bp.get("")
@no_store
async def compare(product_id: int) -> dict[str, object]:
    """Show what each supplier asks."""
    given, failed = await ask(product_id)
    return {"offers": given, "failed": failed}


@bp.post("")
async def reserve(product_id: int) -> tuple[dict[str, object], int]:
    """Book a product with the supplier who asks the least."""
    given, _ = await ask(product_id)
    name = min(given, key=given.__getitem__)
    url = f"{current_app.config['SUPPLIERS'][name]}/bookings/{product_id}"
    async with httpx.AsyncClient() as client:
        booked = await suppliers.book(
            client, url, current_app.config["SUPPLIER_SECONDS"]
        )
    if not booked:
        raise NoOffer("The booking was not confirmed.", failed=[name])
    return {"supplier": name, "price_cents": given[name]}, 201
