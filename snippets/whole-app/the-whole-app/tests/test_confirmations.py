"""Confirmations are asked for, and told of."""

import re
import socket
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from myapp import background, create_app, tasks
from myapp.extensions import db
from myapp.models import Order, Product

URL = "/confirmations/1"
BODY = {"email": "ann@shop.example"}


@pytest.fixture(autouse=True)
def order(app: Flask, client: FlaskClient) -> None:
    """Let the visitor have an order."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    client.post("/orders/1")


def stored(app: Flask) -> Order:
    """Give the order as it is in the database."""
    with app.app_context():
        return db.session.get_one(Order, 1)


def test_the_request_hands_over(
    app: Flask, client: FlaskClient, redis: Redis
) -> None:
    """The mail is promised, queued under its id, and waits."""
    assert 404 == client.get(URL).status_code
    asked = client.put(URL, json=BODY)

    expected = {"order": 1, "mail": "waiting"}
    assert (202, expected) == (asked.status_code, asked.json)
    assert expected == client.get(URL).json
    job = stored(app).job
    assert job is not None
    assert re.fullmatch("[0-9a-f]{32}", job)
    assert job.encode() in (redis.lindex("celery", 0) or b"")


def test_the_row_is_there_before_the_task(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is faster than the request finds the address."""
    found = []

    def hand_over(task: object, number: int, job: str) -> None:
        db.session.rollback()
        order = db.session.get_one(Order, number)
        found.append((task, order.email, order.job == job))

    monkeypatch.setattr(background, "hand_over", hand_over)
    client.put(URL, json=BODY)

    assert [(tasks.confirm, "ann@shop.example", True)] == found


def test_a_mail_that_was_sent_is_told(
    app: Flask, client: FlaskClient, redis: Redis
) -> None:
    """The row knows, even when the result is long gone."""
    client.put(URL, json=BODY)
    app.extensions["celery"].tasks["myapp.tasks.confirm"].apply([1])

    assert {"order": 1, "mail": "sent"} == client.get(URL).json


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
def test_a_failure_is_told(
    app: Flask, client: FlaskClient, redis: Redis
) -> None:
    """A task that gave up is a word, and no 500."""
    client.put(URL, json=BODY)
    backend = app.extensions["celery"].backend
    backend.mark_as_failure(stored(app).job, TypeError("hunter2"))

    told = client.get(URL)

    expected = {"order": 1, "mail": "failed"}
    assert (200, expected) == (told.status_code, told.json)


def test_a_stranger_learns_nothing(app: Flask, client: FlaskClient) -> None:
    """To others there is no such order, with a session or without."""
    client.put(URL, json=BODY)
    stranger, nobody = app.test_client(), app.test_client()
    stranger.post("/orders/1")

    for other in (stranger, nobody):
        found = [other.get(URL), other.put(URL, json=BODY)]
        assert [404, 404] == [answer.status_code for answer in found]


def asked_without(url: str, app: Flask) -> list[object]:
    """Ask for a mail where the queue is elsewhere, and wait a little."""
    shop = create_app({**app.config, "REDIS_URL": url})
    with shop.app_context():
        db.create_all()
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    answers: list[object] = []

    def ask() -> None:
        client = shop.test_client()
        client.post("/orders/1")
        for answer in (client.put(URL, json=BODY), client.get(URL)):
            answers.append((answer.status_code, answer.json))

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(10)
    with shop.app_context():
        db.engine.dispose()
    return answers


REFUSED = (503, {"problem": "No mails are sent at the moment."})


def test_without_a_queue_it_is_a_503(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody listens on port 1, and the breaker says so too."""
    answers = asked_without("redis://127.0.0.1:1", app)

    assert [REFUSED] * 2 == answers
    told = [m[:15] for m in caplog.messages if m.startswith("no queue")]
    assert ["no queue: Error"] * 2 == told


def test_a_silent_queue_is_a_503_too(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody listens, and never says a word."""
    monkeypatch.setitem(background.TIMEOUTS, "socket_timeout", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"

        assert [REFUSED] * 2 == asked_without(url, app)


@pytest.mark.parametrize(
    "body",
    [
        [],
        "ann@shop.example",
        {},
        {"email": None},
        {"email": 1},
        {"email": "ann"},
        {"email": "ann@shop"},
        {"email": "ann@shop.example\nBcc: bob@shop.example"},
        {"email": "ann@shop.example,bob@shop.example"},
        {"email": "ann@shop.example "},
        {"email": f"a@{'b' * 250}.ex"},
    ],
)
def test_what_is_no_address_is_refused(
    app: Flask, client: FlaskClient, body: object
) -> None:
    """A wrong body is the client's mistake, and nothing is promised."""
    assert 400 == client.put(URL, json=body).status_code
    assert (None, None) == (stored(app).email, stored(app).job)


def test_the_longest_address_is_taken(client: FlaskClient) -> None:
    """What the column holds is no mistake."""
    longest = f"a@{'b' * 249}.ex"

    assert 202 == client.put(URL, json={"email": longest}).status_code
