"""What is read often is kept, until it changes or grows old."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Response, current_app, request
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from .extensions import cache, db
from .models import Product

FRESH = 60
KEPT = 600
TRIES = 40


def recall(name: str, make: Callable[[], Any]) -> Any:
    """Give what is kept by a name, or make it."""
    try:
        return kept(name, make)
    except RedisError as error:
        current_app.logger.warning("no cache: %s", error)
        return make()


def kept(name: str, make: Callable[[], Any]) -> Any:
    """Give what is kept; where there is nothing, one makes it for all."""
    key = f"{name}:{cache.get('version') or renew()}"
    for _ in range(TRIES):
        found = cache.get(key)
        if is_fresh(found):
            return found["value"]
        if cache.add(f"{key}:lock", "taken", timeout=10):
            try:
                return once(key, make)
            finally:
                cache.delete(f"{key}:lock")
        if found:
            return found["value"]
        time.sleep(0.05)
    return make()


def is_fresh(found: Any) -> bool:
    """Tell whether something was found, and its minute has not passed."""
    return bool(found and found["until"] > time.time())


def once(key: str, make: Callable[[], Any]) -> Any:
    """Make what is kept, unless another did before we had the lock."""
    found = cache.get(key)
    return found["value"] if is_fresh(found) else keep(key, make())


def keep(key: str, value: Any) -> Any:
    """Keep a value: fresh for a minute, and a while longer as the old."""
    entry = {"until": time.time() + FRESH, "value": value}
    cache.set(key, entry, timeout=KEPT)
    return value


def renew() -> str:
    """Let nothing that is kept be found again."""
    version = uuid4().hex
    cache.set("version", version, timeout=0)
    return version


@event.listens_for(db.session, "after_flush")
def note(session: Session, _: UOWTransaction) -> None:
    """Note that a product was changed."""
    rows = [*session.new, *session.dirty, *session.deleted]
    if any(isinstance(row, Product) for row in rows):
        session.info["changed"] = True


@event.listens_for(db.session, "do_orm_execute")
def note_statement(state: ORMExecuteState) -> None:
    """Note that a statement may have changed products."""
    if not state.is_select:
        state.session.info["changed"] = True


@event.listens_for(db.session, "after_commit")
def forget(session: Session) -> None:
    """Drop what is kept once a change is there to be read."""
    if session.info.pop("changed", False):
        try:
            renew()
        except RedisError as error:
            current_app.logger.warning("old prices may show: %s", error)


def revalidate(response: Response) -> Response:
    """Let a browser keep an answer, and ask whether it still holds."""
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response
