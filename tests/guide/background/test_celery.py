"""A worker of its own process: solo, prefork, and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Self

import psutil
import pytest
from celery import current_app as current_celery
from celery.schedules import crontab
from flask import Flask, current_app
from flask.testing import FlaskClient
from kombu.exceptions import OperationalError
from redis import Redis

from myapp import background, create_app, mail, tasks
from myapp.config import DEFAULTS
from myapp.confirmations import ADDRESS
from myapp.extensions import db
from myapp.models import Order, Product

SLOW = """
import time
from pathlib import Path
from myapp import mail
from myapp.make_celery import celery

def send(message):
    with Path({log!r}).open("a") as log:
        log.write("mail\\n")
    while not Path({go!r}).exists():
        time.sleep(0.02)

mail.send = send
"""

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def shop(tmp_path: Path, redis: Redis, redis_url: str) -> Iterator[Flask]:
    """Build a shop whose database is a file, with one order."""
    settings = {
        "SECRET_KEY": "only for tests",
        "REDIS_URL": redis_url,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
    }
    shop = create_app(settings)
    with shop.app_context():
        db.create_all()
        db.session.add(Order(product_id=1, email="ann@shop.example"))
        db.session.commit()
    yield shop
    with shop.app_context():
        db.engine.dispose()


@pytest.fixture
def start(shop: Flask, tmp_path: Path) -> Iterator[Start]:
    """Give what starts a worker, which is stopped at the end."""
    begun: list[subprocess.Popen[bytes]] = []
    text = SLOW.format(log=str(tmp_path / "log"), go=str(tmp_path / "go"))
    (tmp_path / "slow.py").write_text(text)
    path = os.pathsep.join([str(tmp_path), "src"])
    environ = {
        **os.environ,
        "PYTHONPATH": path + os.pathsep + os.environ.get("PYTHONPATH", ""),
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "DATABASE_URL": shop.config["SQLALCHEMY_DATABASE_URI"],
        "REDIS_URL": shop.config["REDIS_URL"],
    }

    def run(pool: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "celery", "-A", "slow", "worker"]
        worker = subprocess.Popen(
            [*command, "--pool", pool, "--concurrency", "1"],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        begun.append(worker)
        return worker

    yield run
    (tmp_path / "go").touch()
    for worker in begun:
        worker.send_signal(signal.SIGTERM)
    for worker in begun:
        try:
            worker.wait(10)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def until(true: Callable[[], object]) -> bool:
    """Wait until something is true, or half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def mails(tmp_path: Path) -> int:
    """Count the mails that were begun."""
    log = tmp_path / "log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def hand_over(shop: Flask) -> Callable[[], object]:
    """Queue a confirmation; give what tells whether it was done."""
    with shop.app_context():
        background.hand_over(tasks.confirm, 1, "job")
        return background.celery().AsyncResult("job").successful


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_worker_finds_task_and_context(
    pool: str, shop: Flask, start: Start, tmp_path: Path
) -> None:
    """Each pool runs the task inside the app, and writes to its rows."""
    (tmp_path / "go").touch()
    done = hand_over(shop)
    start(pool)

    assert until(done)
    with shop.app_context():
        assert db.session.get_one(Order, 1).confirmed_at is not None


def test_a_killed_worker_loses_nothing(
    shop: Flask, start: Start, tmp_path: Path
) -> None:
    """The process that had the task is killed, and the task runs again."""
    done = hand_over(shop)
    worker = start("prefork")
    assert until(lambda: 1 == mails(tmp_path))

    (child,) = psutil.Process(worker.pid).children()
    child.kill()

    assert until(lambda: 2 == mails(tmp_path))
    (tmp_path / "go").touch()
    assert until(done)


def test_a_task_that_hangs_is_ended(shop: Flask, start: Start) -> None:
    """Its limits travel with it: the sender's count, not the worker's."""
    start("prefork")
    with shop.app_context():
        task = background.celery().tasks["myapp.tasks.confirm"]
        result = task.apply_async((1,), task_id="job", soft_time_limit=1)

        assert until(result.failed)
        assert "SoftTimeLimitExceeded()" == repr(result.result)


def test_only_a_sender_that_waits_for_nothing_says_what_is_wrong() -> None:
    """With Redis down, a plain delay raises what nobody would catch."""
    shop = create_app({"REDIS_URL": "redis://127.0.0.1:1"})
    few = {"retry_policy": {"max_retries": 2}}  # 20, if nobody says so
    shop.extensions["celery"].conf.result_backend_transport_options = few
    with shop.app_context():
        with pytest.raises(OperationalError):
            background.hand_over(tasks.confirm, 1)
        task = background.celery().tasks["myapp.tasks.confirm"]
        with pytest.raises(RuntimeError, match="Retry limit exceeded"):
            task.delay(1)


