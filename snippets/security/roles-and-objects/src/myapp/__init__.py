"""A small shop."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import (
    access,
    accounts,
    config,
    errors,
    extensions,
    orders,
    products,
    quotes,
    staff,
)


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop: settings, extensions, blueprints, then who may."""
    app = Flask(__name__)
    config.load(app, test_config)
    extensions.init_app(app)
    errors.init_app(app)
    app.register_blueprint(products.bp)
    app.register_blueprint(orders.bp)
    app.register_blueprint(quotes.bp)
    app.register_blueprint(accounts.bp)
    app.register_blueprint(staff.bp)
    access.init_app(app)
    return app
