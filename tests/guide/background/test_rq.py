"""What RQ does with a job that takes too long, or is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from fakeredis import FakeRedis
from flask import Flask
from rq import Retry, SimpleWorker
from rq.job import Job, JobStatus
from rq.results import Result

import myapp
from myapp import create_app, jobs
from myapp.extensions import db, rq

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
