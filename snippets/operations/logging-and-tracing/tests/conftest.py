"""Fixtures: a fresh shop for each test."""

import json
from collections.abc import Callable
from typing import Any

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


def parsed(line: str) -> dict[str, Any]:
    """Read one line of the log."""
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"message": f"no JSON: {line}"}
    return found


@pytest.fixture
def lines(
    capsys: pytest.CaptureFixture[str],
) -> Callable[[], list[dict[str, Any]]]:
    """Give what reads the lines written since it was last asked."""
    return lambda: [
        parsed(line) for line in capsys.readouterr().err.split("\n") if line
    ]
