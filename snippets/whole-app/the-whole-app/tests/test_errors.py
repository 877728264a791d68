"""Errors, whoever raises them, and what a client gets to see of them."""

import logging
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
    default_exceptions,
)
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from myapp.errors import Problem

PROBLEM = "application/problem+json"
AnswerTo = Callable[[Exception], TestResponse]


class OutOfStock(Problem):
    """There is less than was asked for."""

    code = 409
    type = "https://shop.example/problems/out-of-stock"
    name = "Out of stock"


class Untitled(Problem):
    """A problem that is no more than its status."""

    code = 422


@pytest.fixture
def answer_to(app: Flask) -> AnswerTo:
    """Give what a client gets, in production, when a view raises."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def answer(error: Exception) -> TestResponse:
        def fail() -> NoReturn:
            raise error

        app.add_url_rule("/fail", view_func=fail)
        return app.test_client().get("/fail")

    return answer


@pytest.fixture
def echo(app: Flask) -> FlaskClient:
    """Give a client to an app that takes a little JSON."""
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/echo/")
    def echo() -> dict[str, Any]:
        return {"sent": request.get_json()}

    return app.test_client()


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_every_status_has_the_one_shape(
    code: int, answer_to: AnswerTo
) -> None:
    """Each error Werkzeug knows becomes a problem of its status."""
    response = answer_to(default_exceptions[code]())

    assert (code, PROBLEM) == (response.status_code, response.content_type)
    body = response.get_json()

    assert {"type", "title", "status", "detail"} == set(body)
    assert (code, "about:blank") == (body["status"], body["type"])
    assert response.status.endswith(body["title"].upper())


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status"),
    [
        ("GET", "/nowhere", "", "", 404),
        ("GET", "/<script>alert(1)</script>", "", "", 404),
        ("GET", "/%ff", "", "", 404),
        ("DELETE", "/echo/", "", "", 405),
        ("BREW", "/echo/", "", "", 405),
        ("POST", "/echo/", "{", "application/json", 400),
        ("POST", "/echo/", "", "application/json", 400),
        ("POST", "/echo/", "{}", "text/plain", 415),
        ("POST", "/echo/", '"a long word"', "application/json", 413),
    ],
)
def test_what_flask_raises_has_the_one_shape(
    method: str,
    path: str,
    body: str,
    content_type: str,
    status: int,
    echo: FlaskClient,
) -> None:
    """Errors that no view raises are problems too."""
    response = echo.open(
        path, method=method, data=body, content_type=content_type
    )

    assert (status, PROBLEM) == (response.status_code, response.content_type)
    assert status == response.get_json()["status"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/products/1", 404),
        ("POST", "/orders/1", 404),
        ("PUT", "/products/1", 405),
    ],
)
def test_what_the_shop_raises_has_the_one_shape(
    method: str, path: str, status: int, client: FlaskClient
) -> None:
    """The views of the shop answer as all else does."""
    response = client.open(path, method=method)

    assert (status, PROBLEM) == (response.status_code, response.content_type)


def test_an_untrusted_host_gets_a_problem(app: Flask) -> None:
    """A refused Host header comes back as JSON, never as HTML."""
    app.config["TRUSTED_HOSTS"] = ["shop.example"]
    response = app.test_client().get("/", headers={"Host": "<script>"})

    assert (400, PROBLEM) == (response.status_code, response.content_type)


def test_a_head_request_gets_the_head_of_a_problem(
    client: FlaskClient,
) -> None:
    """HEAD has the status and the type, and no body."""
    response = client.head("/nowhere")

    assert (404, PROBLEM) == (response.status_code, response.content_type)
    assert b"" == response.data


def test_a_description_is_never_html(answer_to: AnswerTo) -> None:
    """Markup in a description is text to the client."""
    response = answer_to(NotFound("<script>alert(1)</script>"))

    assert PROBLEM == response.content_type
    assert "<script>alert(1)</script>" == response.get_json()["detail"]


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (MethodNotAllowed(["GET"]), "Allow", "GET"),
        (TooManyRequests(retry_after=30), "Retry-After", "30"),
        (ServiceUnavailable(retry_after=60), "Retry-After", "60"),
        (
            Unauthorized(www_authenticate=WWWAuthenticate("basic")),
            "WWW-Authenticate",
            "Basic",
        ),
    ],
)
def test_the_headers_of_an_error_survive(
    error: HTTPException, header: str, value: str, answer_to: AnswerTo
) -> None:
    """What an error says in headers reaches the client."""
    assert value == answer_to(error).headers.get(header)


def test_an_answer_already_given_is_sent(answer_to: AnswerTo) -> None:
    """A response inside an error is not written over."""
    response = answer_to(NotFound(response=Response("Gone.", 410)))

    assert (410, b"Gone.") == (response.status_code, response.data)


def test_an_aborted_response_is_sent(app: Flask) -> None:
    """Flask's abort() with a response sends that response."""

    @app.get("/fail")
    def fail() -> NoReturn:
        abort(Response("Pay first.", 402))

    response = app.test_client().get("/fail")

    assert (402, b"Pay first.") == (response.status_code, response.data)


