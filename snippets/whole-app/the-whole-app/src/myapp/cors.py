"""Whose pages may read what the shop answers."""

from datetime import timedelta

from flask import Flask
from flask.wrappers import Response
from flask_cors import CORS

cors = CORS(
    methods=["GET", "POST"],
    allow_headers=["Authorization", "Content-Type"],
    expose_headers=["Location", "Retry-After"],
    supports_credentials=True,
    max_age=timedelta(minutes=10),
    always_send=False,
    vary_header=False,
)


def init_app(app: Flask) -> None:
    """Let the origins of its configuration read what a shop answers."""
    cors.init_app(app, origins=app.config["CORS_ORIGINS"])
    app.after_request(vary_by_origin)


def vary_by_origin(response: Response) -> Response:
    """Tell caches that an answer is for the origin that asked."""
    vary = [*response.headers.getlist("Vary"), "Origin"]
    response.headers["Vary"] = ", ".join(vary)
    return response
