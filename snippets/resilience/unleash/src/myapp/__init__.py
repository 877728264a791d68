"""A small shop."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import (
    checkout,
    config,
    flags,
    openfeature_flags,
    orders,
    products,
    unleash,
)


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop: settings first, then its features."""
    app = Flask(__name__)
    config.load(app, test_config)
    unleash.prepare(app)
    flags.init_app(app)
    openfeature_flags.init_app()
    products.init_app(app)
    orders.init_app(app)
    app.register_blueprint(checkout.bp)
    return app
