"""Requests as models: what does not fit is answered with a 4xx."""

import json
from typing import Any, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from .errors import Problem

Model = TypeVar("Model", bound=BaseModel)


class Body(BaseModel):
    """A JSON body: nothing unknown in it, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class InvalidRequest(Problem):
    """A request that can be read, and is not what was asked for."""

    code = 422
    type = "https://shop.example/problems/invalid-request"
    name = "Invalid request"


def read_body(model: type[Model]) -> Model:
    """Give the request's body as a model, or answer with a 4xx."""
    if not request.is_json:
        raise UnsupportedMediaType("Send the body as application/json.")
    text = checked(request.get_data())
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise invalid(error) from error


def checked(body: bytes) -> str:
    """Give the text of JSON that has one meaning only."""
    try:
        text = body.decode()
        json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON, or not clear.") from error
    return text


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Give an object, unless it has a name twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name is given twice")
    return members


def refuse(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{constant} is not JSON")


def invalid(error: ValidationError) -> InvalidRequest:
    """Give the answer to what a model refuses, without a word of it."""
    faults = {
        (field_of(e["loc"], e["type"]), e["type"]) for e in error.errors()
    }
    return InvalidRequest(
        "Mend the fields that errors names.",
        errors=[{"field": f, "code": code} for f, code in sorted(faults)],
    )


def field_of(place: tuple[int | str, ...], code: str) -> str:
    """Give the place of a fault as a JSON pointer."""
    if code == "extra_forbidden":
        # its name is the client's: point to what holds it
        place = place[:-1]
    return "".join(f"/{part}" for part in place)


class Query(BaseModel):
    """A query string: nothing unknown in it, text read as what it says."""

    model_config = ConfigDict(extra="forbid")


class Page(Query):
    """Which part of a list is asked for."""

    page: int = Field(default=1, ge=1, le=10_000)
    per_page: int = Field(default=20, ge=1, le=100)


def read_query(model: type[Model]) -> Model:
    """Give the query string as a model, or answer with a 4xx."""
    given = {n: v[0] if len(v) == 1 else v for n, v in request.args.lists()}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from error
