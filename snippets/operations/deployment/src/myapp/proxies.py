"""Whom the shop believes about its clients."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def behind(app: Flask) -> ProxyFix:
    """Put a shop behind as many proxies as its settings say."""
    count = app.config["PROXIES"]
    return ProxyFix(app, x_for=count, x_proto=min(count, 1))
