"""What the shop's answers say of themselves."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, current_app, make_response

P = ParamSpec("P")


def no_store(view: Callable[P, Any]) -> Callable[P, Response]:
    """Keep the answer of a view, sync or async, out of every cache."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        answer = current_app.ensure_sync(view)(*args, **kwargs)
        response = make_response(answer)
        response.cache_control.no_store = True
        return response

    return wrapped