def test_a_redirect_stays_a_redirect(echo: FlaskClient) -> None:
    """The exception that adds a slash to a URL is no problem."""
    response = echo.post("/echo", json={})

    assert 308 == response.status_code
    assert response.location.endswith("/echo/")


def test_a_bug_tells_the_client_nothing(answer_to: AnswerTo) -> None:
    """The words of an exception stay with us."""
    response = answer_to(KeyError("hunter2"))

    assert (500, PROBLEM) == (response.status_code, response.content_type)
    assert "hunter2" not in response.text


def test_a_bug_is_logged_once(
    answer_to: AnswerTo, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the exception itself, once."""
    bug = KeyError("hunter2")
    answer_to(bug)

    assert [bug] == [r.exc_info[1] for r in caplog.records if r.exc_info]


def test_a_500_raised_by_hand_is_logged_and_hidden(
    answer_to: AnswerTo, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure of ours that we raise ourselves is one all the same."""
    error = InternalServerError("hunter2")
    response = answer_to(error)

    assert (500, PROBLEM) == (response.status_code, response.content_type)
    assert "hunter2" not in response.text
    assert [(logging.ERROR, "500 raised in fail")] == [
        (r.levelno, r.getMessage()) for r in caplog.records
    ]
    assert [error] == [r.exc_info[1] for r in caplog.records if r.exc_info]


def test_a_500_with_an_answer_sends_it(answer_to: AnswerTo) -> None:
    """A finished response survives in a 500 too."""
    sorry = Response("Sorry.", 500)

    assert b"Sorry." == answer_to(InternalServerError(response=sorry)).data


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            OutOfStock("Two are left.", left=2),
            {
                "type": "https://shop.example/problems/out-of-stock",
                "title": "Out of stock",
                "status": 409,
                "detail": "Two are left.",
                "left": 2,
            },
        ),
        (
            OutOfStock("None.", type="x", title="x", status=200),
            {
                "type": "https://shop.example/problems/out-of-stock",
                "title": "Out of stock",
                "status": 409,
                "detail": "None.",
            },
        ),
        (
            Untitled("No."),
            {
                "type": "about:blank",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "No.",
            },
        ),
    ],
)
def test_an_error_of_the_shop_has_a_type_and_members(
    error: Problem, expected: dict[str, Any], answer_to: AnswerTo
) -> None:
    """A problem of our own says which it is; its figures replace nothing."""
    response = answer_to(error)

    assert PROBLEM == response.content_type
    assert expected == response.get_json()


def test_a_problem_without_a_code_is_a_failure_of_ours(
    answer_to: AnswerTo, caplog: pytest.LogCaptureFixture
) -> None:
    """A class that forgot its code answers no 200, and we hear of it."""
    error = Problem("hunter2")

    assert 500 == answer_to(error).status_code
    assert [error] == [r.exc_info[1] for r in caplog.records if r.exc_info]


def test_a_problem_that_cannot_be_written_is_a_failure_of_ours(
    answer_to: AnswerTo,
) -> None:
    """What is no JSON does not take the one shape away."""
    response = answer_to(OutOfStock("Two are left.", left=object()))

    assert (500, PROBLEM) == (response.status_code, response.content_type)


def test_an_error_without_description_has_no_detail(
    answer_to: AnswerTo,
) -> None:
    """A status of one's own may have nothing to say."""
    error = HTTPException()
    error.code = 499
    response = answer_to(error)

    assert (499, PROBLEM) == (response.status_code, response.content_type)
    assert {"type", "title", "status"} == set(response.get_json())
