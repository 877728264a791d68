"""A trace goes from the request to the task."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
    InMemorySpanExporter,
)
from opentelemetry.trace import SpanKind, format_trace_id

from myapp import create_app, tasks

Shop = tuple[Flask, InMemorySpanExporter]
ASKED = "POST /orders/<int:product_id>"
DONE = "confirm"


@pytest.fixture
def shops() -> Iterator[list[Shop]]:
    """Build two shops that keep their spans: one serves, one works."""
    shops = []
    for _ in range(2):
        kept = InMemorySpanExporter()
        shops.append((create_app({"SPAN_EXPORTER": kept}), kept))
    yield shops
    for app, _ in shops:
        app.extensions["tracing"].shutdown()


def spans(shop: Shop) -> list[ReadableSpan]:
    """Give the spans of a shop that have ended."""
    app, kept = shop
    app.extensions["tracing"].force_flush()
    return list(kept.get_finished_spans())


def order(app: Flask, **headers: str) -> str:
    """Order something, and give the message of its task."""
    app.test_client().post("/orders/2", headers=headers, buffered=True)
    message: str = app.extensions["queue"].pop()
    return message


def run(app: Flask, message: str) -> None:
    """Do in a shop's worker what a message asks for."""
    tasks.run(app, message)


def traces(spans: list[ReadableSpan]) -> list[str]:
    """Give the number of the trace of each span."""
    return [format_trace_id(span.context.trace_id) for span in spans]


def test_a_trace_goes_on_in_the_task(shops: list[Shop]) -> None:
    """The task's span lies, in another program, below the request's."""
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


def test_the_lines_of_a_task_have_its_trace(
    shops: list[Shop], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """What the worker wrote is found from the request's line."""
    run(shops[1][0], order(shops[0][0]))

    request, task = lines()

    assert (request["trace_id"], 1) == (task["trace_id"], task["order"])
    assert ("myapp.tasks", "order confirmed") == (
        task["logger"],
        task["message"],
    )
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
