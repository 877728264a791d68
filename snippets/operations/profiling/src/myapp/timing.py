"""How long a request takes, and how long its queries."""

from time import perf_counter

from flask import Flask, Response, current_app, g, request
from flask_sqlalchemy.record_queries import get_recorded_queries


def init_app(app: Flask) -> None:
    """Time the requests of a shop."""
    app.before_request(begin)
    app.after_request(tell)


def begin() -> None:
    """Note when a request begins."""
    g.began = perf_counter()


def tell(response: Response) -> Response:
    """Log a slow request, and how much of it was the database."""
    took = perf_counter() - g.began
    if took >= current_app.config["SLOW_REQUEST_SECONDS"]:
        queries = get_recorded_queries()
        current_app.logger.warning(
            "slow: %s %s took %.3f s, %.3f s of it in %d queries",
            request.method,
            request.url_rule,
            took,
            sum(query.duration for query in queries),
            len(queries),
        )
    return response
