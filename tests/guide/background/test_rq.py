"""What RQ does with a job that takes too long, or is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from fakeredis import FakeRedis
from flask import Flask
from flask.testing import FlaskClient
from rq import Retry, SimpleWorker
from rq.job import Job, JobStatus
from rq.results import Result

import myapp
from myapp import create_app, jobs
from myapp.config import DEFAULTS, READERS
from myapp.extensions import db, rq
from myapp.models import Order, Product

REDIS = os.environ["REDIS_URL"]


@pytest.fixture
def worker(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the worker as a deployment does, on a Redis that can be shared."""
    monkeypatch.setenv("REDIS_URL", REDIS)
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    paths = {"PYTHONPATH": str(Path(myapp.__file__).parents[1])}
    command = ["-m", "flask", "--app", "myapp", "rq", "worker"]
    worker = subprocess.Popen(
        [sys.executable, *command], env=os.environ | paths
    )
    yield worker
    worker.terminate()
    worker.wait(timeout=30)


def until(job: Job, wanted: JobStatus) -> JobStatus:
    """Wait for a job's state, and tell the last one."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if (state := job.get_status()) is wanted:
            break
        time.sleep(0.05)
    return state


def test_a_killed_job_is_tried_again(
    worker: subprocess.Popen[bytes],
) -> None:
    """The worker sees that the process of the job is gone, and plans it."""
    with create_app().app_context():
        retry = Retry(max=1, interval=60)
        job = rq.queue.enqueue(time.sleep, 60, retry=retry)
        assert JobStatus.STARTED is until(job, JobStatus.STARTED)
        (horse,) = psutil.Process(worker.pid).children()
        horse.send_signal(signal.SIGKILL)

        assert JobStatus.SCHEDULED is until(job, JobStatus.SCHEDULED)


def test_a_shop_under_test_runs_jobs_at_once() -> None:
    """Without `RQ_ASYNC`, a test's job is done before `enqueue` returns."""
    settings = {"TESTING": True, "RQ_CONNECTION_CLASS": FakeRedis}
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        job = rq.queue.enqueue(jobs.count)
        found = (job.get_status(), job.return_value())
    with app.app_context():
        db.engine.dispose()

    assert (JobStatus.FINISHED, 0) == found


def test_a_job_is_stopped_at_its_limit(app: Flask) -> None:
    """The job is interrupted, and has failed."""
    with app.app_context():
        queue = rq.queue
        job = queue.enqueue(time.sleep, 30, job_timeout=1)
        begun = time.monotonic()
        SimpleWorker([queue], job_class=queue.job_class).work(burst=True)

    failure = job.latest_result()
    assert failure is not None
    assert Result.Type.FAILED is failure.type
    assert "JobTimeoutException" in str(failure.exc_string)
    assert time.monotonic() - begun < 20


def test_an_order_knows_its_line_once() -> None:
    """The name of a basket, and which of its products it is."""
    column = Order.__table__.columns["line"]

    assert ("VARCHAR(80)", True) == (str(column.type), column.unique)


def test_a_job_is_named_and_tried_again(
    app: Flask, client: FlaskClient
) -> None:
    """By the visitor, at random; after ten seconds, a minute, and five."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350))
        db.session.commit()
    client.put(f"/baskets/{UUID(int=1)}", json=[1])
    with client.session_transaction() as session:
        visitor = session["visitor"]
    with app.app_context():
        job = rq.queue.fetch_job(f"{visitor}-{UUID(int=1)}")

        assert job is not None
        assert (32, 3, [10, 60, 300]) == (
            len(visitor),
            job.retries_left,
            job.retry_intervals,
        )
        assert (job.id, [1]) == job.args


def test_a_shop_under_test_has_a_redis_of_its_own() -> None:
    """Nobody says where, and it is no setting of the environment's."""
    assert "redis://" == DEFAULTS["RQ_CONNECTION"]
    assert "RQ_CONNECTION" == READERS["REDIS_URL"][0]
