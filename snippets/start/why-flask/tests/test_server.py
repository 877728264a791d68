"""What a customer gets from a server that is not Flask's own."""

from io import BytesIO, StringIO
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import setup_testing_defaults

from flask import Flask


def test_incomplete_order_is_the_customers_error(app: Flask) -> None:
    """A form without its field gets a 400 from a server, not a crash."""
    environ: dict[str, Any] = {"REQUEST_METHOD": "POST"}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = "/orders"
    sent = BytesIO()

    SimpleHandler(BytesIO(), sent, StringIO(), environ).run(app)

    _, status, *_ = sent.getvalue().split()
    assert b"400" == status
