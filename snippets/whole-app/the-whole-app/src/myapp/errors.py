"""One shape for every error: the problem details of RFC 9457."""

from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, json, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response


def problem(error: HTTPException) -> Response:
    """Answer an error in the one shape; its status and headers stay."""
    if error.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        error = without_details(error)
    response = error.get_response()
    if error.response is None:
        response.data = json.dumps(members_of(error))
        response.content_type = "application/problem+json"
    return response


def members_of(error: HTTPException) -> dict[str, Any]:
    """Give the members of an error's problem details."""
    members: dict[str, Any] = {"type": "about:blank"}
    if isinstance(error, Problem):
        members = error.members | {"type": error.type}
    if error.description:
        members["detail"] = str(error.description)
    return members | {"title": error.name, "status": error.code}


def init_app(app: Flask) -> None:
    """Answer every error of an app in the one shape."""
    app.register_error_handler(HTTPException, problem)


def without_details(error: HTTPException) -> InternalServerError:
    """Give the error a client may see in place of a failure of ours."""
    if getattr(error, "original_exception", None) is None:
        # raised by hand: Flask has logged nothing
        current_app.logger.error(
            "500 raised in %s", request.endpoint, exc_info=error
        )
    return InternalServerError(response=error.response)


class Problem(HTTPException):
    """An error of the shop's own: subclass it; give code, type and name."""

    code: int = HTTPStatus.INTERNAL_SERVER_ERROR
    type = "about:blank"

    def __init__(self, detail: str, **members: Any) -> None:
        """Say what is wrong this time, in words and in further members."""
        super().__init__(detail)
        self.members = members
