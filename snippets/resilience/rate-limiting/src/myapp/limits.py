"""How often a client may ask."""

import time

from flask import Flask
from flask_limiter import Limiter, RateLimitExceeded
from werkzeug.wrappers import Response

from . import accounts, errors, health, orders
from .clients import client, network


def counter() -> Limiter:
    """Count every request of a client, wherever it goes."""
    return Limiter(
        client,
        application_limits=["120 per minute"],
        strategy="moving-window",
        in_memory_fallback_enabled=True,
    )


def restrain(limiter: Limiter) -> None:
    """Set the limits of single features beside that of the whole."""
    limiter.exempt(health.bp)
    limiter.limit("20 per minute", methods=["POST"])(orders.bp)
    limiter.limit("10 per minute", key_func=network)(accounts.bp)
    limiter.limit("30 per hour", key_func=accounts.account)(accounts.bp)


def init_app(app: Flask) -> None:
    """Limit the clients of a shop."""
    limiter = counter()
    limiter.init_app(app)
    restrain(limiter)

    @app.errorhandler(RateLimitExceeded)
    def refuse(error: RateLimitExceeded) -> Response:
        broken = [x for x in limiter.current_limits if x.breached]
        wait = max(limit.window.reset_time for limit in broken) - time.time()
        error.retry_after = int(wait) + 1
        return errors.problem(error)
