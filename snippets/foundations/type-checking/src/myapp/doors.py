"""When the shop takes orders."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort

from .current import orders_open

P = ParamSpec("P")
R = TypeVar("R")


def while_open(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view be called only while the shop takes orders."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not orders_open():
            abort(503)
        return view(*args, **kwargs)

    return guarded
