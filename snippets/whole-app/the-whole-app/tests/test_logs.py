"""What the shop writes down, and what it does not."""

import logging
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from myapp import create_app

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def app(app: Flask) -> Flask:
    """Add a view that fails, one that streams and one that says a word."""

    @app.get("/fail/<token>")
    def fail(token: str) -> str:
        raise RuntimeError('with a "quote"')

    @app.get("/stream")
    def stream() -> Iterator[str]:
        yield "a"
        logging.getLogger("myapp.stream").info("streaming")

    @app.get("/teas/<int:number>")
    def tea(number: int) -> str:
        return "tea"

    @app.get("/say")
    def say() -> str:
        logging.getLogger("myapp.say").info("said %s", request.args["word"])
        return "said"

    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def test_a_line_is_written_once(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    """In a process that begins afresh, whatever logger is used."""
    for logger in (logging.root, logging.getLogger("myapp")):
        monkeypatch.setattr(logger, "handlers", [])

    app = create_app({})
    lines()
    app.logger.warning("tea is sold out")

    assert ["tea is sold out"] == [line["message"] for line in lines()]


def test_gunicorns_lines_are_json_too(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    """A worker of gunicorn had a handler for them, and no other's."""
    logger = logging.getLogger("gunicorn.error")
    monkeypatch.setattr(logger, "handlers", [logging.StreamHandler()])
    monkeypatch.setattr(logger, "propagate", False)

    create_app({})
    lines()
    logger.warning("worker is late")

    assert ["worker is late"] == [line["message"] for line in lines()]


def test_every_module_may_inform(app: Flask, lines: Lines) -> None:
    """What is below a warning is written too, and what is below that not."""
    logging.getLogger("myapp.stock").info("hello")
    logging.getLogger("myapp.stock").debug("noise")

    found = lines()

    assert [("myapp.stock", "INFO", "hello")] == [
        (x["logger"], x["level"], x["message"]) for x in found
    ]
    moment = datetime.fromisoformat(found[0]["time"])
    assert 60 > abs((datetime.now(UTC) - moment).total_seconds())
    assert len("2026-11-23T01:00:00.000+00:00") == len(found[0]["time"])


def test_no_library_informs(app: Flask, lines: Lines) -> None:
    """What others tell by the way is not chosen, so it is not written."""
    logging.getLogger("httpx").info("GET https://a.example/?t=hunter2")
    logging.getLogger("httpx").warning("no answer")

    assert ["no answer"] == [line["message"] for line in lines()]


def test_a_request_is_one_line(client: FlaskClient, lines: Lines) -> None:
    """It says what was asked, by route, and what came of it."""
    for method, path in [("GET", "2"), ("PUT", "2"), ("HUNTER2", "no")]:
        client.open(f"/teas/{path}", method=method, buffered=True)

    found = lines()

    assert [
        ("GET", "/teas/<int:number>", 200),
        ("PUT", "unknown", 405),
        ("unknown", "unknown", 404),
    ] == [(x["method"], x["route"], x["status"]) for x in found]
    assert {"request"} == {x["message"] for x in found}
    assert 3 == len({x["request_id"] for x in found})
    assert [True] * 3 == [0 < x["seconds"] < 60 for x in found]


def test_a_stream_is_over_when_it_is_written(
    client: FlaskClient, lines: Lines
) -> None:
    """The line of a request comes after all that was sent."""
    client.get("/stream", buffered=True)

    assert ["streaming", "request"] == [line["message"] for line in lines()]


def test_nothing_a_client_sent_is_written(
    client: FlaskClient, lines: Lines
) -> None:
    """A secret in a path, a query, a header or a body stays there."""
    client.set_cookie("session", "hunter2")
    for path in ("/products", "/hunter2", "/fail/hunter2"):
        client.get(
            path,
            query_string={"token": "hunter2"},
            headers={"Authorization": "hunter2", "User-Agent": "hunter2"},
            data="hunter2",
            buffered=True,
        )

    found = lines()

    assert 3 == [line["message"] for line in found].count("request")
    assert "hunter2" not in str(found)


def test_a_client_writes_no_lines(client: FlaskClient, lines: Lines) -> None:
    """Line ends and quotes of a client stay within what he said."""
    word = 'tea"}\n{"level": "\u2028'
    client.get("/say", query_string={"word": word}, buffered=True)

    found = [line.get("message") for line in lines()]

    assert [f"said {word}", "request"] == found


def test_a_failure_is_one_line_too(client: FlaskClient, lines: Lines) -> None:
    """A traceback is part of a line, and the client gets the id of it."""
    answer = client.get("/fail/x", buffered=True)

    found = lines()

    assert ["ERROR", "INFO"] == [line.get("level") for line in found]
    traceback = found[0]["message"].split("\n")
    assert "request failed" == traceback[0]
    assert 'RuntimeError: with a "quote"' == traceback[-1]
    assert 500 == found[1]["status"]
    name = answer.headers["X-Request-ID"]
    assert [name, name] == [line["request_id"] for line in found]


def test_all_lines_of_a_request_have_its_id(
    client: FlaskClient, lines: Lines
) -> None:
    """An event of the shop can be found from the header of the answer."""
    answer = client.get("/say?word=tea", buffered=True)

    found = [line.get("request_id") for line in lines()]
    assert [answer.headers["X-Request-ID"]] * 2 == found


@pytest.mark.parametrize("sent", ["a1-B2-c3", "f" * 64])
def test_an_id_of_the_proxy_is_taken(client: FlaskClient, sent: str) -> None:
    """A word of letters, digits and dashes is one."""
    answer = client.get("/products", headers={"X-Request-ID": sent})

    assert sent == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "sent", ["", "a" * 7, "a" * 65, "<script>", "a1-B2-c3,a1-B2-c3", "é" * 9]
)
def test_an_id_is_taken_in_a_safe_form_only(
    client: FlaskClient, sent: str
) -> None:
    """Anything else, and each request has an id of its own."""
    answers = [
        client.get("/products", headers={"X-Request-ID": sent})
        for _ in range(2)
    ]

    found = [answer.headers["X-Request-ID"] for answer in answers]
    assert [32, 32] == [len(x) if x != sent else sent for x in found]
    assert 2 == len(set(found))


def test_what_is_no_json_is_told(app: Flask, lines: Lines) -> None:
    """A line that a machine cannot read does not pass for one."""
    print("[INFO] ready", file=sys.stderr)

    assert [{"message": "no JSON: [INFO] ready"}] == lines()


def test_without_a_request_there_is_no_id(app: Flask, lines: Lines) -> None:
    """A line that belongs to no request says so by having no id."""
    with app.app_context():
        app.logger.info("inside")
    app.logger.info("outside")

    assert [False, False] == ["request_id" in line for line in lines()]
