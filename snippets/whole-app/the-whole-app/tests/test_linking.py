"""Identities that open an account somebody had already."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

PASSWORD = {"password": "correct horse battery staple"}
Opens = Callable[[str], int | None]


@pytest.fixture(autouse=True)
def offered(shop: Flask, provider: Flask) -> None:
    """Offer logins by a provider that knows Ada by another address."""
    provider.config["CLAIMS"]["email"] = "ada@work.example"


@pytest.fixture
def opens(app: Flask, visit: Callable[..., str]) -> Opens:
    """Give what tells whose account an identity opens."""

    def opens(sub: str) -> int | None:
        client = app.test_client()
        client.get(visit(client.post("/oidc/login").location, sub=sub))
        found: int | None = client.get("/accounts/me").get_json().get("id")
        return found

    return opens


def test_a_customer_links_an_identity(
    ada: FlaskClient, user: int, visit: Callable[..., str], opens: Opens
) -> None:
    """Linked, it opens the account; unlinked, it does not any more."""
    for _ in range(2):
        begun = ada.post("/oidc/link", data=PASSWORD)
        ended = ada.get(visit(begun.location, sub="ada"))
        assert "/accounts/me" == ended.location

    assert user == opens("ada")
    assert 204 == ada.delete("/oidc/link").status_code
    assert user != opens("ada")


@pytest.mark.parametrize("form", [{}, {"password": "wrong"}])
def test_a_link_is_asked_for_with_the_password(
    form: dict[str, str], client: FlaskClient, ada: FlaskClient
) -> None:
    """A session that was stolen, or left open, adds no way in."""
    assert 401 == client.post("/oidc/link", data=PASSWORD).status_code
    assert 401 == client.delete("/oidc/link").status_code
    assert 403 == ada.post("/oidc/link", data=form).status_code


def test_a_new_password_ends_the_links(
    ada: FlaskClient, user: int, visit: Callable[..., str], opens: Opens
) -> None:
    """Whoever knew the old one may have linked what is theirs."""
    begun = ada.post("/oidc/link", data=PASSWORD)
    ada.get(visit(begun.location, sub="mallory"))
    new = {"current": PASSWORD["password"], "new": "Tr0ub4dor & 3 friends"}

    assert 204 == ada.post("/accounts/password", json=new).status_code
    assert user != opens("mallory")


@pytest.fixture
def shop(app: Flask, provider: Flask) -> Flask:
    """Give the shop, which knows its provider from the settings."""
    return app
