"""Where time goes, from the request to the tasks it began."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from flask import Flask, Response, current_app, g, request
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_trace_id
from opentelemetry.trace.propagation.tracecontext import (
    TraceContextTextMapPropagator,
)

from . import logs

W3C = TraceContextTextMapPropagator()


def init_app(app: Flask) -> None:
    """Trace the requests and tasks of a shop."""
    app.extensions["tracing"] = provider(app.config.get("SPAN_EXPORTER"))
    app.before_request(begin)
    app.after_request(answer)
    app.teardown_request(end)


def provider(exporter: SpanExporter | None) -> TracerProvider:
    """Make what numbers the spans of a shop, and sends them away."""
    made = TracerProvider()
    if exporter:
        made.add_span_processor(BatchSpanProcessor(exporter))
    return made


@contextmanager
def span(
    name: str, headers: Mapping[str, str], kind: SpanKind
) -> Iterator[None]:
    """Time what is done within, under the trace that headers name."""
    tracer = current_app.extensions["tracing"].get_tracer("myapp")
    with tracer.start_as_current_span(
        name, W3C.extract(headers), kind
    ) as at_work:
        number = at_work.get_span_context().trace_id
        logs.mark(trace_id=format_trace_id(number))
        yield


def begin() -> None:
    """Begin the span of a request."""
    rule = request.url_rule
    name = f"{request.method} {rule.rule}" if rule else "HTTP"
    g.spans = ExitStack()
    g.spans.enter_context(span(name, {}, SpanKind.SERVER))


def answer(response: Response) -> Response:
    """Write the status on the span of a request."""
    status = response.status_code
    at_work = trace.get_current_span()
    at_work.set_attribute("http.response.status_code", status)
    if status >= 500:
        at_work.set_status(StatusCode.ERROR)
    return response


def end(error: BaseException | None) -> None:
    """End the span of a request, if it had one."""
    if "spans" in g:
        g.spans.close()
