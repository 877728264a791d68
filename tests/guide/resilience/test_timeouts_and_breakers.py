"""The breaker between processes, the worker above it, and attacks."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from threading import enumerate as threads
from types import SimpleNamespace

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from prometheus_client import CONTENT_TYPE_LATEST
from pybreaker import (
    STATE_CLOSED,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitRedisStorage,
)
from redis import Redis
from werkzeug.wrappers import Response

from myapp import breaker, config
from myapp.extensions import db
from myapp.models import Order, Payment, Product
from myapp.provider import OutageError, ask, call, charge

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
    known.seconds = 0.02
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


@pytest.fixture
def ordered(app: Flask) -> None:
    """Let a customer order tea for 450 cents."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.flush()
        db.session.add(Order(product_id=1))
        db.session.commit()


@pytest.mark.usefixtures("ordered")
@pytest.mark.parametrize("status", [302, 400, 401, 409, 429])
def test_what_is_no_refusal_stays_open(
    client: FlaskClient, fake: SimpleNamespace, status: int
) -> None:
    """Only 402 speaks of the card; nothing else ends a payment."""
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


FAIL_COUNTER = "payments:pybreaker:fail_counter"


def recorder(status: int, into: list[httpx.Request]) -> httpx.Client:
    """Give a client whose every request is noted, and answered alike."""

    def answer(request: httpx.Request) -> httpx.Response:
        into.append(request)
        return httpx.Response(status)

    transport = httpx.MockTransport(answer)
    return httpx.Client(transport=transport, base_url="https://pay.invalid")


def test_a_charge_says_what_for(app: Flask) -> None:
    """The amount, the card's token and the key, to where charges go."""
    known, sent = app.extensions["payments"], list[httpx.Request]()
    known.http = recorder(201, sent)

    assert "paid" == charge(known, "k", 450, "tok_1")
    [request] = sent
    assert ("POST", "/charges") == (request.method, request.url.path)
    assert "k" == request.headers["Idempotency-Key"]
    body = {"amount_cents": 450, "card": "tok_1"}
    assert body == json.loads(request.content)


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "paid"), (402, "refused"), (404, "unsent"), (409, "pending")],
)
def test_what_became_of_a_charge_is_asked_by_key(
    app: Flask, status: int, state: str
) -> None:
    """An answer that says nothing leaves all open."""
    known, sent = app.extensions["payments"], list[httpx.Request]()
    known.http = recorder(status, sent)

    assert state == ask(known, "k")
    [request] = sent
    assert ("GET", "/charges/k") == (request.method, request.url.path)


def test_asking_has_the_shops_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline of a question is the setting's."""
    given: list[object] = []

    def note(_: object, seconds: object, *rest: object) -> httpx.Response:
        given.append(seconds)
        return httpx.Response(200)

    monkeypatch.setattr("myapp.provider.call", note)
    ask(app.extensions["payments"], "k")

    assert [1.0] == given


