"""What is done each night."""

import logging

import pytest
from flask import Flask

from myapp import create_app, jobs
from myapp.extensions import db, rq
from myapp.models import Order


def test_a_job_is_registered_once(app: Flask) -> None:
    """However many shops a process builds, the plan has one entry."""
    create_app({})
    with app.app_context():
        plan = rq.make_cron_scheduler().get_jobs()

    assert [("myapp.jobs.count", "0 3 * * *", "default")] == [
        (job.func_name, job.cron, job.queue_name) for job in plan
    ]


def test_orders_are_counted(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """The job tells the log what it found."""
    caplog.set_level(logging.INFO)
    with app.app_context():
        db.session.add(Order(product_id=1))

        assert 1 == jobs.count()

    assert ["1 orders"] == caplog.messages
