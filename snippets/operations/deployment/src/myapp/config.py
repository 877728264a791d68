"""Settings: read from the environment and checked when an app is built."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SHORTEST_SECRET = 32
SWITCH = {None: True, "true": True, "false": False}


class ConfigurationError(Exception):
    """Settings are missing or wrong; the message names all of them."""


def load(app: Flask, test_config: Mapping[str, Any] | None = None) -> None:
    """Give an app its settings: those handed in, or the environment's."""
    app.config.from_mapping(DEFAULTS)
    if test_config is None:
        app.config.from_mapping(from_environment(os.environ))
    else:
        app.config.from_mapping(test_config)


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read every setting, or say which ones are wrong."""
    settings: dict[str, Any] = {}
    wrong: list[str] = []
    for name, (setting, read) in READERS.items():
        try:
            settings[setting] = read(environ.get(name))
        except ValueError as error:
            wrong.append(f"{name} {error}")
    if wrong:
        raise ConfigurationError(", ".join(wrong))
    return settings


def required(value: str | None) -> str:
    """Take what must be given."""
    if not value:
        raise ValueError("is not set")
    return value


def secret(value: str | None) -> str:
    """Take a secret that cannot be guessed."""
    given = required(value)
    if len(given) < SHORTEST_SECRET:
        raise ValueError(f"has fewer than {SHORTEST_SECRET} characters")
    return given


def address(value: str | None) -> str:
    """Take the address of a database that SQLAlchemy knows how to reach."""
    given = required(value)
    try:
        make_url(given).get_dialect()
    except (ArgumentError, ValueError):
        raise ValueError("is no address of a database") from None
    return given


def switch(value: str | None) -> bool:
    """Take what is on unless it says false."""
    if value not in SWITCH:
        raise ValueError("is neither true nor false")
    return SWITCH[value]


READERS: dict[str, tuple[str, Callable[[str | None], Any]]] = {
    "SECRET_KEY": ("SECRET_KEY", secret),
    "ORDERS_OPEN": ("ORDERS_OPEN", switch),
    "DATABASE_URL": ("SQLALCHEMY_DATABASE_URI", address),
}

DEFAULTS = {
    "DEBUG": False,
    "ORDERS_OPEN": True,
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "MAX_CONTENT_LENGTH": 1_000_000,
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
}


def proxies(value: str | None) -> int:
    """Take the number of proxies in front of the shop."""
    if value not in {None, "0", "1", "2", "3"}:
        raise ValueError("is no number from 0 to 3")
    return int(value or 0)


def drain_file(value: str | None) -> str:
    """Take the name of the file that says that we stop."""
    return value or ""


READERS |= {
    "PROXIES": ("PROXIES", proxies),
    "DRAIN_FILE": ("DRAIN_FILE", drain_file),
}
DEFAULTS |= {"PROXIES": 0, "DRAIN_FILE": ""}
