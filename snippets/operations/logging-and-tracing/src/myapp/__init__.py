"""A small shop."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import logs, orders, products, tasks, tracing


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop from its settings; the log comes before all."""
    logs.configure()
    app = logs.Shop(__name__)
    app.config.from_mapping(test_config or {})
    logs.init_app(app)
    tracing.init_app(app)
    tasks.init_app(app)
    products.init_app(app)
    orders.init_app(app)
    return app
