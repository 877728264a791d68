"""What the worker does, run here."""

import smtplib
from email.message import EmailMessage
from typing import Any

import pytest
from celery.app import autoretry
from celery.result import EagerResult
from flask import Flask
from redis import Redis

from myapp import mail
from myapp.extensions import db
from myapp.models import Order


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """Give the mails that were sent."""
    sent: list[EmailMessage] = []
    monkeypatch.setattr(mail, "send", sent.append)
    return sent


@pytest.fixture(autouse=True)
def order(app: Flask) -> None:
    """Let there be an order whose confirmation was promised."""
    with app.app_context():
        db.session.add(Order(total_cents=0, email="ann@shop.example"))
        db.session.commit()


def run(app: Flask, name: str, *args: int) -> EagerResult[Any]:
    """Run a task here and now."""
    celery = app.extensions["celery"]
    task = celery.tasks[f"myapp.tasks.{name}"]
    result: EagerResult[Any] = task.apply(args)
    return result


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[object]:
    """Let each mail fail; give what was tried."""
    tried: list[object] = []

    def send(message: EmailMessage) -> None:
        tried.append(message)
        raise error

    monkeypatch.setattr(mail, "send", send)
    return tried


def test_a_second_run_mails_nothing(
    app: Flask, sent: list[EmailMessage]
) -> None:
    """The confirmation of an order is one mail."""
    states = [run(app, "confirm", 1).state for _ in range(2)]

    assert (["SUCCESS"] * 2, 1) == (states, len(sent))
    assert "ann@shop.example" == sent[0]["To"]
    assert "shop@shop.example" == sent[0]["From"]
    assert "<order-1@shop.example>" == sent[0]["Message-ID"]
    assert "Thank you. It is on its way.\n" == sent[0].get_content()


def test_two_runs_at_once_mail_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes while the mail is under way finds it taken."""
    sent = []
    others = iter([1])

    def send(message: EmailMessage) -> None:
        sent.append(message)
        for number in others:
            run(app, "confirm", number)

    monkeypatch.setattr(mail, "send", send)
    run(app, "confirm", 1)

    assert 1 == len(sent)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        smtplib.SMTPServerDisconnected(),
    ],
)
def test_what_passes_is_tried_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Six times in all, each later than the last, and not all at once."""
    waits: list[dict[str, object]] = []

    def interval(**how: object) -> int:
        waits.append(how)
        return 0

    name = "get_exponential_backoff_interval"
    monkeypatch.setattr(autoretry, name, interval)
    tried = fail(monkeypatch, error)

    assert "FAILURE" == run(app, "confirm", 1).state

    assert (6, 6) == (len(tried), len(waits))
    expected = {"factor": 10, "maximum": 600, "full_jitter": True}
    assert {**expected, "retries": 4} == waits[4]


def test_a_mail_that_failed_can_be_sent_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure takes the claim back."""
    with monkeypatch.context() as patch:
        fail(patch, TypeError())
        run(app, "confirm", 1)
    tried = fail(monkeypatch, TypeError())
    run(app, "confirm", 1)

    assert [] != tried


@pytest.mark.parametrize(
    "error", [TypeError("a bug"), smtplib.SMTPRecipientsRefused({})]
)
def test_a_bug_is_not_tried_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """What fails for ever fails once."""
    tried = fail(monkeypatch, error)

    assert "FAILURE" == run(app, "confirm", 1).state
    assert 1 == len(tried)


def test_an_order_without_an_address_gets_no_mail(
    app: Flask, sent: list[EmailMessage]
) -> None:
    """Nothing is sent to nobody, nor for an order there is not."""
    with app.app_context():
        db.session.add(Order(total_cents=0))
        db.session.commit()

    states = [run(app, "confirm", number).state for number in (2, 3)]

    assert (["SUCCESS"] * 2, []) == (states, sent)


def test_what_was_forgotten_is_queued_again(
    app: Flask, redis: Redis, sent: list[EmailMessage]
) -> None:
    """Each night finds promises, and only those that were not kept."""
    with app.app_context():
        db.session.add(Order(total_cents=0))
        db.session.add(Order(total_cents=0, email="bob@shop.example"))
        db.session.commit()
    run(app, "confirm", 1)

    run(app, "remind")

    messages = redis.lrange("celery", 0, -1)
    assert ["(3,)"] == [
        argument
        for message in messages
        for argument in ("(1,)", "(2,)", "(3,)")
        if f'"argsrepr": "{argument}"'.encode() in message
    ]


def test_without_a_server_the_log_is_told(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no mail can be sent, its subject is seen."""
    caplog.set_level("WARNING")
    run(app, "confirm", 1)

    assert "not sent: Your order 1" in caplog.messages


def test_a_mail_goes_to_the_server(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is the one of the settings, and has ten seconds."""
    said: list[object] = []

    class Server:
        """A mail server that takes everything."""

        def __init__(self, host: str, timeout: int) -> None:
            said.append((host, timeout))

        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *error: object) -> None:
            said.append("quit")

        def send_message(self, message: EmailMessage) -> None:
            said.append(message["Subject"])

    monkeypatch.setattr(smtplib, "SMTP", Server)
    app.config["SMTP_HOST"] = "mail.shop.example"

    assert "SUCCESS" == run(app, "confirm", 1).state
    assert [("mail.shop.example", 10), "Your order 1", "quit"] == said
