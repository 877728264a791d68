"""Errors in one shape, which the description names."""

from http import HTTPStatus
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from pydantic import BaseModel


class Problem(BaseModel):
    """What went wrong, and nothing of what was sent."""

    status: int
    title: str


def init_app(app: APIFlask) -> None:
    """Answer every error as a problem, and describe it as one."""
    schema = Problem.model_json_schema()
    app.config["HTTP_ERROR_SCHEMA"] = schema
    app.config["VALIDATION_ERROR_SCHEMA"] = schema
    app.error_processor(answer)


def answer(error: HTTPError) -> tuple[dict[str, Any], int, Any]:
    """Give an error its body; keep its status and its headers."""
    status = error.status_code
    problem = Problem(status=status, title=HTTPStatus(status).phrase)
    return problem.model_dump(), status, error.headers
