"""What Prometheus asks: a program of its own, on a port inside."""

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector


def build() -> Callable[..., Iterable[Any]]:
    """Build what adds up the numbers in PROMETHEUS_MULTIPROC_DIR."""
    registry = CollectorRegistry()
    collect: Any = MultiProcessCollector
    collect(registry)
    application: Callable[..., Iterable[Any]] = make_wsgi_app(registry)
    return application
