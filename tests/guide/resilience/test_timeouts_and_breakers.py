"""The breaker between processes, the worker above it, and attacks."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitRedisStorage
from redis import Redis

from myapp.extensions import db
from myapp.models import Order, Product
from myapp.provider import ask, call

CHILD = """
import sys
from myapp import create_app
from myapp.provider import ask
app = create_app({"REDIS_URL": sys.argv[1], "PAYMENTS_URL": sys.argv[2]})
known = app.extensions["payments"]
for _ in range(5):
    ask(known, "k")
print(known.breaker.current_state)
"""


def test_two_processes_share_the_state(app: Flask, redis: Redis) -> None:
    """A process that meets an outage opens the breaker of another."""
    nowhere = "http://127.0.0.1:1"
    command = [sys.executable, "-c", CHILD, app.config["REDIS_URL"], nowhere]
    child = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False
    )

    state = app.extensions["payments"].breaker.current_state
    assert ("open\n", "open") == (child.stdout, state), child.stderr


SHOP = """
from myapp import create_app
from myapp.provider import ask
app = create_app(
    {"REDIS_URL": %r, "PAYMENTS_URL": %r, "PAYMENTS_SECONDS": %r}
)
known = app.extensions["payments"]
app.add_url_rule("/ask", view_func=lambda: ask(known, "k"))
"""

Serve = Callable[[str, float], tuple[str, Path]]


@pytest.fixture
def serve(
    app: Flask, fake: SimpleNamespace, tmp_path: Path
) -> Iterator[Serve]:
    """Start gunicorn, whose workers may be busy for a second."""
    started: list[subprocess.Popen[bytes]] = []

    def start(kind: str, seconds: float) -> tuple[str, Path]:
        redis_url = app.config["REDIS_URL"]
        text = SHOP % (redis_url, fake.url, seconds)
        (tmp_path / "served.py").write_text(text)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = tmp_path / "log"
        command = [sys.executable, "-m", "gunicorn", "served:app"]
        command += ["-k", kind, "--timeout", "1", "--graceful-timeout", "1"]
        command += ["--chdir", str(tmp_path), "--no-control-socket"]
        environ = {**os.environ, "GUNICORN_CMD_ARGS": ""}
        with log.open("wb") as file:
            started.append(
                subprocess.Popen(
                    [*command, "--bind", f"127.0.0.1:{port}"],
                    stderr=file,
                    env=environ,
                )
            )
        deadline = time.monotonic() + 20
        while "Booting worker" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return f"http://127.0.0.1:{port}/ask", log

    yield start
    fake.answer_now.set()
    for process in started:
        process.terminate()
        process.wait(15)


@pytest.mark.parametrize(
    ("kind", "seconds", "expected"),
    [
        ("sync", 0.3, (True, False)),
        ("gthread", 2.5, (True, False)),
        ("sync", 30.0, (False, True)),
    ],
)
def test_the_worker_ends_what_outlives_its_timeout(
    fake: SimpleNamespace,
    serve: Serve,
    kind: str,
    seconds: float,
    expected: tuple[bool, bool],
) -> None:
    """A sync worker is killed for a slow call; a thread is not."""
    fake.plan = ["late"]
    url, log = serve(kind, seconds)
    try:
        served = httpx.get(url, timeout=15).text == "pending"
    except httpx.RemoteProtocolError:
        served = False

    assert expected == (served, "WORKER TIMEOUT" in log.read_text())


def test_silence_opens_it(app: Flask, fake: SimpleNamespace) -> None:
    """A timeout is an outage, too."""
    known = app.extensions["payments"]
    known.seconds = 0.1
    fake.plan = ["late"] * 5
    for _ in range(5):
        ask(known, "k")

    assert "open" == known.breaker.current_state


def test_our_own_mistakes_do_not_open_it(app: Flask) -> None:
    """An exception of ours is not the provider's."""
    known = app.extensions["payments"]
    for _ in range(6):
        with pytest.raises(TypeError):
            call(known, 1, "GET", "/", nonsense=True)

    assert 0 == known.breaker.fail_counter


@pytest.mark.parametrize("status", [302, 400, 401, 409, 429])
def test_what_is_no_refusal_stays_open(
    app: Flask, client: FlaskClient, fake: SimpleNamespace, status: int
) -> None:
    """Only 402 speaks of the card; nothing else ends a payment."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.flush()
        db.session.add(Order(product_id=1))
        db.session.commit()
    fake.plan = [status]

    paid = client.post("/payments", json={"order": 1, "card": "tok_1"})

    assert (202, 1) == (paid.status_code, len(fake.seen))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"order": "1", "card": "tok_1"},
        {"order": 1, "card": "4242424242424242"},
        {"order": 1, "card": "tok_1\n"},
        {"order": 1, "card": "tok_1", "amount_cents": 1},
        {"order": 2**31, "card": "tok_1"},
    ],
)
def test_what_is_no_payment_is_refused(
    client: FlaskClient, fake: SimpleNamespace, body: object
) -> None:
    """No card number, no amount of the customer's, and nothing is sent."""
    response = client.post("/payments", json=body)

    assert (422, []) == (response.status_code, fake.seen)


def test_the_client_must_answer_bytes(redis: Redis, redis_url: str) -> None:
    """A client that decodes is one that pybreaker cannot use."""
    text = Redis.from_url(redis_url, decode_responses=True)
    storage = CircuitRedisStorage(STATE_CLOSED, text)

    with pytest.raises(AttributeError, match="decode"):
        CircuitBreaker(state_storage=storage)
