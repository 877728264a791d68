"""Logins are offered where they are configured, and nowhere else."""

from itertools import combinations
from typing import Any

import pytest
from flask import Flask

from myapp import create_app, oidc
from myapp.config import ConfigurationError, from_environment

ALL = {
    "OIDC_ISSUER": "https://first.example/",
    "OIDC_CLIENT_ID": "first",
    "OIDC_CLIENT_SECRET": "secret of the first",
}
HALVES = [*combinations(ALL, 1), *combinations(ALL, 2)]


def build(**settings: Any) -> Flask:
    """Build a shop with further settings."""
    return create_app({"SECRET_KEY": "k", "TESTING": True, **settings})


@pytest.mark.parametrize("value", [None, ""])
def test_without_settings_there_is_no_login(value: str | None) -> None:
    """A shop starts without a provider, and has no such routes."""
    app = build(**dict.fromkeys(ALL, value))

    assert 404 == app.test_client().post("/oidc/login").status_code
    assert "oidc" in build(**ALL).blueprints


@pytest.mark.parametrize("names", HALVES)
def test_half_the_settings_stop_the_start(names: tuple[str, ...]) -> None:
    """What is not set is named, and nothing else."""
    with pytest.raises(ConfigurationError) as refused:
        build(**{name: ALL[name] for name in names})

    missing = [name for name in ALL if name not in names]
    assert f"{', '.join(missing)} is not set" == str(refused.value)


def test_strict_cookies_stop_the_start() -> None:
    """With Strict the state is lost on the way back; without login not."""
    strict = {"SESSION_COOKIE_SAMESITE": "Strict"}

    assert "oidc" not in build(**strict).blueprints
    with pytest.raises(ConfigurationError) as refused:
        build(**ALL, **strict)
    assert "SESSION_COOKIE_SAMESITE must be Lax" == str(refused.value)


def test_the_environment_may_name_a_provider() -> None:
    """All three are read, and what is empty is not set."""
    needed = {"SECRET_KEY": "x" * 32, "DATABASE_URL": "sqlite://"}
    without = from_environment(needed | dict.fromkeys(ALL, ""))

    assert ALL.items() <= from_environment(needed | ALL).items()
    assert dict.fromkeys(ALL) == {name: without[name] for name in ALL}
    assert dict.fromkeys(ALL).items() <= from_environment(needed).items()


@pytest.mark.parametrize("value", ["http://p.example", "p.example", " "])
def test_a_provider_is_reached_over_https(value: str) -> None:
    """Over plain HTTP anybody on the way is the provider."""
    environ = {"SECRET_KEY": "x" * 32, "DATABASE_URL": "sqlite://"}

    with pytest.raises(ConfigurationError, match="^OIDC_ISSUER does not"):
        from_environment(environ | {"OIDC_ISSUER": value})


def test_two_shops_have_two_clients() -> None:
    """The second shop of a process does not log in as the first."""
    shops = build(**ALL), build(**ALL | {"OIDC_CLIENT_ID": "second"})
    found = []
    for shop in shops:
        with shop.app_context():
            found.append(oidc.client().client_id)

    assert ["first", "second"] == found
