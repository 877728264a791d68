"""Views that need a token, and what those without one are told."""

import logging

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from myapp import tokens
from myapp.bearer import token_required

INVALID = 'Bearer realm="shop", error="invalid_token"'
MALFORMED = 'Bearer realm="shop", error="invalid_request"'
SCOPE = (
    'Bearer realm="shop", error="insufficient_scope", '
    'scope="orders:read orders:write"'
)


@pytest.fixture
def app(app: Flask) -> Flask:
    """Add guarded views, as in production."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/orders-of/<name>")
    @token_required("orders:read")
    def orders_of(name: str) -> list[str]:
        """List them."""
        return [name, g.access.sub]

    @app.get("/slow-orders-of/<name>")
    @token_required("orders:read")
    async def slow_orders_of(name: str) -> list[str]:
        """List them later."""
        return [name, g.access.sub]

    @app.post("/orders-of/<name>")
    @token_required("orders:read", "orders:write")
    def order_for(name: str) -> str:
        """Add one."""
        return name

    return app


@pytest.fixture
def token(app: Flask) -> str:
    """Sign a token for reading orders."""
    with app.app_context():
        return tokens.issue(7, "orders:read")


@pytest.mark.parametrize("path", ["/orders-of/ada", "/slow-orders-of/ada"])
def test_a_guarded_view_may_be_async(
    app: Flask, token: str, path: str
) -> None:
    """Views of both kinds answer, and know who asks."""
    headers = {"Authorization": f"Bearer {token}"}
    with app.test_request_context(path, headers=headers):
        found = app.dispatch_request()
    # a coroutine that nobody awaits must not outlive the test
    getattr(found, "close", list)()

    assert ["ada", "7"] == found


def test_a_guarded_view_keeps_its_name(app: Flask) -> None:
    """Endpoints and documentation are those of the view."""
    assert {"orders_of", "slow_orders_of", "order_for"} <= {
        *app.view_functions
    }
    assert "List them." == app.view_functions["orders_of"].__doc__


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR "])
def test_the_scheme_is_written_in_any_case(
    client: FlaskClient, token: str, scheme: str
) -> None:
    """The name of a scheme has no case, and spaces after it no number."""
    headers = {"Authorization": f"{scheme} {token}"}

    assert 200 == client.get("/orders-of/ada", headers=headers).status_code


@pytest.mark.parametrize(
    ("header", "status", "challenge"),
    [
        (None, 401, 'Bearer realm="shop"'),
        ("", 401, 'Bearer realm="shop"'),
        ("Basic YTpi", 401, 'Bearer realm="shop"'),
        ("Bearer", 400, MALFORMED),
        ("Bearer ", 400, MALFORMED),
        ("Bearer a b", 400, MALFORMED),
        ("Bearer a, Bearer b", 400, MALFORMED),
        ("Bearer a=b", 400, MALFORMED),
        ("Bearer é", 400, MALFORMED),
        ("Bearer a", 401, INVALID),
    ],
)
def test_each_refusal_says_what_to_do(
    client: FlaskClient, header: str | None, status: int, challenge: str
) -> None:
    """Log in, mend the request, or get a new token."""
    headers = {} if header is None else {"Authorization": header}

    found = client.get("/orders-of/ada", headers=headers)

    assert status == found.status_code
    assert challenge == found.headers.get("WWW-Authenticate")
    assert "application/problem+json" == found.content_type


@pytest.mark.parametrize(
    ("scope", "status", "challenge"),
    [
        ("", 403, SCOPE),
        ("orders:write", 403, SCOPE),
        ("orders:readorders:write", 403, SCOPE),
        ("orders:write orders:read", 200, None),
        ("orders:read orders:write products:read", 200, None),
    ],
)
def test_a_token_for_less_is_not_enough(
    app: Flask, scope: str, status: int, challenge: str | None
) -> None:
    """All scopes a view names are needed, and the answer names them."""
    with app.app_context():
        token = tokens.issue(7, scope)
    headers = {"Authorization": f"Bearer {token}"}

    found = app.test_client().post("/orders-of/ada", headers=headers)

    refused = '"The token may not do this."' in found.text
    assert (status, status == 403) == (found.status_code, refused)
    assert challenge == found.headers.get("WWW-Authenticate")


def test_the_log_says_why_and_not_what(
    client: FlaskClient, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A line a refusal, with the name of the check that failed."""
    headers = {"Authorization": f"Bearer {token}A"}

    with caplog.at_level(logging.INFO):
        client.get("/orders-of/ada", headers=headers)

    assert ["token refused: InvalidSignatureError"] == caplog.messages