class Clock:
    """A time that passes while something is done."""

    def __init__(self, attempt_takes: float, pauses: list[float]) -> None:
        """Take how long an attempt takes, and the pauses chance will give."""
        self.now, self.attempt_takes, self.pauses = 0.0, attempt_takes, pauses
        self.bounds: list[tuple[float, float]] = []
        self.attempts: list[tuple[float, float]] = []

    def monotonic(self) -> float:
        """Tell the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def uniform(self, low: float, high: float) -> float:
        """Give the next pause."""
        self.bounds.append((low, high))
        return self.pauses.pop(0)

    def attempt(self, _: object, seconds: float, *rest: object) -> None:
        """Have no luck, for a while."""
        self.attempts.append((self.now, seconds))
        self.now += self.attempt_takes
        raise OutageError


@pytest.mark.parametrize(
    ("takes", "pauses", "attempts"),
    [
        (0.125, [0.0625, 0.125, 0], [(0, 0.5), (0.1875, 0.5), (0.4375, 0.5)]),
        (0.25, [0.25, 0.25, 0], [(0, 0.5), (0.5, 0.5)]),
        (0.375, [0.25, 0.25, 0], [(0, 0.5), (0.625, 0.375)]),
        (1.0, [0.25, 0.25, 0], [(0, 0.5)]),
    ],
)
def test_attempts_fit_the_time_there_is(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    takes: float,
    pauses: list[float],
    attempts: list[tuple[float, float]],
) -> None:
    """Each has half of it at most, or what is left, after a random wait."""
    clock = Clock(takes, pauses)
    monkeypatch.setattr("myapp.provider.time", clock)
    monkeypatch.setattr("myapp.provider.jitter", clock)
    monkeypatch.setattr("myapp.provider.attempt", clock.attempt)

    state = charge(app.extensions["payments"], "k", 450, "tok_1")

    assert ("pending", attempts) == (state, clock.attempts)
    upper = [0.1, 0.2, 0.0]
    assert [(0, high) for high in upper][: len(attempts)] == clock.bounds


def test_so_many_calls_are_under_way_at_most(app: Flask) -> None:
    """A ninth waits for a thread."""
    known, go_on = app.extensions["payments"], Event()
    before = set(threads())
    calls = [known.threads.submit(go_on.wait, 10) for _ in range(9)]
    new = [t for t in threads() if t not in before and "Pool" in t.name]
    go_on.set()

    assert 8 == len(new)
    assert [True] * 9 == [call.result() for call in calls]


def test_the_client_has_the_shops_time(app: Flask) -> None:
    """A connection that hangs does not keep its thread for ever."""
    assert httpx.Timeout(1.0) == app.extensions["payments"].http.timeout


def test_redis_knows_the_breaker_from_the_start(
    app: Flask, redis: Redis
) -> None:
    """Whoever looks finds it closed, and nothing counted."""
    counters = dict.fromkeys(("fail_counter", "success_counter"), b"0")
    expected = counters | {"state": b"closed"}

    found = {n: redis.get(f"payments:pybreaker:{n}") for n in expected}
    assert (expected, 3) == (found, redis.dbsize())


def test_a_later_failure_does_not_lengthen_the_memory(
    app: Flask, redis: Redis
) -> None:
    """The first failure of a row says when all are forgotten."""
    known, counter = app.extensions["payments"], FAIL_COUNTER
    known.http = recorder(500, [])
    assert "pending" == ask(known, "k")
    first = redis.ttl(counter)
    redis.expire(counter, 10)
    assert "pending" == ask(known, "k")

    assert (30, 2) == (first, known.breaker.fail_counter)
    assert redis.ttl(counter) <= 10


def test_a_trial_ends_when_its_call_must_have(redis: Redis) -> None:
    """A process that dies on trial keeps nobody out for ever."""
    watch = breaker.Watch(redis, 30)

    assert [True, False] == [watch.claim("a"), watch.claim("a")]
    assert watch.claim("b")
    assert b"1" == redis.get("a:trial")
    assert 29_000 < redis.pttl("a:trial") <= 30_000


def test_who_is_not_on_trial_is_told(app: Flask, redis: Redis) -> None:
    """Each breaker has a trial of its own."""
    known = app.extensions["payments"]
    known.breaker.half_open()
    redis.set("payments:trial", 1)

    with pytest.raises(CircuitBreakerError, match="^Another call is on trial"):
        call(known, 1, "GET", "/")


def test_the_log_says_what_failed_and_where_from(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """The kind of the failure, from the breaker's module."""
    known = app.extensions["payments"]
    known.http = recorder(500, [])
    with pytest.raises(OutageError):
        call(known, 1, "GET", "/")

    [record] = caplog.records
    assert "breaker payments: OutageError" == record.message
    assert "myapp.breaker" == record.name


