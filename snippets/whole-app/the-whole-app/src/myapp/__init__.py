"""A small shop: all of the guide in one application."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import (
    access,
    accounts,
    background,
    cart,
    checkout,
    commands,
    config,
    confirmations,
    cors,
    customers,
    database,
    errors,
    exports,
    extensions,
    flags,
    headers,
    health,
    keys,
    limits,
    logs,
    metrics,
    offers,
    oidc,
    openfeature_flags,
    orders,
    payments,
    photos,
    products,
    provider,
    proxies,
    quotes,
    ready,
    refresh,
    staff,
    support,
    tracing,
    visitors,
)


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop: each step stands on those before it."""
    logs.configure()
    app = logs.Shop(__name__)
    config.load(app, test_config)
    logs.init_app(app)
    tracing.init_app(app)
    metrics.watch(app)
    proxies.believe(app)
    limits.init_app(app)
    photos.init_app(app)
    extensions.init_app(app)
    background.add_celery(app)
    provider.connect(app)
    support.bind(app)
    flags.init_app(app)
    openfeature_flags.init_app()
    errors.init_app(app)
    database.init_app(app)
    headers.init_app(app)
    cors.init_app(app)
    keys.init_app(app)
    oidc.init_app(app)
    commands.init_app(app)
    for feature in FEATURES:
        app.register_blueprint(feature.bp)
    access.init_app(app)
    return app


FEATURES = (
    accounts,
    cart,
    checkout,
    confirmations,
    customers,
    exports,
    health,
    offers,
    orders,
    payments,
    photos,
    products,
    quotes,
    ready,
    refresh,
    staff,
    visitors,
)
