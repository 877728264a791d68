"""A bug in a view, as a test sees it and as a client does."""

from typing import NoReturn

import pytest
from flask import Flask


@pytest.fixture
def app(app: Flask) -> Flask:
    """Add a view that has a bug."""

    @app.get("/bug")
    def bug() -> NoReturn:
        raise KeyError("hunter2")

    return app


def test_a_bug_reaches_the_test(app: Flask) -> None:
    """With TESTING on, the exception comes through the client."""
    with pytest.raises(KeyError, match="hunter2"):
        app.test_client().get("/bug")


def test_a_bug_is_a_500_to_a_client(app: Flask) -> None:
    """With PROPAGATE_EXCEPTIONS off, a test gets what a client would."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    assert 500 == app.test_client().get("/bug").status_code
