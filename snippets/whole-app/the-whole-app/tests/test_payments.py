"""Money is asked for in time, and once."""

import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from redis import Redis
from werkzeug.test import TestResponse

from myapp import payments
from myapp.extensions import db
from myapp.models import Order, Payment, Product
from myapp.provider import OutageError, Provider, charge, send


@pytest.fixture(autouse=True)
def ordered(
    app: Flask, client: FlaskClient, redis: Redis, fake: SimpleNamespace
) -> None:
    """Let a customer order tea for 450 cents."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    client.post("/orders/1")
    with app.app_context():
        assert [1] == db.session.scalars(db.select(Order.id)).all()


@pytest.fixture
def known(app: Flask) -> Provider:
    """Give the provider as the shop knows it."""
    found: Provider = app.extensions["payments"]
    return found


def pay(client: FlaskClient, order: int = 1) -> TestResponse:
    """Pay an order."""
    asked = {"order": order, "card": "tok_4242"}
    return client.post("/payments", json=asked)


def stored(app: Flask) -> list[tuple[str, int | None]]:
    """Give the state and the claim of every payment."""
    with app.app_context():
        found = db.session.scalars(db.select(Payment).order_by(Payment.id))
        return [(payment.state, payment.claims) for payment in found]


def ended_in_time(known: Provider) -> bool:
    """Tell whether a call that is given 0.2 s ends long before a second."""
    began = time.monotonic()
    with pytest.raises(OutageError):
        send(known, 0.2, "GET", "/charges/a")
    return time.monotonic() - began < 0.9


def test_a_late_answer_is_not_waited_for(
    fake: SimpleNamespace, known: Provider
) -> None:
    """The time that is given ends the wait."""
    fake.plan = ["late"]

    assert ended_in_time(known), "the call outlived its time"


def test_a_dripping_answer_is_not_waited_for(
    fake: SimpleNamespace, known: Provider
) -> None:
    """Nor does a byte now and then prolong it."""
    fake.plan = ["drip"]
    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(ended_in_time, known)
        done, _ = wait([ended], timeout=1.5)
        fake.answer_now.set()

    assert {ended} == done, "the call outlived its time"


def test_what_waits_past_its_time_is_never_sent(
    fake: SimpleNamespace, known: Provider
) -> None:
    """A call that found no thread in time is not made later."""
    known.threads = ThreadPoolExecutor(1)
    fake.plan = ["late"]
    for path in ("/charges/a", "/charges/b"):
        with pytest.raises(OutageError):
            send(known, 0.2, "GET", path)
    fake.answer_now.set()
    known.threads.shutdown()

    assert ["a"] == fake.seen


def test_a_charge_that_timed_out_is_charged_once(
    app: Flask, client: FlaskClient, fake: SimpleNamespace
) -> None:
    """Received twice, answered once, charged once."""
    fake.plan = ["late"]

    paid = pay(client)

    assert 1 == len(fake.charged), f"charged {len(fake.charged)} times"
    assert [450] == list(fake.charged.values())
    assert (201, "/payments/1") == (paid.status_code, paid.location)
    expected = {"payment": 1, "amount_cents": 450, "state": "paid"}
    assert expected == paid.json == client.get("/payments/1").json


def test_attempts_are_few_and_share_a_key(
    fake: SimpleNamespace, known: Provider
) -> None:
    """Three attempts at most, one key."""
    fake.plan = [503, 502, 500, 201]

    state = charge(known, "k", 450, "tok_1")

    assert ("pending", ["k", "k", "k"]) == (state, fake.seen)


def test_no_attempt_after_the_deadline(
    fake: SimpleNamespace, known: Provider
) -> None:
    """Two halves of the time, and no third."""
    fake.plan = ["late", "late"]

    assert "pending" == charge(known, "k", 450, "tok_1")
    assert 2 == len(fake.seen)


def test_the_truth_is_asked_for_later(
    app: Flask,
    client: FlaskClient,
    fake: SimpleNamespace,
    runner: FlaskCliRunner,
) -> None:
    """A payment nobody answered for is open until the provider tells."""
    fake.plan = ["late", "late", 503]

    assert (202, "pending") == (pay(client).status_code, stored(app)[0][0])
    runner.invoke(args=["payments", "settle"])
    assert [("pending", 1)] == stored(app)
    runner.invoke(args=["payments", "settle"])
    assert [("paid", 1)] == stored(app)
    assert 1 == len(fake.charged), f"charged {len(fake.charged)} times"


def test_what_never_arrived_is_given_up(
    app: Flask,
    client: FlaskClient,
    fake: SimpleNamespace,
    runner: FlaskCliRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unknown to the provider is no end while it may still arrive."""
    fake.plan = [500, 500, 500]
    pay(client)

    runner.invoke(args=["payments", "settle"])
    assert [("pending", 1)] == stored(app)
    monkeypatch.setattr(payments, "ARRIVES_WITHIN", timedelta(seconds=-1))
    runner.invoke(args=["payments", "settle"])
    assert [("unsent", None)] == stored(app)


def test_the_payment_is_stored_before_the_call(
    app: Flask, fake: SimpleNamespace, client: FlaskClient
) -> None:
    """While the provider thinks, the key is stored and the database idle."""
    found: list[tuple[bool, str, str]] = []

    def look(to: Provider, key: str, cents: int, card: str) -> str:
        busy = db.session().in_transaction()
        payment = db.session.scalars(db.select(Payment)).one()
        found.append((busy, payment.state, payment.key))
        db.session.rollback()
        return charge(to, key, cents, card)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(payments, "charge", look)
        pay(client)

    assert [(False, "pending", fake.seen[0])] == found


def test_an_order_has_one_open_payment(
    app: Flask, client: FlaskClient, fake: SimpleNamespace
) -> None:
    """A second click finds the first; a refused card may be replaced."""
    fake.plan = [402]

    statuses = [pay(client).status_code for _ in range(3)]

    assert ([402, 201, 409], 2) == (statuses, len(fake.seen))
    assert [("refused", None), ("paid", 1)] == stored(app)
    assert 404 == pay(client, order=2).status_code


def test_an_end_is_final(app: Flask, client: FlaskClient) -> None:
    """What is paid stays paid."""
    pay(client)
    with app.app_context():
        payments.settle(db.session.get_one(Payment, 1), "refused")

    assert [("paid", 1)] == stored(app)


def test_an_open_breaker_sends_nothing(
    app: Flask, client: FlaskClient, fake: SimpleNamespace, known: Provider
) -> None:
    """The customer is told at once, and may come again."""
    known.breaker.open()

    refused = pay(client)

    assert (503, "30") == (refused.status_code, refused.headers["Retry-After"])
    assert ([], [("unsent", None)]) == (fake.seen, stored(app))


def test_the_token_is_kept_nowhere(
    app: Flask,
    client: FlaskClient,
    fake: SimpleNamespace,
    redis: Redis,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not in the database, not in Redis, not in the log."""
    fake.plan = [503, 503, 503]
    pay(client)
    with app.app_context():
        row = db.session.execute(db.text("SELECT * FROM payment")).one()
    values = [redis.get(name) for name in redis.keys()]

    kept = f"{row} {values} {caplog.text}"
    assert ("450" in kept, "tok_4242" in kept) == (True, False)
    assert "breaker payments: OutageError" in kept
