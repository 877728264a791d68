"""What Flask keeps as Any, given with its type."""

from typing import TypeVar

from flask import current_app

from .shipping import Tariff

T = TypeVar("T")


def checked(kind: type[T], value: object) -> T:
    """Give a value that is what it must be, or fail at once."""
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def orders_open() -> bool:
    """Tell whether the shop takes orders."""
    return checked(bool, current_app.config["ORDERS_OPEN"])


def tariff() -> Tariff:
    """Give the tariff of the shop that is at work."""
    return checked(Tariff, current_app.extensions["tariff"])
