"""Settings: read from the environment and checked when an app is built."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

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
    for name, read in READERS.items():
        try:
            settings[name] = read(environ.get(name))
        except ValueError as error:
            wrong.append(f"{name} {error}")
    if wrong:
        raise ConfigurationError(", ".join(wrong))
    return settings


def secret(value: str | None) -> str:
    """Take a secret that cannot be guessed."""
    if value is None:
        raise ValueError("is not set")
    if len(value) < SHORTEST_SECRET:
        raise ValueError(f"has fewer than {SHORTEST_SECRET} characters")
    return value


def switch(value: str | None) -> bool:
    """Take what is on unless it says false."""
    if value not in SWITCH:
        raise ValueError("is neither true nor false")
    return SWITCH[value]


READERS: dict[str, Callable[[str | None], Any]] = {
    "SECRET_KEY": secret,
    "ORDERS_OPEN": switch,
}

DEFAULTS = {
    "DEBUG": False,
    "ORDERS_OPEN": True,
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "MAX_CONTENT_LENGTH": 1_000_000,
}


def percentages(value: str | None) -> dict[str, int]:
    """Take names and percentages: new-checkout=25 dark-mode=100."""
    found: dict[str, int] = {}
    for entry in (value or "").split():
        name, _, percent = entry.partition("=")
        if percent not in map(str, range(101)):
            raise ValueError(f"has no percentage for {name}")
        found[name] = int(percent)
    return found


READERS |= {"FLAGS": percentages}
DEFAULTS |= {"FLAGS": {}}


def address(value: str | None) -> str:
    """Take the address of Unleash's API, or none."""
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("is no address")
    return value or ""


def token(value: str | None) -> str:
    """Take what Unleash knows this shop by."""
    return value or ""


def directory(value: str | None) -> str | None:
    """Take a directory that nobody else can write to."""
    if value and not Path(value).is_dir():
        raise ValueError("is no directory")
    if value and Path(value).stat().st_mode & 0o022:
        raise ValueError("can be written by others")
    return value or None


READERS |= {
    "UNLEASH_URL": address,
    "UNLEASH_TOKEN": token,
    "UNLEASH_CACHE": directory,
}
DEFAULTS |= {
    "UNLEASH_URL": "",
    "UNLEASH_TOKEN": "",
    "UNLEASH_CACHE": None,
    "UNLEASH_REFRESH": 15,
}
