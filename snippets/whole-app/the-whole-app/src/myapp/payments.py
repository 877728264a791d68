"""What customers pay."""

from datetime import timedelta

from flask import Blueprint, Response, url_for
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Enum,
    generate_latest,
)
from pydantic import Field
from werkzeug.exceptions import ServiceUnavailable

from .errors import Problem
from .extensions import db
from .models import Order, Payment, now
from .orders import is_own, open_order
from .provider import ask, charge, provider
from .validation import Body

bp = Blueprint("payments", __name__, url_prefix="/payments")

ARRIVES_WITHIN = timedelta(minutes=15)
STATUS = {"paid": 201, "pending": 202}


class PaymentRequest(Body):
    """Which order is paid, and with which card."""

    order: int = Field(ge=1, le=2**31 - 1)
    card: str = Field(pattern=r"^tok_[0-9A-Za-z]{1,60}$")


class CardRefusedError(Problem):
    """The provider has refused the card."""

    code = 402
    type = "https://shop.example/problems/card-refused"
    name = "Card refused"


@bp.post("")
def create() -> tuple[dict[str, object], int, dict[str, str]]:
    """Pay an order, once."""
    asked = PaymentRequest.from_request()
    order = open_order(asked.order)
    payment = Payment(
        order_id=order.id, claims=order.id, amount_cents=order.total_cents
    )
    db.session.add(payment)
    db.session.flush()
    key, cents = payment.key, payment.amount_cents
    # no transaction is open while the provider is asked
    db.session.commit()
    settle(payment, charge(provider(), key, cents, asked.card))
    if payment.state == "refused":
        raise CardRefusedError("Nothing was charged.")
    if payment.state == "unsent":
        raise ServiceUnavailable("Nothing was charged.", retry_after=30)
    place = {"Location": url_for(".show", number=payment.id)}
    return shown(payment), STATUS[payment.state], place


@bp.get("/<int(max=2147483647):number>")
def show(number: int) -> dict[str, object]:
    """Show what is known of a payment for an order of one's own."""
    wanted = db.select(Payment).join(Order).where(Payment.id == number)
    return shown(db.one_or_404(wanted.where(is_own())))


def shown(payment: Payment) -> dict[str, object]:
    """Describe a payment; its key is nobody's business."""
    return {
        "payment": payment.id,
        "amount_cents": payment.amount_cents,
        "state": payment.state,
    }


def settle(payment: Payment, state: str) -> None:
    """Write down how a payment ended; an end is final."""
    if payment.state == "pending":
        payment.state = state
        if state in ("refused", "unsent"):
            payment.claims = None
    db.session.commit()


@bp.cli.command("settle")
def settle_all() -> None:
    """Ask the provider about every payment that is still open."""
    late = now() - ARRIVES_WITHIN
    open_ones = db.select(Payment).filter_by(state="pending")
    for payment in db.session.scalars(open_ones).all():
        state = ask(provider(), payment.key)
        if state != "unsent" or payment.since < late:
            settle(payment, state)


@bp.get("/metrics")
def metrics() -> Response:
    """Show the breaker's one state, as all workers know it."""
    registry = CollectorRegistry()
    gauge = Enum(
        "payments_breaker",
        "State of the breaker before the payment provider.",
        states=["closed", "half-open", "open"],
        registry=registry,
    )
    gauge.state(provider().breaker.current_state)
    return Response(
        generate_latest(registry), content_type=CONTENT_TYPE_LATEST
    )
