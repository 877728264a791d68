"""Baskets are ordered by a worker."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from myapp.extensions import db
from myapp.models import Order, Product

URL = f"/baskets/{uuid.UUID(int=7)}"


@pytest.fixture(autouse=True)
def products(app: Flask) -> None:
    """Let the shop sell two products."""
    with app.app_context():
        for name in ("tea", "coffee"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()


@pytest.fixture
def huey(app: Flask) -> Any:
    """Give the queue of the shop."""
    return app.extensions["place"].huey


def work(huey: Any) -> None:
    """Do what is in the queue, in this process."""
    while (task := huey.dequeue()) is not None:
        huey.execute(task)


def later(huey: Any) -> list[int]:
    """Put into the queue what waits; tell how long it would, in tens."""
    now = datetime.now(UTC).replace(tzinfo=None)
    waits = []
    for task in huey.read_schedule(now + timedelta(days=1)):
        waits.append(round((task.eta - now).total_seconds() / 10) * 10)
        task.eta = None
        huey.enqueue(task)
    return waits


def sweep(huey: Any) -> None:
    """Do what is done every five minutes."""
    for task in huey.read_periodic(datetime(2026, 11, 22, 3, 5)):
        huey.execute(task)


def state(client: FlaskClient) -> object:
    """Give the state of the basket."""
    return client.get(URL).json


def ordered(app: Flask) -> list[int]:
    """Give the products that were ordered."""
    with app.app_context():
        return list(db.session.scalars(db.select(Order.product_id)))


def test_a_worker_does_it(
    app: Flask, client: FlaskClient, huey: Any
) -> None:
    """The request writes the basket down; the orders come later."""
    taken = client.put(URL, json=[2, 1, 2])
    expected = (202, URL, {"state": "waiting"})
    assert expected == (taken.status_code, taken.location, taken.json)
    assert [] == ordered(app)

    work(huey)

    assert {"state": "ordered"} == state(client)
    assert [2, 1, 2] == ordered(app)


def test_a_basket_is_written_down_once(
    app: Flask, client: FlaskClient, huey: Any
) -> None:
    """Sent twice, with another body even, it is ordered once."""
    answers = [client.put(URL, json=body) for body in ([2, 1], [1])]
    assert [202, 202] == [answer.status_code for answer in answers]

    work(huey)

    assert [2, 1] == ordered(app)


def test_a_second_run_changes_nothing(
    app: Flask, client: FlaskClient, huey: Any
) -> None:
    """A task that comes again finds nothing to do."""
    client.put(URL, json=[2, 1])
    task = huey.dequeue()

    huey.execute(task)
    huey.execute(task)

    assert [2, 1] == ordered(app)


def test_half_a_basket_is_none(
    app: Flask, client: FlaskClient, huey: Any
) -> None:
    """What fails at its second line has not ordered the first."""
    client.put(URL, json=[1, 3])
    work(huey)

    assert [] == ordered(app)
    assert {"state": "waiting"} == state(client)


def test_a_failure_is_tried_three_times_more(
    client: FlaskClient, huey: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Each failure is in the log, and the next attempt waits longer."""
    client.put(URL, json=[3])
    work(huey)
    waits = []
    while wait := later(huey):
        waits += wait
        work(huey)

    assert [10, 60, 360] == waits
    errors = [r for r in caplog.records if r.levelname == "ERROR"]
    assert 4 == len(errors)


def test_a_failure_that_passes_is_tried_again(
    client: FlaskClient, huey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a moment costs a moment."""
    client.put(URL, json=[1])

    def away() -> None:
        raise OperationalError("COMMIT", {}, Exception("away"))

    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", away)
        work(huey)
    assert {"state": "waiting"} == state(client)
    assert [10] == later(huey)

    work(huey)

    assert {"state": "ordered"} == state(client)


def test_a_lost_task_is_asked_for_again(
    client: FlaskClient, huey: Any
) -> None:
    """A queue that lost everything costs five minutes."""
    client.put(URL, json=[1])
    huey.flush()

    sweep(huey)
    work(huey)

    assert {"state": "ordered"} == state(client)
    sweep(huey)
    assert 0 == huey.pending_count()


def test_without_a_queue_a_basket_waits(
    client: FlaskClient,
    huey: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is written down is taken, and the log says what is wrong."""
    with monkeypatch.context() as patch:
        patch.setattr(huey.storage, "filename", "/nowhere/queue.db")
        taken = client.put(URL, json=[1])
    assert (202, {"state": "waiting"}) == (taken.status_code, taken.json)
    assert ["the basket waits for the sweep"] == caplog.messages
    assert "unable to open database file" in caplog.text

    sweep(huey)
    work(huey)

    assert {"state": "ordered"} == state(client)


def test_a_basket_is_its_visitors(
    app: Flask, client: FlaskClient, huey: Any
) -> None:
    """To others it is not there, and their own may have its number."""
    client.put(URL, json=[1])
    stranger = app.test_client()

    assert 404 == stranger.get(URL).status_code
    assert 202 == stranger.put(URL, json=[2]).status_code
    work(huey)
    assert [1, 2] == ordered(app)


@pytest.mark.parametrize(
    "body",
    [{}, "one", 1, [], ["1"], [True], [1.0], [0], [2**31], [[1]]],
)
def test_what_is_no_basket_is_refused(
    app: Flask, client: FlaskClient, body: object
) -> None:
    """A wrong body is the client's mistake, and nothing is written down."""
    assert 400 == client.put(URL, json=body).status_code
    assert 404 == client.get(URL).status_code
