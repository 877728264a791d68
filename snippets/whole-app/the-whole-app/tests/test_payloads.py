"""What clients send."""

import logging

import pytest
from flask import Flask

from myapp import support
from myapp.extensions import db
from myapp.models import Chat
from myapp.support import NAMESPACE

from .conftest import Connect

SAYING = {"chat": 1, "text": "Hello"}


@pytest.fixture(autouse=True)
def chat(app: Flask) -> None:
    """Let there be a chat."""
    with app.app_context():
        db.session.add(Chat(customer_id=1, agent_id=2))
        db.session.commit()


@pytest.mark.parametrize(
    "sent",
    [
        (),
        (None,),
        ("Hello",),
        (1,),
        ([SAYING],),
        (SAYING, SAYING),
        ({},),
        ({"text": "Hello"},),
        (SAYING | {"by": 2},),
        (SAYING | {"chat": "1"},),
        (SAYING | {"chat": True},),
        (SAYING | {"chat": 0},),
        (SAYING | {"chat": 2**31},),
        (SAYING | {"text": None},),
        (SAYING | {"text": ["Hello"]},),
        (SAYING | {"text": ""},),
        (SAYING | {"text": "x" * 1001},),
        (SAYING | {"text": "\ud800"},),
        (b"Hello",),
    ],
)
def test_what_is_no_saying_is_not_understood(
    connect: Connect, sent: tuple[object, ...]
) -> None:
    """It is answered, told to nobody, and the next word is heard."""
    client = connect(1)
    client.emit("join", {"chat": 1}, namespace=NAMESPACE)

    answer = client.emit("say", *sent, callback=True, namespace=NAMESPACE)
    client.emit("say", SAYING, namespace=NAMESPACE)

    assert {"error": "not understood"} == answer
    assert 1 == len(client.get_received(NAMESPACE))


@pytest.mark.parametrize(
    "saying", [SAYING | {"text": "x" * 1000}, SAYING | {"chat": 2**31 - 1}]
)
def test_what_just_fits_is_understood(
    connect: Connect, saying: dict[str, object]
) -> None:
    """The longest text and the last number are taken."""
    answer = connect(1).emit(
        "say", saying, callback=True, namespace=NAMESPACE
    )

    assert answer in ({}, {"error": "no such chat"})


def test_a_fault_of_ours_is_answered_and_logged(
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The client learns that it failed, and we learn why."""
    client = connect(1)
    monkeypatch.setattr(support, "emit", None)

    answer = client.emit("say", SAYING, callback=True, namespace=NAMESPACE)

    assert {"error": "failed"} == answer
    [record] = caplog.records
    assert (logging.ERROR, "in the support chat") == (
        record.levelno,
        record.getMessage(),
    )
    assert record.exc_info and record.exc_info[0] is TypeError
