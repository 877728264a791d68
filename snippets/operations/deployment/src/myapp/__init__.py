"""A small shop."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import config, extensions, health, orders, products, proxies


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop: settings first, then extensions, then blueprints."""
    app = Flask(__name__)
    config.load(app, test_config)
    proxies.believe(app)
    extensions.init_app(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(products.bp)
    app.register_blueprint(orders.bp)
    return app
