"""What the shop writes down: one line of JSON for each event."""

import json
import logging
import re
import time
from datetime import UTC, datetime
from functools import partial
from http import HTTPMethod
from logging.config import dictConfig
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, has_app_context, request

log = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """Make one line of a record, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record down, with the ids it was written under."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": super().format(record),
        }
        return json.dumps(line | marks() | getattr(record, "fields", {}))


def configure() -> None:
    """Send all lines of this process to its standard error."""
    stream = "ext://flask.logging.wsgi_errors_stream"
    handler = {"class": "logging.StreamHandler", "stream": stream}
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": JsonLines}},
            "handlers": {"stderr": {**handler, "formatter": "json"}},
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {"gunicorn.error": {"propagate": True}},
        }
    )
    logging.getLogger(__package__).setLevel(logging.INFO)


def marks() -> dict[str, str]:
    """Give the ids of the request, or the task, that is at work."""
    found: dict[str, str] = g.get("marks", {}) if has_app_context() else {}
    return found


def mark(**ids: str) -> None:
    """Put ids on all further lines of this request or task."""
    g.marks = marks() | ids


HEADER = "X-Request-ID"
SAFE = re.compile(r"[A-Za-z0-9-]{8,64}")


class Shop(Flask):
    """An app that keeps the paths of failed requests to itself."""

    def log_exception(self, *args: Any, **kwargs: Any) -> None:
        """Write a failure down; where it was is in the request's line."""
        self.logger.error("request failed", exc_info=True)


def init_app(app: Flask) -> None:
    """Write a line for each request of a shop."""
    app.before_request(identify)
    app.after_request(conclude)


def identify() -> None:
    """Name the request, before anything is done for it."""
    name = request.headers.get(HEADER)
    if name is None or not SAFE.fullmatch(name):
        name = uuid4().hex
    g.began = time.perf_counter()
    mark(request_id=name)


def conclude(response: Response) -> Response:
    """Tell the client the name, and write the line when all is sent."""
    response.headers[HEADER] = marks()["request_id"]
    fields = marks() | {
        "method": method(),
        "route": request.url_rule.rule if request.url_rule else "unknown",
        "status": response.status_code,
    }
    response.call_on_close(partial(write, g.began, fields))
    return response


def method() -> str:
    """Name the method of the request, if there is one of that name."""
    known = request.method in HTTPMethod.__members__
    return request.method if known else "unknown"


def write(began: float, fields: dict[str, Any]) -> None:
    """Write the line of a request that has been answered, to the end."""
    seconds = time.perf_counter() - began
    log.info("request", extra={"fields": {**fields, "seconds": seconds}})
