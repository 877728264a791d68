"""Fixtures: a fresh shop for each test."""

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from myapp import create_app


@pytest.fixture
def app() -> Flask:
    """Build a shop for one test."""
    return create_app({"TESTING": True})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of the shop, with cookies of its own."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Give what runs the shop's commands."""
    return app.test_cli_runner()
