"""A trace goes from the request to the task."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from flask import Flask
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
    InMemorySpanExporter,
)
from opentelemetry.trace import SpanKind, format_trace_id

from myapp import create_app, tasks
from myapp.extensions import db
from myapp.models import Order

Shop = tuple[Flask, InMemorySpanExporter]
ASKED = "PUT /confirmations/<int(max=2147483647):number>"
DONE = "myapp.tasks.confirm"


@pytest.fixture
def shops(
    settings: dict[str, Any], tmp_path: Path, redis: object
) -> Iterator[list[Shop]]:
    """Build two shops that keep their spans: one serves, one works."""
    settings["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/shop.db"
    settings["PROPAGATE_EXCEPTIONS"] = False
    shops = []
    for _ in range(2):
        kept = InMemorySpanExporter()
        shops.append((create_app(settings | {"SPAN_EXPORTER": kept}), kept))
    with shops[0][0].app_context():
        db.create_all()
        db.session.add(Order(guest="ann", total_cents=0))
        db.session.commit()
    yield shops
    for app, _ in shops:
        app.extensions["tracing"].shutdown()
        with app.app_context():
            db.engine.dispose()


def spans(shop: Shop) -> list[ReadableSpan]:
    """Give the spans of a shop that have ended."""
    app, kept = shop
    app.extensions["tracing"].force_flush()
    return list(kept.get_finished_spans())


def order(app: Flask, **headers: str) -> str:
    """Ask for the mail of an order, and give the message of its task."""
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["guest"] = "ann"
    body = {"email": "ann@shop.example"}
    browser.put("/confirmations/1", json=body, headers=headers, buffered=True)
    queue: Any = app.extensions["celery"].backend.client
    return str(queue.lrange("celery", 0, -1))


def run(app: Flask, message: str) -> None:
    """Let a worker of Celery take what is in the queue."""
    celery = app.extensions["celery"]
    with app.app_context():
        job = db.session.get_one(Order, 1).job
    deadline = time.monotonic() + 10
    with start_worker(
        celery, pool="solo", loglevel="WARNING", perform_ping_check=False
    ):
        while not celery.AsyncResult(job).ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert DONE == tasks.confirm.name


def traces(spans: list[ReadableSpan]) -> list[str]:
    """Give the number of the trace of each span."""
    return [format_trace_id(span.context.trace_id) for span in spans]


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
def test_a_trace_goes_on_in_the_task(shops: list[Shop]) -> None:
    """The task's span lies, in another shop, below the request's."""
    web, worker = shops
    run(worker[0], order(web[0]))

    [request], [task] = spans(web), spans(worker)

    assert traces([request]) == traces([task])
    assert task.parent is not None
    assert request.context.span_id == task.parent.span_id
    assert [
        (ASKED, SpanKind.SERVER, "myapp"),
        (DONE, SpanKind.CONSUMER, "myapp"),
    ] == [
        (x.name, x.kind, getattr(x.instrumentation_scope, "name", None))
        for x in (request, task)
    ]


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
def test_the_lines_of_a_task_have_its_trace(
    shops: list[Shop], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """What the worker wrote, as JSON too, is found from the request's."""
    run(shops[1][0], order(shops[0][0]))

    written = {line["message"]: line for line in lines()}

    assert [] == [said for said in written if "no JSON" in said]
    request, task = written["request"], written["not sent: Your order 1"]
    assert ("myapp", request["trace_id"]) == (task["logger"], task["trace_id"])
    assert traces(spans(shops[0])) == [task["trace_id"]]


def test_two_shops_trace_apart(shops: list[Shop]) -> None:
    """Each shop's spans go where that shop sends them."""
    for app, _ in shops:
        app.test_client().get("/products", buffered=True)

    assert [1, 1] == [len(spans(shop)) for shop in shops]


def test_a_client_chooses_no_trace(shops: list[Shop]) -> None:
    """A trace from outside, or one asked not to be kept, is not heard."""
    sent = f"00-{'a' * 32}-{'b' * 16}-00"
    message = order(shops[0][0], traceparent=sent, baggage="a=b")

    found = spans(shops[0])

    assert 1 == len(found)
    assert found[0].parent is None
    assert ["a" * 32] != traces(found)
    assert "baggage" not in message


def test_a_span_names_the_route(shops: list[Shop]) -> None:
    """It holds the route and the status, and nothing that was sent."""
    app, _ = shops[0]
    app.add_url_rule("/fail", view_func=lambda: str(1 / 0))
    app.add_url_rule("/teas/<int:n>", "tea", lambda n: "tea")
    client = app.test_client()
    client.get("/teas/2?token=hunter2")
    client.open("/hunter2", method="HACK")
    client.get("/fail")

    found = spans(shops[0])

    code = "http.response.status_code"
    assert [
        ("GET /teas/<int:n>", {code: 200}, True),
        ("HTTP", {code: 404}, True),
        ("GET /fail", {code: 500}, False),
    ] == [
        (span.name, dict(span.attributes or {}), span.status.is_unset)
        for span in found
    ]


def test_a_context_without_a_request_is_no_span(shops: list[Shop]) -> None:
    """What a test or a shell enters by hand is not traced."""
    with shops[0][0].test_request_context():
        pass

    assert [] == spans(shops[0])
