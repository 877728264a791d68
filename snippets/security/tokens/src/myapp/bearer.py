"""Views that need an access token, and the answers of RFC 6750."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import jwt
from flask import current_app, g, request
from pydantic import ValidationError

from . import tokens
from .errors import Problem

P = ParamSpec("P")
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class Refused(Problem):
    """A request without the token it needs."""

    def __init__(self, code: int, detail: str, **parameters: str) -> None:
        """Say no, and in the parameters what to come back with."""
        super().__init__(detail)
        self.code = code
        self.parameters = {"realm": "shop", **parameters}

    def get_headers(self, *args: Any) -> list[tuple[str, str]]:
        """Give the headers of the answer, the challenge among them."""
        said = ", ".join(f'{k}="{v}"' for k, v in self.parameters.items())
        challenge = ("WWW-Authenticate", f"Bearer {said}")
        return [*super().get_headers(*args), challenge]


def token_required(
    *scopes: str,
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Let nobody reach a view without a token for all of these scopes."""

    def decorate(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            g.access = access(presented())
            if not {*scopes} <= {*g.access.scope.split()}:
                raise Refused(
                    403,
                    "The token may not do this.",
                    error="insufficient_scope",
                    scope=" ".join(scopes),
                )
            return current_app.ensure_sync(view)(*args, **kwargs)

        return guarded

    return decorate


def presented() -> str:
    """Give the one token of the request, which only a header carries."""
    sent = request.authorization
    if sent is None or sent.type != "bearer":
        raise Refused(401, "Send an access token.")
    if sent.token is None or not TOKEN.fullmatch(sent.token):
        raise Refused(400, "Send one token.", error="invalid_request")
    return sent.token


def access(token: str) -> tokens.Access:
    """Give what a token says, or refuse it without a reason."""
    try:
        return tokens.read(token)
    except (jwt.PyJWTError, ValidationError) as error:
        current_app.logger.info("token refused: %s", type(error).__name__)
        raise invalid_token() from error


def invalid_token() -> Refused:
    """Refuse a token that is not, or no longer, any good."""
    return Refused(401, "Get a new access token.", error="invalid_token")
