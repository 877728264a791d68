"""A small shop."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import metrics, orders, products


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop from its settings."""
    app = Flask(__name__)
    app.config.from_mapping(test_config or {})
    metrics.watch(app)
    products.init_app(app)
    orders.init_app(app)
    return app
