"""A view that fails: to the test, and to a client."""

from typing import NoReturn

import pytest
from flask import Flask


@pytest.fixture
def failing(app: Flask) -> Flask:
    """Add a view that fails."""

    @app.get("/failure")
    def failure() -> NoReturn:
        raise KeyError("hunter2")

    return app


def test_a_bug_comes_through(failing: Flask) -> None:
    """The exception itself reaches the test."""
    with pytest.raises(KeyError, match="hunter2"):
        failing.test_client().get("/failure")


def test_a_client_gets_a_500(failing: Flask) -> None:
    """A client gets a status, and no word of the exception."""
    failing.config["PROPAGATE_EXCEPTIONS"] = False
    response = failing.test_client().get("/failure")
    assert 500 == response.status_code
    assert "hunter2" not in response.text
