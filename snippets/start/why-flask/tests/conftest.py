"""What the tests share: the app, and a client that talks to it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

import myapp


@pytest.fixture
def app() -> Flask:
    """Give the app as a server imports it."""
    return myapp.app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client that needs no server."""
    return app.test_client()
