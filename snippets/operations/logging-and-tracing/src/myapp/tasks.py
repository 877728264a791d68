"""Work for another process: what is asked of it, and how it is done."""

import json
import logging
from typing import Any

from flask import Flask, current_app
from opentelemetry.trace import SpanKind

from .tracing import W3C, span

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Give a shop a queue; your broker stands here."""
    app.extensions["queue"] = []


def send(task: str, **arguments: Any) -> None:
    """Put a task into the queue, with the trace it belongs to."""
    headers: dict[str, str] = {}
    W3C.inject(headers)
    message = {"task": task, "arguments": arguments, "headers": headers}
    current_app.extensions["queue"].append(json.dumps(message))


def run(app: Flask, message: str) -> None:
    """Do, in a worker, what a message asks for."""
    read = json.loads(message)
    name, headers = read["task"], read["headers"]
    with app.app_context(), span(name, headers, SpanKind.CONSUMER):
        TASKS[name](**read["arguments"])


def confirm(order: int) -> None:
    """Tell the customer that we have the order."""
    log.info("order confirmed", extra={"fields": {"order": order}})


TASKS = {"confirm": confirm}
