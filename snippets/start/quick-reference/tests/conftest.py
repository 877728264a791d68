"""What the tests share."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app


@pytest.fixture
def app() -> Flask:
    """Give a shop of its own to each test."""
    return create_app({"TESTING": True})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client that needs no server."""
    return app.test_client()
