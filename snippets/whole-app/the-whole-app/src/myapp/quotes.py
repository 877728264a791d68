"""What an order would cost."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

from flask import Blueprint
from pydantic import AwareDatetime, BaseModel, EmailStr, Field

from .extensions import db
from .models import Product
from .validation import Body, InvalidRequest

bp = Blueprint("quotes", __name__, url_prefix="/quotes")

Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class Line(Body):
    """So many of a product."""

    product_id: int = Field(ge=1, le=2**31 - 1)
    quantity: int = Field(ge=1, le=999)


class QuoteRequest(Body):
    """Who asks for a price, and of what."""

    email: Annotated[EmailStr, Field(max_length=254)]
    lines: list[Line] = Field(min_length=1, max_length=50)
    deliver_on: date
    note: Text = Field(default="", max_length=200)


VAT = Decimal("0.19")


class Quote(BaseModel):
    """What an order would cost, and until when."""

    id: UUID
    net_cents: int
    vat_rate: Decimal
    vat_cents: int
    deliver_on: date
    note: str
    valid_until: AwareDatetime


def price_of(lines: list[Line]) -> int:
    """Add up what is asked for, or say which product is not sold."""
    wanted = {line.product_id for line in lines}
    found = db.session.scalars(
        db.select(Product).where(Product.id.in_(wanted))
    )
    prices = {product.id: product.price_cents for product in found}
    unknown = [
        {"field": f"/lines/{number}/product_id", "code": "unknown_product"}
        for number, line in enumerate(lines)
        if line.product_id not in prices
    ]
    if unknown:
        raise InvalidRequest("Some products are not sold.", errors=unknown)
    return sum(prices[line.product_id] * line.quantity for line in lines)


def vat_of(net_cents: int) -> int:
    """Give the tax on an amount, half a cent rounded up."""
    exact = net_cents * VAT
    return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


@bp.post("")
def ask() -> tuple[dict[str, Any], int]:
    """Say what an order would cost."""
    wanted = QuoteRequest.from_request()
    net_cents = price_of(wanted.lines)
    quote = Quote(
        id=uuid4(),
        net_cents=net_cents,
        vat_rate=VAT,
        vat_cents=vat_of(net_cents),
        deliver_on=wanted.deliver_on,
        note=wanted.note,
        valid_until=datetime.now(UTC) + timedelta(days=14),
    )
    return quote.model_dump(mode="json"), 201