def test_a_breaker_is_built_as_told(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many failures, how long, and how long Redis may take."""
    monkeypatch.setattr(breaker, "FAILURES", 3)
    built = breaker.build("gifts", redis_url, OutageError, 1)

    said = (built.fail_max, built.reset_timeout, built.name)
    assert (3, 30, "gifts") == said
    [watch] = built.listeners
    assert isinstance(watch, breaker.Watch)
    told = watch.redis.connection_pool.connection_kwargs
    seconds = (told["socket_timeout"], told["socket_connect_timeout"])
    assert (0.5, 0.5, 0) == (*seconds, told["retry"].get_retries())


PAID = {"order": 1, "card": "tok_Az09"}


@pytest.mark.usefixtures("ordered")
def test_the_card_and_the_stored_key_are_sent(
    app: Flask, client: FlaskClient
) -> None:
    """The provider gets what the customer gave, and the payment's key."""
    sent = list[httpx.Request]()
    app.extensions["payments"].http = recorder(201, sent)

    assert 201 == client.post("/payments", json=PAID).status_code
    [request] = sent
    body = {"amount_cents": 450, "card": "tok_Az09"}
    assert body == json.loads(request.content)
    with app.app_context():
        stored = db.session.get_one(Payment, 1)
    assert stored.key == request.headers["Idempotency-Key"]


@pytest.mark.usefixtures("ordered")
def test_who_did_not_pay_is_told_why(app: Flask, client: FlaskClient) -> None:
    """A refused card, a second payment, and a provider that is down."""
    known, said = app.extensions["payments"], []
    for status in (402, 201, 201):
        known.http = recorder(status, [])
        said.append(client.post("/payments", json=PAID).json)
    with app.app_context():
        db.session.execute(db.update(Payment).values(claims=None))
        db.session.commit()
    known.breaker.open()
    said.append(client.post("/payments", json=PAID).json)

    refused = {
        "type": "https://shop.example/problems/card-refused",
        "title": "Card refused",
        "status": 402,
        "detail": "Nothing was charged.",
    }
    paid = {"payment": 2, "amount_cents": 450, "state": "paid"}
    twice = {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "The order is paid, or about to be.",
    }
    down = {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Nothing was charged.",
    }
    assert [refused, paid, twice, down] == said


@pytest.mark.usefixtures("ordered")
def test_the_database_can_be_asked_after_a_conflict(
    app: Flask, client: FlaskClient
) -> None:
    """What runs at the end of a request finds a session that works."""
    found: list[int] = []

    def look(response: Response) -> Response:
        if response.status_code == 409:
            found.append(len(db.session.scalars(db.select(Payment)).all()))
        return response

    app.after_request(look)
    statuses = [
        client.post("/payments", json=PAID).status_code for _ in range(2)
    ]

    assert ([201, 409], [1]) == (statuses, found)


@pytest.mark.parametrize(
    ("order", "card", "status"),
    [
        (0, "tok_1", 422),
        (1, "tok_1", 404),
        (2**31 - 1, "tok_1", 404),
        (2**31, "tok_1", 422),
        (1, "tok_", 422),
        (1, "tok_" + "Zz09" * 15, 404),
        (1, "tok_" + "Zz09" * 15 + "1", 422),
    ],
)
def test_the_numbers_and_tokens_there_may_be(
    client: FlaskClient, order: int, card: str, status: int
) -> None:
    """What is well written is looked for, and not found."""
    asked = {"order": order, "card": card}

    assert status == client.post("/payments", json=asked).status_code


def test_a_payment_is_kept_in_columns(app: Flask) -> None:
    """As long as a key and a state are; no key is kept twice."""
    columns = db.metadata.tables["payment"].c
    types = {n: str(columns[n].type) for n in ("key", "state")}

    assert {"key": "VARCHAR(36)", "state": "VARCHAR(8)"} == types
    unique = [column.name for column in columns if column.unique]
    assert ["claims", "key"] == unique


NOON = datetime(2026, 11, 23, 12)
WORLD_CLOCK = SimpleNamespace(
    now=lambda zone: (
        NOON.replace(tzinfo=UTC) if zone is UTC else NOON - timedelta(hours=9)
    )
)


@pytest.mark.usefixtures("ordered")
def test_a_payment_remembers_its_time_in_utc(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the server stands."""
    monkeypatch.setattr("myapp.models.datetime", WORLD_CLOCK)
    client.post("/payments", json=PAID)

    with app.app_context():
        assert NOON == db.session.get_one(Payment, 1).since


@pytest.mark.usefixtures("ordered")
@pytest.mark.parametrize(
    ("seconds", "state"), [(15 * 60, "pending"), (15 * 60 + 1, "unsent")]
)
def test_a_charge_may_arrive_for_a_quarter_of_an_hour(
    app: Flask,
    runner: FlaskCliRunner,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    state: str,
) -> None:
    """A second later, what is not there will not come."""
    monkeypatch.setattr("myapp.payments.datetime", WORLD_CLOCK)
    app.extensions["payments"].http = recorder(404, [])
    since = NOON - timedelta(seconds=seconds)
    with app.app_context():
        db.session.add(
            Payment(order_id=1, claims=1, amount_cents=450, since=since)
        )
        db.session.commit()

    settled = runner.invoke(args=["payments", "settle"])

    with app.app_context():
        stored = db.session.get_one(Payment, 1)
    assert (0, state) == (settled.exit_code, stored.state)


def test_metrics_come_in_the_format_of_prometheus(
    client: FlaskClient,
) -> None:
    """The version of the format is in the type."""
    answer = client.get("/payments/metrics")

    assert CONTENT_TYPE_LATEST == answer.content_type


def test_addresses_come_from_the_environment() -> None:
    """Each is read by its name."""
    environ = {
        "SECRET_KEY": "x" * 32,
        "DATABASE_URL": "sqlite://",
        "REDIS_URL": "rediss://queue:6380/1",
        "PAYMENTS_URL": "https://pay.example",
    }
    found = config.from_environment(environ)

    names = ("REDIS_URL", "PAYMENTS_URL")
    assert {n: environ[n] for n in names} == {n: found[n] for n in names}


def test_a_shop_that_is_told_nothing_pays_nowhere() -> None:
    """The Redis of this machine, no provider, and five seconds."""
    app = Flask("shop")
    config.load(app, {})
    expected = {
        "REDIS_URL": "redis://localhost:6379/0",
        "PAYMENTS_URL": "https://payments.invalid",
        "PAYMENTS_SECONDS": 5.0,
    }

    assert expected == {name: app.config[name] for name in expected}
