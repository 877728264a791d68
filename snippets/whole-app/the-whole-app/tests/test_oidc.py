"""Logins by a provider, and the ways they fail."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.extensions import db
from myapp.models import Identity

FAILED = "https://shop.example/problems/login-failed"


@pytest.fixture(autouse=True)
def offered(shop: Flask) -> None:
    """Let the shop of every test here offer logins."""


@pytest.fixture
def come(
    client: FlaskClient, visit: Callable[..., str]
) -> Callable[..., TestResponse]:
    """Give what goes to the provider as somebody, and comes back."""

    def come(sub: str = "ada", **query: str) -> TestResponse:
        begun = client.post("/oidc/login", query_string=query)
        return client.get(visit(begun.location, sub=sub))

    return come


def who(client: FlaskClient) -> Any:
    """Ask the shop who is logged in."""
    return client.get("/accounts/me").get_json().get("email")


def asked(url: str) -> dict[str, str]:
    """Give what an address asks for."""
    return {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}


def test_a_visitor_comes_back_logged_in(
    client: FlaskClient, come: Callable[..., TestResponse]
) -> None:
    """The first time opens an account, the second finds it."""
    ended = come(next="/products?page=2")
    first = client.get("/accounts/me").get_json()
    client.post("/accounts/logout")

    assert "/products?page=2" == ended.location
    assert "ada@example.org" == first["email"]
    assert None is who(client)
    assert "/accounts/me" == come(next="//evil.example").location
    assert first == client.get("/accounts/me").get_json()


def test_an_attempt_has_secrets_of_its_own(client: FlaskClient) -> None:
    """State, nonce and challenge are new each time; the cookie is Lax."""
    first, second = (client.post("/oidc/login") for _ in range(2))
    a, b = asked(first.location), asked(second.location)

    assert 303 == first.status_code
    assert "SameSite=Lax" in first.headers["Set-Cookie"]
    assert ("openid email", "S256") == (a["scope"], a["code_challenge_method"])
    secrets = ["code_challenge", "nonce", "state"]
    assert secrets == sorted(k for k in a if a[k] != b[k])


def test_a_state_is_good_once(
    client: FlaskClient, visit: Callable[..., str]
) -> None:
    """Cancel ends an attempt; what comes for it later is refused."""
    begun = client.post("/oidc/login").location
    cancelled = client.get(f"{visit(begun)}&error_description=call+0900")
    late = client.get(visit(begun, sub="ada"))

    assert [FAILED] * 2 == [r.get_json()["type"] for r in (cancelled, late)]
    assert "0900" not in cancelled.text
    assert (400, None) == (late.status_code, who(client))


@pytest.mark.filterwarnings("ignore:The 'session' cookie is too large")
def test_attempts_do_not_fill_the_cookie(
    client: FlaskClient, visit: Callable[..., str]
) -> None:
    """After many attempts the last three still end well."""
    path = {"next": "/" + "!" * 399}
    begun = [client.post("/oidc/login", query_string=path) for _ in range(40)]
    assert len(begun[-1].headers["Set-Cookie"]) < 4093

    ended = [client.get(visit(r.location, sub="ada")) for r in begun[-4:-2]]
    assert [None, path["next"]] == [r.location for r in ended]


def test_an_address_opens_no_account(
    client: FlaskClient, user: int, come: Callable[..., TestResponse]
) -> None:
    """Who comes with a customer's address does not come as the customer."""
    ended = come("mallory")

    assert 409 == ended.status_code
    assert "link it" in ended.get_json()["detail"]
    assert None is who(client)


def test_no_token_is_kept(
    app: Flask, client: FlaskClient, come: Callable[..., TestResponse]
) -> None:
    """Who it was is all there is afterwards."""
    come()

    with app.app_context():
        kept = db.session.execute(db.select(Identity.__table__)).one()
    assert (app.config["OIDC_ISSUER"], "ada", 1) == tuple(kept)
    with client.session_transaction() as session:
        assert {"_fresh", "_id", "_user_id"} >= set(session)


@pytest.fixture
def shop(app: Flask, provider: Flask) -> Flask:
    """Give the shop, which knows its provider from the settings."""
    return app
