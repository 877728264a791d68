"""Whatever is sent, the answer is a 4xx that tells where, and not what."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from myapp.validation import Body, InvalidRequest

JSON = "application/json"
PROBLEM = "application/problem+json"
GOOD = {
    "email": "ann@example.com",
    "lines": [{"product_id": 1, "quantity": 2}],
    "deliver_on": "2026-01-02",
}
Send = Callable[..., TestResponse]


@pytest.fixture
def send(app: Flask) -> Send:
    """Give what asks the shop for a quote, in any words."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def send(body: str | bytes, content_type: str = JSON) -> TestResponse:
        return app.test_client().post(
            "/quotes", data=body, content_type=content_type
        )

    return send


def faults(response: TestResponse) -> list[tuple[str, str]]:
    """Give the field and the code of each fault."""
    errors = response.get_json().get("errors", [])
    return [(error["field"], error["code"]) for error in errors]


def spoiled(**fields: Any) -> str:
    """Give a good body with some fields spoiled."""
    return json.dumps({**GOOD, **fields})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"{", 400, id="half"),
        pytest.param(b"{} {}", 400, id="two"),
        pytest.param(b"\xff{}", 400, id="not UTF-8"),
        pytest.param("{}".encode("utf-16"), 400, id="UTF-16"),
        pytest.param("\ufeff{}".encode(), 400, id="byte order mark"),
        pytest.param(b"NaN", 400, id="NaN"),
        pytest.param(b'{"note": -Infinity}', 400, id="Infinity"),
        pytest.param(b"9" * 5_000, 400, id="long number"),
        pytest.param(b"[" * 100_000, 400, id="deep list"),
        pytest.param(b'{"a":' * 100_000, 400, id="deep object"),
        pytest.param(b" " * 1_000_001, 413, id="large"),
        pytest.param(b"null", 422, id="null"),
        pytest.param(b"true", 422, id="true"),
        pytest.param(b"1e999", 422, id="large number"),
        pytest.param(b'"text"', 422, id="string"),
        pytest.param(b"[]", 422, id="list"),
        pytest.param(b"{}", 422, id="empty object"),
        pytest.param(b'"\\ud800"', 422, id="half a character"),
        pytest.param(b'{"\\ud800": 1}', 422, id="half a name"),
    ],
)
def test_no_body_is_a_failure_of_ours(
    body: bytes, status: int, send: Send
) -> None:
    """Any bytes at all are answered with a 4xx of the one shape."""
    response = send(body)

    assert status == response.status_code
    assert PROBLEM == response.content_type


def test_a_number_beyond_all_bounds_is_no_float(app: Flask) -> None:
    """JSON may say 1e999, which Python reads as infinite."""

    class Parcel(Body):
        grams: float

    with app.test_request_context(
        method="POST", data='{"grams": 1e999}', content_type=JSON
    ):
        with pytest.raises(InvalidRequest):
            Parcel.from_request()


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/js"])
def test_only_json_is_read(content_type: str, send: Send) -> None:
    """A body that does not say it is JSON is not taken for it."""
    assert 415 == send(json.dumps(GOOD), content_type).status_code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("null", "model_type"),
        ("[]", "model_type"),
        ('"\\ud800"', "json_invalid"),
    ],
)
def test_a_body_that_is_no_object_is_refused(
    body: str, code: str, send: Send
) -> None:
    """The fault is then that of the whole body."""
    assert [("", code)] == faults(send(body))


@pytest.mark.parametrize(
    "body",
    [
        '{"email": "a@example.com", "email": "b@example.com"}',
        '{"lines": [{"quantity": 1, "quantity": 2}]}',
    ],
)
def test_two_readings_of_a_body_are_refused(body: str, send: Send) -> None:
    """A name given twice means one thing here and another elsewhere."""
    response = send(body)

    assert 400 == response.status_code
    detail = response.get_json()["detail"]
    assert "The body is not JSON, or not clear." == detail


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"email": None}, "/email", "string_type"),
        ({"email": 1}, "/email", "string_type"),
        ({"email": "ann"}, "/email", "value_error"),
        ({"lines": {}}, "/lines", "list_type"),
        ({"lines": []}, "/lines", "too_short"),
        ({"lines": [None]}, "/lines/0", "model_type"),
        ({"lines": [{}]}, "/lines/0/product_id", "missing"),
        (
            {"lines": [{"product_id": 1, "quantity": "2"}]},
            "/lines/0/quantity",
            "int_type",
        ),
        (
            {"lines": [{"product_id": 1, "quantity": True}]},
            "/lines/0/quantity",
            "int_type",
        ),
        (
            {"lines": [{"product_id": 1, "quantity": 1.0}]},
            "/lines/0/quantity",
            "int_type",
        ),
        ({"deliver_on": 1767312000}, "/deliver_on", "date_type"),
        ({"deliver_on": "2026-02-30"}, "/deliver_on", "date_parsing"),
        ({"deliver_on": "02.01.2026"}, "/deliver_on", "date_parsing"),
        ({"is_admin": True}, "", "extra_forbidden"),
        (
            {"lines": [{"product_id": 1, "quantity": 1, "price_cents": 1}]},
            "/lines/0",
            "extra_forbidden",
        ),
    ],
)
def test_a_fault_is_named_by_its_field(
    fields: dict[str, Any], field: str, code: str, send: Send
) -> None:
    """A pointer says where, a code says what is wrong there."""
    response = send(spoiled(**fields))

    assert 422 == response.status_code
    assert (field, code) in faults(response)


def test_all_faults_are_named_at_once_and_once(send: Send) -> None:
    """A client mends everything in one go; what repeats is told once."""
    body = {f"unknown {number}": number for number in range(1_000)}

    assert {
        "type": "https://shop.example/problems/invalid-request",
        "title": "Invalid request",
        "status": 422,
        "detail": "Mend the fields that errors names.",
        "errors": [
            {"field": "", "code": "extra_forbidden"},
            {"field": "/deliver_on", "code": "missing"},
            {"field": "/email", "code": "missing"},
            {"field": "/lines", "code": "missing"},
        ],
    } == send(json.dumps(body)).get_json()


@pytest.mark.parametrize(
    "body",
    [
        "hunter2",
        '{"hunter2": NaN}',
        '"hunter2"',
        '{"password": "hunter2"}',
        spoiled(hunter2=1),
        spoiled(email="hunter2"),
        spoiled(email="hunter2@hunter2"),
        spoiled(email="ann@hunter2\u0127.example.com"),
        spoiled(email={"hunter2": "hunter2"}),
        spoiled(lines="hunter2"),
        spoiled(lines=[{"hunter2": 1}]),
        spoiled(lines=[{"product_id": "hunter2", "quantity": 1}]),
        spoiled(deliver_on="hunter2"),
        spoiled(note="\x00hunter2"),
    ],
)
def test_the_input_is_never_sent_back(body: str, send: Send) -> None:
    """Neither values nor unknown names come back, in body or headers."""
    response = send(body)

    assert 4 == response.status_code // 100
    assert "hunter2" not in response.text + str(response.headers)
