"""Numbers for Prometheus: how many requests, and how long they took."""

from functools import partial
from http import HTTPMethod
from time import perf_counter

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Histogram


def watch(app: Flask) -> None:
    """Count and time the requests of a shop."""
    registry = CollectorRegistry()
    app.extensions["metrics"] = registry
    app.extensions["request_seconds"] = Histogram(
        "shop_request_seconds",
        "Time from the first word of a request to the last of its answer.",
        ["method", "route", "status"],
        registry=registry,
    )
    app.before_request(begin)
    app.after_request(label)


def begin() -> None:
    """Look at a clock that nobody sets."""
    g.began = perf_counter()


def label(response: Response) -> Response:
    """Choose where a request counts, once all of it has been sent."""
    known = request.method in HTTPMethod.__members__
    series = current_app.extensions["request_seconds"].labels(
        method=request.method if known else "unknown",
        route=request.url_rule.rule if request.url_rule else "unknown",
        status=response.status_code,
    )
    response.call_on_close(partial(finish, series, g.began))
    return response


def finish(series: Histogram, began: float) -> None:
    """Count a request that is over."""
    series.observe(perf_counter() - began)
