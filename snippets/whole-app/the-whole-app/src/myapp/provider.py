"""The payment provider: asked for a limited time, through a breaker."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any

import httpx
from flask import Flask, current_app
from pybreaker import CircuitBreaker, CircuitBreakerError

from . import breaker as breakers


class OutageError(Exception):
    """The provider gave no answer, or failed: nobody knows what it did."""


@dataclass
class Provider:
    """What a shop needs to ask its payment provider."""

    seconds: float
    http: httpx.Client
    breaker: CircuitBreaker
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=8)
    )


def send(
    to: Provider, seconds: float, method: str, path: str, **request: Any
) -> httpx.Response:
    """Give the provider so many seconds in all."""
    call = to.threads.submit(to.http.request, method, path, **request)
    try:
        return answered(call.result(seconds))
    except (TimeoutError, httpx.RequestError) as error:
        call.cancel()
        raise OutageError from error


def answered(answer: httpx.Response) -> httpx.Response:
    """Take a 5xx for no answer, and everything else for one."""
    if answer.is_server_error:
        raise OutageError
    return answer


def provider() -> Provider:
    """Give the provider of the current shop."""
    found: Provider = current_app.extensions["payments"]
    return found


OUTCOMES = {200: "paid", 201: "paid", 402: "refused"}
PAUSES = (0.1, 0.2, 0.0)
jitter = SystemRandom()


def charge(to: Provider, key: str, cents: int, card: str) -> str:
    """Charge a card once, however often the provider is asked."""
    deadline = time.monotonic() + to.seconds
    state = "unsent"
    for pause in PAUSES:
        seconds = min(to.seconds / 2, deadline - time.monotonic())
        try:
            answer = attempt(to, seconds, key, cents, card)
        except CircuitBreakerError:
            return state
        except OutageError:
            state = "pending"
        else:
            return OUTCOMES.get(answer.status_code, "pending")
        wait = jitter.uniform(0, pause)
        if time.monotonic() + wait >= deadline:
            return state
        time.sleep(wait)
    return state


def attempt(
    to: Provider, seconds: float, key: str, cents: int, card: str
) -> httpx.Response:
    """Ask for money once; the key says that it is the same money."""
    body = {"amount_cents": cents, "card": card}
    named = {"Idempotency-Key": key}
    return call(to, seconds, "POST", "/charges", json=body, headers=named)


def ask(of: Provider, key: str) -> str:
    """Learn what became of a charge; a 404 says it has not arrived."""
    try:
        answer = call(of, of.seconds, "GET", f"/charges/{key}")
    except (CircuitBreakerError, OutageError):
        return "pending"
    return (OUTCOMES | {404: "unsent"}).get(answer.status_code, "pending")


def call(
    to: Provider, seconds: float, method: str, path: str, **request: Any
) -> httpx.Response:
    """Ask the provider, if the breaker lets the call through."""
    with to.breaker.calling():
        return send(to, seconds, method, path, **request)


def connect(app: Flask) -> None:
    """Build a shop's own provider, behind a breaker."""
    seconds = app.config["PAYMENTS_SECONDS"]
    app.extensions["payments"] = Provider(
        seconds,
        httpx.Client(base_url=app.config["PAYMENTS_URL"], timeout=seconds),
        breakers.build(
            "payments", app.config["REDIS_URL"], OutageError, seconds
        ),
    )
