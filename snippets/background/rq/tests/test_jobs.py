"""Baskets are ordered by a worker."""

import time
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import SimpleWorker
from rq.job import Job
from sqlalchemy.exc import OperationalError

from myapp import create_app
from myapp.extensions import db, rq
from myapp.models import Order, Product

URL = f"/baskets/{uuid.UUID(int=7)}"
DAY = 86_400


@pytest.fixture(autouse=True)
def products(app: Flask) -> None:
    """Let the shop sell two products."""
    with app.app_context():
        for name in ("tea", "coffee"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()


def work(app: Flask) -> None:
    """Do what is in the queue, in this process."""
    with app.app_context():
        queue = rq.queue
        SimpleWorker([queue], job_class=queue.job_class).work(burst=True)


def later(app: Flask) -> list[int]:
    """Put into the queue what waits; tell how long it would, in tens."""
    waits = []
    with app.app_context():
        waiting = rq.queue.scheduled_job_registry
        for name in waiting.get_job_ids():
            due = waiting.get_scheduled_time(name).timestamp()
            waits.append(round((due - time.time()) / 10) * 10)
            waiting.remove(name)
            rq.queue.push_job_id(name)
    return waits


def the_job(app: Flask) -> Job:
    """Give the one job there is in Redis."""
    with app.app_context():
        (key,) = rq.queue.connection.keys("rq:job:*")
        assert isinstance(key, bytes)
        job = rq.queue.fetch_job(key.decode().removeprefix("rq:job:"))
        assert job is not None
        return job


def ordered(app: Flask) -> list[int]:
    """Give the products that were ordered."""
    with app.app_context():
        return list(db.session.scalars(db.select(Order.product_id)))


def test_a_worker_does_it(app: Flask, client: FlaskClient) -> None:
    """The request takes the basket; the orders come later."""
    taken = client.put(URL, json=[2, 1, 2])
    assert (202, URL) == (taken.status_code, taken.location)
    assert {"state": "queued", "orders": []} == taken.json
    assert [] == ordered(app)

    work(app)

    expected = {"state": "finished", "orders": [1, 2, 3]}
    assert expected == client.get(URL).json
    assert [2, 1, 2] == ordered(app)


def test_a_basket_is_taken_once(app: Flask, client: FlaskClient) -> None:
    """Sent twice, it is in the queue once; sent later, it is as it was."""
    answers = [client.put(URL, json=[1]).status_code for _ in range(2)]
    assert [202, 202] == answers
    with app.app_context():
        assert 1 == len(rq.queue)

    work(app)

    expected = {"state": "finished", "orders": [1]}
    assert expected == client.put(URL, json=[1]).json
    assert [1] == ordered(app)


def test_a_second_run_finds_the_first(app: Flask, client: FlaskClient) -> None:
    """A job whose worker was lost at the end is run again, unharmed."""
    client.put(URL, json=[2, 1])
    work(app)
    with app.app_context():
        rq.queue.push_job_id(the_job(app).id)

    work(app)

    expected = {"state": "finished", "orders": [1, 2]}
    assert expected == client.get(URL).json
    assert [2, 1] == ordered(app)


def test_half_a_basket_is_none(app: Flask, client: FlaskClient) -> None:
    """What fails at its second line has not ordered the first."""
    client.put(URL, json=[1, 3])
    work(app)

    assert [] == ordered(app)
    assert {"state": "scheduled", "orders": []} == client.get(URL).json


def test_a_failure_is_seen(app: Flask, client: FlaskClient) -> None:
    """After the last attempt the job has failed, and says why to us only."""
    client.put(URL, json=[3])
    work(app)
    waits = []
    while wait := later(app):
        waits += wait
        work(app)

    assert {"state": "failed", "orders": []} == client.get(URL).json
    assert [10, 60, 300] == waits
    job = the_job(app)
    with app.app_context():
        assert [job.id] == rq.queue.failed_job_registry.get_job_ids()
    failure = job.latest_result()
    assert failure is not None
    assert "No row was found" in str(failure.exc_string)


def test_a_failure_that_passes_is_tried_again(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a moment costs a moment."""
    client.put(URL, json=[1])

    def away() -> None:
        raise OperationalError("COMMIT", {}, Exception("away"))

    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", away)
        work(app)
    assert {"state": "scheduled", "orders": []} == client.get(URL).json
    assert [10] == later(app)

    work(app)

    assert {"state": "finished", "orders": [1]} == client.get(URL).json


def test_a_basket_is_its_visitors(app: Flask, client: FlaskClient) -> None:
    """To others it is not there, and their own may have its number."""
    client.put(URL, json=[1])
    stranger = app.test_client()

    assert 404 == stranger.get(URL).status_code
    assert 202 == stranger.put(URL, json=[2]).status_code
    with app.app_context():
        assert 2 == len(rq.queue)


def test_a_job_has_limits(app: Flask, client: FlaskClient) -> None:
    """It ends, and is kept as long as somebody may ask for it."""
    client.put(URL, json=[1])
    job = the_job(app)

    limits = (job.timeout, job.result_ttl, job.failure_ttl)
    assert (120, DAY, 7 * DAY) == limits


def test_without_a_queue_nothing_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody listens on port 1: a 503 that can be told from a 500."""
    settings = {"SECRET_KEY": "s", "RQ_CONNECTION": "redis://127.0.0.1:1"}
    client = create_app(settings).test_client()

    answers = [client.put(URL, json=[1]), client.get(URL)]

    expected = (503, {"problem": "Baskets are not taken at the moment."})
    assert [expected] * 2 == [(a.status_code, a.json) for a in answers]
    assert ["no queue: Error"] * 2 == [m[:15] for m in caplog.messages]


@pytest.mark.parametrize(
    "body",
    [{}, "one", 1, [], ["1"], [True], [1.0], [0], [2**31], [[1]]],
)
def test_what_is_no_basket_is_refused(
    app: Flask, client: FlaskClient, body: object
) -> None:
    """A wrong body is the client's mistake, found before the queue is."""
    assert 400 == client.put(URL, json=body).status_code
    with app.app_context():
        assert 0 == len(rq.queue)


@pytest.mark.parametrize(("size", "status"), [(100, 202), (101, 400)])
def test_a_basket_has_room_for_a_hundred(
    app: Flask, client: FlaskClient, size: int, status: int
) -> None:
    """The last line still fits its name into the table."""
    assert status == client.put(URL, json=[2**31 - 1] * size).status_code
    with app.app_context():
        names = [f"{name}/{size - 1}" for name in rq.queue.job_ids]
    assert [] == [name for name in names if len(name) > 80]
