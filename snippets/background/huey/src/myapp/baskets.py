"""Baskets: many products, ordered by a worker."""

import secrets
import sqlite3
from uuid import UUID

from flask import Blueprint, abort, current_app, request, session, url_for
from sqlalchemy.exc import IntegrityError

from . import jobs
from .extensions import db
from .models import Basket

bp = Blueprint("baskets", __name__, url_prefix="/baskets")


@bp.put("/<uuid:number>")
def take(number: UUID) -> tuple[dict[str, str], int, dict[str, str]]:
    """Write a basket down, once, and ask for it to be ordered."""
    name = named(number)
    write_down(name, wanted(request.get_json()))
    try:
        jobs.enqueue(name)
    except sqlite3.Error:
        current_app.logger.exception("the basket waits for the sweep")
    return show(number), 202, {"Location": url_for(".show", number=number)}


@bp.get("/<uuid:number>")
def show(number: UUID) -> dict[str, str]:
    """Tell how far a basket is, to the visitor whose it is."""
    return {"state": db.get_or_404(Basket, named(number)).state}


def write_down(name: str, products: list[int]) -> None:
    """Keep a basket, unless there is one of its name."""
    db.session.add(Basket(name=name, products=products))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()


def wanted(body: object) -> list[int]:
    """Read the numbers of products from a body, or refuse it."""
    if not isinstance(body, list) or not 1 <= len(body) <= 100:
        abort(400)
    if not all(type(n) is int and 0 < n < 2**31 for n in body):
        abort(400)
    return body


def named(number: UUID) -> str:
    """Name a basket: each visitor has numbers of their own."""
    visitor = session.setdefault("visitor", secrets.token_hex(16))
    return f"{visitor}-{number}"
