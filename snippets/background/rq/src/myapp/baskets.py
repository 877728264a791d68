"""Baskets: many products, ordered by a worker."""

import secrets
from uuid import UUID

from flask import Blueprint, abort, current_app, request, session, url_for
from redis import RedisError
from rq import Retry
from rq.exceptions import DuplicateJobError
from rq.job import Job

from . import jobs
from .extensions import rq

DAY = 24 * 60 * 60

bp = Blueprint("baskets", __name__, url_prefix="/baskets")


@bp.put("/<uuid:number>")
def take(number: UUID) -> tuple[dict[str, object], int, dict[str, str]]:
    """Take a basket, once, however often it is sent."""
    products = wanted(request.get_json())
    try:
        job = enqueue(named(number), products)
    except DuplicateJobError:
        job = found(number)
    return shown(job), 202, {"Location": url_for(".show", number=number)}


@bp.get("/<uuid:number>")
def show(number: UUID) -> dict[str, object]:
    """Tell how far a basket is, to the visitor whose it is."""
    return shown(found(number))


@bp.errorhandler(RedisError)
def no_queue(error: RedisError) -> tuple[dict[str, object], int]:
    """Say that nothing was taken where no queue can be reached."""
    current_app.logger.error("no queue: %s", error)
    return {"problem": "Baskets are not taken at the moment."}, 503


def wanted(body: object) -> list[int]:
    """Read the numbers of products from a body, or refuse it."""
    if not isinstance(body, list) or not 1 <= len(body) <= 100:
        abort(400)
    if not all(type(n) is int and 0 < n < 2**31 for n in body):
        abort(400)
    return body


def named(number: UUID) -> str:
    """Name a job: each visitor has numbers of their own."""
    visitor = session.setdefault("visitor", secrets.token_hex(16))
    return f"{visitor}-{number}"


def enqueue(name: str, products: list[int]) -> Job:
    """Hand a basket to a worker."""
    return rq.queue.enqueue(
        jobs.place,
        name,
        products,
        job_id=name,
        unique=True,
        retry=Retry(max=3, interval=[10, 60, 300]),
        job_timeout=120,
        result_ttl=DAY,
        failure_ttl=7 * DAY,
    )


def found(number: UUID) -> Job:
    """Find the job of a visitor."""
    return rq.queue.fetch_job(named(number)) or abort(404)


def shown(job: Job) -> dict[str, object]:
    """Describe a job; its traceback is for us only."""
    orders = job.return_value() or []
    return {"state": job.get_status().value, "orders": orders}
