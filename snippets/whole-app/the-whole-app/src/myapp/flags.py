"""Flags: what is switched on, and for whom."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from hashlib import sha256
from secrets import token_hex
from typing import ParamSpec, TypeVar

from flask import Flask, abort, current_app, session

from .config import ConfigurationError

P = ParamSpec("P")
R = TypeVar("R")


class Flag(StrEnum):
    """Every flag there is."""

    NEW_CHECKOUT = "new-checkout"
    GIFT_NOTES = "gift-notes"
    DARK_MODE = "dark-mode"


def place(name: str, user: str) -> int:
    """Give the place of a user among a hundred, the same everywhere."""
    digest = sha256(f"{name}:{user}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100


def is_on(name: str, user: str) -> bool:
    """Tell whether a user has what a flag switches on."""
    flag = Flag(name)
    percent: int = current_app.config["FLAGS"].get(flag, 0)
    return place(flag, user) < percent


def visitor() -> str:
    """Give the number of this browser, by which a guest's orders go too."""
    number: str = session.setdefault("guest", token_hex(16))
    return number


def has(name: str) -> bool:
    """Tell whether the visitor of this request has a flag's feature."""
    return is_on(name, visitor())


def only_with(flag: Flag) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Hide a view from visitors who do not have the feature."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not has(flag):
                abort(404)
            return view(*args, **kwargs)

        return guarded

    return decorate


def init_app(app: Flask) -> None:
    """Check the names of flags, and let templates ask for them."""
    unknown = set(app.config["FLAGS"]) - set(Flag)
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ConfigurationError(f"FLAGS has unknown flags: {names}")
    app.jinja_env.globals["has"] = has
