"""Errors in one shape, which the description names."""

from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from pydantic import BaseModel
from werkzeug.exceptions import default_exceptions

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong, and nothing of what was sent."""

    type: str
    title: str
    status: int
    detail: str


def init_app(app: APIFlask) -> None:
    """Answer every error as a problem, and describe it as one."""
    schema = Problem.model_json_schema()
    app.config["HTTP_ERROR_SCHEMA"] = schema
    app.config["VALIDATION_ERROR_SCHEMA"] = schema
    app.error_processor(answer)


def answer(error: HTTPError) -> tuple[dict[str, Any], int, Any]:
    """Give an error its body and type; keep its status and headers."""
    status = error.status_code
    known = default_exceptions[status]()
    problem = Problem(
        type="about:blank",
        title=known.name,
        status=status,
        detail=str(known.description),
    )
    headers = dict(error.headers) | {"Content-Type": MEDIA_TYPE}
    return problem.model_dump(), status, headers
