"""The description says what the shop answers, and the shop says no more."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask, url_for
from flask.testing import FlaskClient
from hypothesis import Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from myapp import create_app

COMMITTED = Path(__file__).parents[1] / "openapi.json"
FEW = settings(
    phases=[Phase.generate],
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
)


@pytest.fixture
def description() -> dict[str, Any]:
    """Give the description of a shop as others read it."""
    spec = create_app({"TESTING": True}).spec
    found: dict[str, Any] = json.loads(json.dumps(spec))
    return found


def faults_of(case: schemathesis.Case[Any]) -> list[str]:
    """Send one request, and say what the description does not allow."""
    try:
        case.call_and_validate()
    except FailureGroup as group:
        return [fault.title for fault in group.exceptions]
    return []


def test_the_committed_description_is_the_one_of_the_routes(
    description: dict[str, Any],
) -> None:
    """A change of what clients see is a change of a reviewed file."""
    assert json.loads(COMMITTED.read_text()) == description


def test_every_route_is_described(
    app: Flask, description: dict[str, Any]
) -> None:
    """No URL but that of static files is left out."""
    described = {
        (path.replace("{", "<int:").replace("}", ">"), method.upper())
        for path, methods in description["paths"].items()
        for method in methods
    }
    routes = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert routes == described


def test_answers_are_those_described(
    app: Flask, description: dict[str, Any]
) -> None:
    """Whatever is sent, statuses and bodies are among the described."""
    schema = schemathesis.openapi.from_dict(description)
    schema.app = app
    found = schema.get_all_operations()
    operations = [one.ok() for one in found if isinstance(one, Ok)]

    for operation in operations:

        @FEW
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case[Any]) -> None:
            """Send one request."""
            assert [] == faults_of(case)

        answers()

    assert 3 == len(operations)


def test_what_is_not_described_is_found(
    app: Flask, description: dict[str, Any]
) -> None:
    """The comparison itself can fail."""
    del description["paths"]["/products"]["get"]["responses"]["200"]
    schema = schemathesis.openapi.from_dict(description)
    schema.app = app

    found = faults_of(schema["/products"]["GET"].Case())

    assert ["Undocumented status code"] == found


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ('{"name": "cocoa"}', "application/json", 201),
        ('{"name": "' + 80 * "x" + '"}', "application/json", 201),
        ('{"name": "' + 81 * "x" + '"}', "application/json", 422),
        ('{"name": ""}', "application/json", 422),
        ('{"name": 7}', "application/json", 422),
        ('{"name": "cocoa", "id": 1}', "application/json", 422),
        ("null", "application/json", 422),
        ("[]", "application/json", 422),
        ("{", "application/json", 400),
        ('{"name": "cocoa"}', "text/plain", 415),
    ],
)
def test_a_body_is_what_the_model_says(
    client: FlaskClient, body: str, content_type: str, status: int
) -> None:
    """What does not fit is refused with a described status."""
    answer = client.post("/products", data=body, content_type=content_type)

    assert status == answer.status_code


def test_a_new_product_is_sold(app: Flask, client: FlaskClient) -> None:
    """What is added gets the next number, and is found there."""
    added = client.post("/products", json={"name": "cocoa"})

    assert {"id": 3, "name": "cocoa"} == added.json
    with app.test_request_context():
        place = url_for("products.show", product_id=3)
    assert added.json == client.get(place).json


def test_an_error_says_nothing_of_what_was_sent(client: FlaskClient) -> None:
    """A refused value is not in the answer, nor is the field."""
    refused = client.post("/products", json={"hunter2": "hunter2"})

    assert {"type", "title", "status", "detail"} == set(refused.get_json())
    assert "hunter2" not in refused.text


def test_an_error_keeps_its_headers(client: FlaskClient) -> None:
    """A 405 is a problem, and names the methods that are allowed."""
    refused = client.delete("/products/1")

    assert "application/problem+json" == refused.content_type
    assert {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": "The method is not allowed for the requested URL.",
    } == refused.json
    assert {"GET", "HEAD", "OPTIONS"} == set(refused.allow)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
def test_nothing_of_it_is_public(client: FlaskClient, path: str) -> None:
    """The shop serves neither its description nor a page around it."""
    assert 404 == client.get(path).status_code
