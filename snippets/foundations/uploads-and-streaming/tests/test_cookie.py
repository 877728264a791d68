"""Flags of the session cookie, and the size of a request."""

import pytest
from flask import Flask, request, session


@pytest.fixture
def app(app: Flask) -> Flask:
    """Add a view that keeps something in the session."""

    @app.post("/remember")
    def remember() -> str:
        session["read"] = len(request.get_data())
        return str(session["read"])

    return app


def test_the_session_cookie_is_protected(app: Flask) -> None:
    """Secure, not for scripts, not with forms of other sites."""
    response = app.test_client().post("/remember")

    flags = response.headers["Set-Cookie"].split("; ")[1:]
    assert ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"] == sorted(flags)


@pytest.mark.parametrize(
    ("size", "status"), [(1_000_000, 200), (1_000_001, 413)]
)
def test_a_body_over_the_limit_is_refused(
    app: Flask, size: int, status: int
) -> None:
    """The limit itself is allowed, one byte more is not."""
    response = app.test_client().post("/remember", data=b"x" * size)

    assert status == response.status_code
