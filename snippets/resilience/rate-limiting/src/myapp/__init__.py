"""A small shop."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import (
    accounts,
    config,
    errors,
    extensions,
    health,
    limits,
    orders,
    products,
    proxies,
    quotes,
)


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop: settings first, then extensions, then blueprints."""
    app = Flask(__name__)
    config.load(app, test_config)
    proxies.believe(app)
    extensions.init_app(app)
    errors.init_app(app)
    limits.init_app(app)
    for feature in (accounts, health, orders, products, quotes):
        app.register_blueprint(feature.bp)
    return app
