"""Whom the shop believes about its clients."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def believe(app: Flask) -> None:
    """Take address and scheme from as many proxies as we run."""
    count = app.config["PROXIES"]
    wsgi: Any = app
    wsgi.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=min(count, 1))
