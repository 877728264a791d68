"""Limits, and what a client may try against them."""

import logging
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp import accounts


class Clock:
    """A clock that goes when it is told to."""

    now = 1_700_000_000.5

    def __call__(self) -> float:
        """Give the time."""
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Let a test say what time it is."""
    with patch("time.time", Clock()) as clock:
        yield clock


def test_the_whole_shop_has_one_count(client: FlaskClient) -> None:
    """Going from page to page does not help, nor does a method."""
    pages = ["/products", "/products/1", "/orders/1", "/orders/2"] * 30
    found = {client.get(page).status_code for page in pages}

    assert {200, 404} == found
    assert 429 == client.get("/products/7").status_code
    assert 429 == client.head("/products").status_code
    assert 429 == client.post("/orders/1").status_code


def test_a_monitor_is_never_refused(client: FlaskClient) -> None:
    """The health check is answered, and counts for nothing."""
    answers = [client.get("/health").status_code for _ in range(150)]

    assert [200] * 150 == answers
    assert {"status": "alive"} == client.get("/health").get_json()
    assert 200 == client.get("/products").status_code


def orders(client: FlaskClient, number: int) -> int:
    """Send so many orders, and count those that are looked at."""
    sent = [client.post("/orders/1").status_code for _ in range(number)]
    return sent.count(404)


def test_no_burst_at_the_end_of_a_window(
    client: FlaskClient, clock: Clock
) -> None:
    """Within any minute there are no more than twenty orders."""
    assert 1 == orders(client, 1)
    clock.now += 59
    assert 19 == orders(client, 30)
    clock.now += 2
    assert 1 == orders(client, 30)


def test_a_refusal_says_when_to_come_back(
    client: FlaskClient, clock: Clock
) -> None:
    """Who waits as long as told is let in; a second less is too early."""
    orders(client, 20)
    clock.now += 29.75
    refused = client.post("/orders/1")

    assert "31" == refused.headers["Retry-After"]
    assert "application/problem+json" == refused.content_type
    clock.now += 29.75
    assert 429 == client.post("/orders/1").status_code
    clock.now += 1.25
    assert 404 == client.post("/orders/1").status_code


def test_tries_at_the_same_time_are_counted(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one password is checked, the next try is counted already."""
    guess = {"email": "ann@example.com", "password": "guess"}
    checked: list[int] = []

    def check(email: str, password: str) -> None:
        checked.append(len(checked))
        assert 10 >= len(checked)
        app.test_client().post("/accounts/login", data=guess)

    monkeypatch.setattr(accounts, "authenticate", check)
    app.test_client().post("/accounts/login", data=guess)

    assert 10 == len(checked)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b'{"email": 1}', b"\xff", b"[" * 9_000]
)
def test_no_body_switches_the_counting(
    client: FlaskClient, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be read is refused, and counted where all is."""
    with caplog.at_level(logging.WARNING, "flask-limiter"):
        answers = [
            client.post("/tokens", data=body, content_type="application/json")
            for _ in range(11)
        ]

    found = [answer.status_code for answer in answers]
    assert ["", 429] == [caplog.text, found[10]]
    assert {4} == {status // 100 for status in found}
