"""Confirmation mails: asked for here, sent by a worker."""

import re
from uuid import uuid4

from flask import Blueprint, abort, current_app, request, session
from kombu.exceptions import OperationalError
from redis import RedisError

from . import background, tasks
from .extensions import db
from .models import Order

ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)

bp = Blueprint("confirmations", __name__, url_prefix="/confirmations")


@bp.put("/<int(max=2147483647):number>")
def ask(number: int) -> tuple[dict[str, object], int]:
    """Promise the confirmation of an order of one's own."""
    order = own(number)
    order.email = address(request.get_json())
    order.job = uuid4().hex
    db.session.commit()
    background.hand_over(tasks.confirm, order.id, order.job)
    return {"order": order.id, "mail": "waiting"}, 202


@bp.get("/<int(max=2147483647):number>")
def show(number: int) -> dict[str, object]:
    """Tell how far the mail of an order of one's own is."""
    order = own(number)
    if order.job is None:
        abort(404)
    return {"order": order.id, "mail": state(order, order.job)}


@bp.errorhandler(OperationalError)
@bp.errorhandler(RedisError)
def no_queue(error: Exception) -> tuple[dict[str, object], int]:
    """Say that nobody takes work at the moment."""
    current_app.logger.error("no queue: %s", error)
    return {"problem": "No mails are sent at the moment."}, 503


def own(number: int) -> Order:
    """Find an order of this visitor; to others it is not there."""
    if "visitor" not in session:
        abort(404)
    found = db.select(Order).filter_by(id=number, visitor=session["visitor"])
    order: Order = db.first_or_404(found)
    return order


def address(body: object) -> str:
    """Read an address from a body, or refuse it."""
    given = body.get("email") if isinstance(body, dict) else None
    if not isinstance(given, str) or len(given) > 254:
        abort(400)
    if not ADDRESS.fullmatch(given):
        abort(400)
    return given


def state(order: Order, job: str) -> str:
    """Give one word for the state of a mail."""
    if order.confirmed_at is not None:
        return "sent"
    return "failed" if background.has_failed(job) else "waiting"
