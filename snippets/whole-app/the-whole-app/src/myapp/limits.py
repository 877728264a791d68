"""How often a client may ask."""

import time

from flask import Flask, request
from flask_limiter import Limiter, RateLimitExceeded
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from . import accounts, errors, health, oidc, orders, refresh
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
    tries = {"10 per minute": network, "30 per hour": account}
    for feature in (accounts, oidc, refresh):
        for most, name in tries.items():
            limiter.limit(
                most, key_func=name, exempt_when=asks_nothing
            )(feature.bp)


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


GUESSED = {
    "accounts.login",
    "accounts.change_password",
    "oidc.link",
    "tokens.login",
}


def asks_nothing() -> bool:
    """Tell whether a request tries no password."""
    return request.endpoint not in GUESSED


def account() -> str:
    """Name the account whose password is tried, as it is looked up."""
    if request.endpoint == "tokens.login":
        try:
            return refresh.Login.from_request().email.lower()
        except HTTPException:
            return "none"
    if request.endpoint == "accounts.login":
        return request.form.get("email", "none").lower()
    return client()
