"""Requests as models: what does not fit is answered with a 4xx."""

import json
from typing import Any, NoReturn, Self

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from .errors import Problem


class Body(BaseModel):
    """A JSON body: nothing unknown in it, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def from_request(cls) -> Self:
        """Read the request's body, or answer with a 4xx."""
        if not request.is_json:
            raise UnsupportedMediaType
        text = checked(request.get_data())
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise invalid(error) from error


class InvalidRequest(Problem):
    """A request that can be read, and is not what was asked for."""

    code = 422
    type = "https://shop.example/problems/invalid-request"
    name = "Invalid request"


def checked(body: bytes) -> str:
    """Give the text of JSON that has one meaning only."""
    try:
        text = body.decode()
        json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON, or not clear.") from error
    return text


def unique(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object that has a name twice."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError


def refuse(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError


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

    @classmethod
    def from_request(cls) -> Self:
        """Read the request's query string, or answer with a 422."""
        given = request.args.lists()
        try:
            return cls.model_validate(
                {name: v[0] if len(v) == 1 else v for name, v in given}
            )
        except ValidationError as error:
            raise invalid(error) from error


class Page(Query):
    """Which part of a list is asked for."""

    page: int = Field(default=1, ge=1, le=10_000)
    per_page: int = Field(default=20, ge=1, le=100)