def test_no_visitor_is_guessed(client: FlaskClient, app: Flask) -> None:
    """A number of 128 bits, another for each, is all they are known by."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    names: list[str] = []
    for visitor in (client, app.test_client()):
        visitor.post("/orders/1")
        with visitor.session_transaction() as session:
            names.append(session["visitor"])

    assert [128, 128] == [4 * len(name) for name in names]
    assert 2 == len(set(names))


def test_what_celery_is_told(app: Flask) -> None:
    """How long to wait, what to read, when to work, and when to give up."""
    told = {
        "accept_content": ["json"],
        "beat_schedule": {
            "every night": {
                "task": "myapp.tasks.remind",
                "schedule": crontab(hour=3, minute=0),
            },
        },
        "broker_connection_retry_on_startup": True,
        "result_expires": 86400,
        "task_acks_late": True,
        "task_publish_retry_policy": {"max_retries": 1},
        "task_reject_on_worker_lost": True,
        "task_soft_time_limit": 60,
        "task_time_limit": 90,
        "worker_prefetch_multiplier": 1,
    }
    conf = app.extensions["celery"].conf

    assert told == background.SETTINGS
    assert {"socket_connect_timeout": 1, "socket_timeout": 2} == conf[
        "broker_transport_options"
    ]
    assert (1, 2) == (
        conf["redis_socket_connect_timeout"],
        conf["redis_socket_timeout"],
    )


def test_a_shop_is_nobody_elses_current_celery(app: Flask) -> None:
    """Whoever asks Celery for the one at work is not given the newest."""
    made = background.made_for(app)

    assert current_celery != made


def test_a_task_is_given_all_and_is_in_its_shop(app: Flask) -> None:
    """What it was sent by place and by name, inside the shop's context."""
    made = app.extensions["celery"]

    @made.task(name="given")  # type: ignore[untyped-decorator]
    def given(*args: int, **kwargs: int) -> list[object]:
        return [args, kwargs, current_app.extensions["celery"] is made]

    assert [(1,), {"two": 2}, True] == given.apply((1,), {"two": 2}).get()


def test_a_shop_that_is_told_nothing_has_a_redis_of_its_own(
    app: Flask,
) -> None:
    """Both the queue and its results are where the setting says."""
    conf = app.extensions["celery"].conf
    told = app.config["REDIS_URL"]

    assert ("redis://", "") == (DEFAULTS["REDIS_URL"], DEFAULTS["SMTP_HOST"])
    assert (told, told) == (conf["broker_url"], conf["result_backend"])


def test_an_order_has_room_for_what_is_kept() -> None:
    """Whose it is, where the mail goes, and which job sends it."""
    columns = Order.__table__.columns

    assert {
        "id": "INTEGER",
        "product_id": "INTEGER",
        "visitor": "VARCHAR(32)",
        "email": "VARCHAR(254)",
        "job": "VARCHAR(32)",
        "confirmed_at": "DATETIME",
    } == {column.name: str(column.type) for column in columns}


def test_a_mail_is_written_as_all_are() -> None:
    """Line by line, as a server passes it on."""
    assert [
        "From: shop@shop.example",
        "To: ann@example.org",
        "Subject: Your order 7",
        "Message-ID: <order-7@shop.example>",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: 7bit",
        "MIME-Version: 1.0",
        "",
        "Thank you. It is on its way.",
    ] == mail.confirmation(7, "ann@example.org").as_string().splitlines()


def test_what_passes_is_tried_so_often(app: Flask) -> None:
    """Five times more, later each time, never all at once."""
    task = app.extensions["celery"].tasks["myapp.tasks.confirm"]

    assert (5, 10, 600, True) == (
        task.max_retries,
        task.retry_backoff,
        task.retry_backoff_max,
        task.retry_jitter,
    )
    assert tasks.PASSING == task.autoretry_for


def test_moments_are_those_of_utc(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the worker is."""
    asked = []

    class Clock(datetime):
        """A clock that writes down for which zone it was asked."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            """Give noon."""
            asked.append(tz)
            return cls(2026, 1, 1, 12, tzinfo=tz)

    monkeypatch.setattr(tasks, "datetime", Clock)
    with app.app_context():
        tasks.confirm(1)

    assert [UTC] == asked


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("ann@example.org", True),
        ("änn@example.org", False),
        ("ann@exämple.org", False),
        ("٣@example.org", False),
    ],
)
def test_an_address_is_written_in_ascii(address: str, known: bool) -> None:
    """No server here speaks SMTPUTF8; a digit may be another script's."""
    assert known is bool(ADDRESS.fullmatch(address))
