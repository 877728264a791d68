"""Each shop has a Celery of its own."""

import json
import runpy
import threading
import time

import pytest
from celery.contrib.testing.worker import start_worker
from flask import Flask, current_app
from kombu.exceptions import EncodeError
from redis import Redis

from myapp import background, create_app, mail, tasks
from myapp.config import ConfigurationError, from_environment
from myapp.extensions import db
from myapp.models import Order, Product

ENVIRONMENT = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "DATABASE_URL": "sqlite://",
}


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
def test_a_worker_mails_once(
    app: Flask, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker takes the task twice, and the mail goes out once."""
    sent: list[object] = []
    monkeypatch.setattr(mail, "send", sent.append)
    with app.app_context():
        db.session.add(Order(product_id=1, email="ann@shop.example"))
        db.session.commit()
        jobs = ["a", "b"]
        for job in jobs:
            background.hand_over(tasks.confirm, 1, job)
        celery = background.celery()
        results = [celery.AsyncResult(job) for job in jobs]
    deadline = time.monotonic() + 10
    with start_worker(celery, pool="solo", perform_ping_check=False):
        while not all(result.ready() for result in results):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    assert ["SUCCESS"] * 2 == [result.state for result in results]
    assert 1 == len(sent)
    assert 86_000 < int(str(redis.ttl("celery-task-meta-a"))) <= 86_400


@pytest.mark.parametrize("given_redis", [""])
def test_no_redis_has_to_run(redis: Redis, stand_in: str) -> None:
    """Where the environment names none, the tests bring their own."""
    port = redis.get_connection_kwargs()["port"]

    assert f"redis://127.0.0.1:{port}/0" == stand_in


def test_each_shop_has_its_own_tasks() -> None:
    """A task runs in the context of the shop that made its Celery."""
    keys = ["first", "second", "third"]
    shops = [create_app({"SECRET_KEY": key}) for key in keys]
    found: list[str] = []
    for shop in shops:

        def where() -> None:
            found.append(current_app.config["SECRET_KEY"])

        celery = shop.extensions["celery"]
        celery.task(where, name="where", shared=False)()

    assert keys == found


def test_no_shop_is_the_default(
    app: Flask, redis: Redis, redis_url: str
) -> None:
    """What one shop hands over, another built later does not get."""
    later = create_app({"REDIS_URL": f"{redis_url.removesuffix('2')}3"})
    with app.app_context():
        background.hand_over(tasks.confirm, 1)

    with Redis.from_url(later.config["REDIS_URL"]) as other:
        assert [1, 0] == [r.llen("celery") for r in (redis, other)]


def test_only_json_is_read(app: Flask, redis: Redis) -> None:
    """What is sent is JSON, and nothing else is read."""
    with app.app_context():
        background.hand_over(tasks.confirm, 1)
    message = json.loads(redis.lindex("celery", 0) or "")
    conf = app.extensions["celery"].conf

    assert "application/json" == message["content-type"]
    assert {"json"} == {*conf.accept_content, conf.result_serializer}


def test_a_row_cannot_be_passed(app: Flask) -> None:
    """A row is no JSON, and says so where it is sent."""
    with app.app_context():
        task = background.celery().tasks["myapp.tasks.confirm"]
        with pytest.raises(EncodeError, match="Product"):
            task.delay(Product(name="tea", price_cents=450))


def test_building_a_shop_starts_nothing() -> None:
    """A web process has no clock and no worker."""
    before = threading.enumerate()
    create_app({})

    assert before == threading.enumerate()


def test_the_clock_knows_its_tasks(app: Flask) -> None:
    """Each entry of the schedule names a task there is, at three."""
    celery = app.extensions["celery"]
    (entry,) = celery.conf.beat_schedule.values()

    assert entry["task"] in celery.tasks
    assert ({3}, {0}) == (entry["schedule"].hour, entry["schedule"].minute)


def test_a_task_has_limits(app: Flask) -> None:
    """A task is stopped, and one whose worker died is taken again."""
    conf = app.extensions["celery"].conf

    assert (60, 90) == (conf.task_soft_time_limit, conf.task_time_limit)
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert 1 == conf.worker_prefetch_multiplier
    assert conf.broker_connection_retry_on_startup


def test_the_worker_starts_from_the_factory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The module of the worker reads the environment, as a server does."""
    monkeypatch.setenv("SECRET_KEY", ENVIRONMENT["SECRET_KEY"])
    monkeypatch.setenv("REDIS_URL", "redis://queue:6380/5")

    celery = runpy.run_module("myapp.make_celery")["celery"]

    urls = {celery.conf.broker_url, celery.conf.result_backend}
    assert {"redis://queue:6380/5"} == urls


@pytest.mark.parametrize("address", [{}, {"REDIS_URL": ""}])
def test_a_shop_needs_a_queue(address: dict[str, str]) -> None:
    """Without an address there is no shop, and an empty one is none."""
    with pytest.raises(ConfigurationError, match="^REDIS_URL is not set$"):
        from_environment({**ENVIRONMENT, **address})


@pytest.mark.parametrize(
    "value", ["localhost:6379", "http://:hunter2@queue", "redis://queue:port"]
)
def test_an_address_nobody_understands_stops_the_start(value: str) -> None:
    """It is refused by name, and the password in it is not told."""
    with pytest.raises(ConfigurationError) as refused:
        from_environment({**ENVIRONMENT, "REDIS_URL": value})

    expected = "REDIS_URL is no address of a Redis"
    assert (expected, None) == (str(refused.value), refused.value.__cause__)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, ""), ({"SMTP_HOST": "mail.shop.example"}, "mail.shop.example")],
)
def test_a_mail_server_may_be_given(
    given: dict[str, str], expected: str
) -> None:
    """Without one the shop starts all the same."""
    environ = {**ENVIRONMENT, "REDIS_URL": "redis://", **given}

    assert expected == from_environment(environ)["SMTP_HOST"]
