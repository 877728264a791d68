"""Limits over real processes, and what else a client may try."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier, Thread
from unittest.mock import patch

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_limiter import Limiter
from limits.storage import RedisStorage
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisDown
from redis.retry import Retry
from werkzeug.security import generate_password_hash

import myapp
from myapp import accounts, create_app
from myapp.clients import network
from myapp.config import ConfigurationError, from_environment
from myapp.extensions import db
from myapp.models import Customer

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """Give the address of an empty Redis."""
    with Redis.from_url(redis_server) as redis:
        redis.flushdb()
    return redis_server


@pytest.fixture
def servers(redis_url: str) -> Iterator[list[str]]:
    """Serve the shop in two processes with one Redis."""
    started: list[subprocess.Popen[bytes]] = []
    urls = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        given = {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": "sqlite://",
            "REDIS_URL": redis_url,
            "PYTHONPATH": str(Path(str(myapp.__file__)).parents[1]),
        }
        command = ["-m", "flask", "--app", "myapp", "run", "--port", port]
        started.append(
            subprocess.Popen(
                [sys.executable, *command],
                env=os.environ | given,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        urls.append(f"127.0.0.1:{port}")
    try:
        for url in urls:
            wait_for(url)
        yield urls
    finally:
        for server in started:
            server.terminate()
        for server in started:
            server.wait(10)


def asked(server: str, method: str, path: str) -> int:
    """Give the status of an answer."""
    connection = HTTPConnection(server, timeout=20)
    try:
        connection.request(method, path)
        return connection.getresponse().status
    finally:
        connection.close()


def wait_for(server: str) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        try:
            asked(server, "GET", "/health")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{server} does not answer")


def test_two_processes_share_one_count(servers: list[str]) -> None:
    """Asking each process in turn gives no second allowance."""
    found = [asked(servers[n % 2], "POST", "/login") for n in range(12)]

    assert [415] * 10 + [429] * 2 == found


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("[2001:db8::1]:443", "unknown"),
        ("unknown", "unknown"),
        ("_hidden", "unknown"),
        ("192.0.2.07", "unknown"),
        (None, "unknown"),
        ("9" * 9_000, "unknown"),
    ],
)
def test_no_address_is_a_failure(
    app: Flask, remote: str | None, expected: str
) -> None:
    """Whatever a server or a proxy gives for an address has a name."""
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": remote}):
        assert expected == network()


@pytest.mark.parametrize(
    ("proxies", "scheme"), [(0, "http"), (1, "https"), (2, "https")]
)
def test_the_scheme_comes_from_the_proxy_too(
    proxies: int, scheme: str
) -> None:
    """Links to the shop are https where the proxy speaks that."""
    app = create_app({"SECRET_KEY": SECRET, "PROXIES": proxies})
    app.add_url_rule("/here", view_func=lambda: request.scheme)
    headers = {"X-Forwarded-Proto": "https"}

    assert scheme == app.test_client().get("/here", headers=headers).text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "0"),
        ("0", "0"),
        ("1", "1"),
        ("2", "2"),
        ("3", "3"),
        ("4", "PROXIES is no number from 0 to 3"),
        ("-1", "PROXIES is no number from 0 to 3"),
        ("1 ", "PROXIES is no number from 0 to 3"),
        ("", "PROXIES is no number from 0 to 3"),
    ],
)
def test_the_number_of_proxies_is_a_small_number(
    value: str | None, expected: str
) -> None:
    """None is trusted unless said so, and all are counted."""
    environ = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": "sqlite://",
        "REDIS_URL": "redis://",
    }
    if value is not None:
        environ["PROXIES"] = value
    try:
        found = str(from_environment(environ)["PROXIES"])
    except ConfigurationError as error:
        found = str(error)

    assert expected == found


@pytest.mark.parametrize(
    ("email", "password", "status"),
    [
        ("ann@example.com", "tea, no milk", 200),
        ("Ann@Example.com", "tea, no milk", 200),
        ("ann@example.com", "nobody", 401),
        ("bob@example.com", "tea, no milk", 401),
        ("bob@example.com", "nobody", 401),
        ("ann@example.com", "x" * 200, 401),
        ("ann@example.com", "x" * 201, 422),
        ("a" * 243 + "@example.com", "tea, no milk", 422),
    ],
)
def test_a_password_opens_its_account(
    app: Flask, client: FlaskClient, email: str, password: str, status: int
) -> None:
    """The right password of that account does, and nothing else."""
    secret = generate_password_hash("tea, no milk", "pbkdf2:sha256:1")
    with app.app_context():
        row = Customer(email="ann@example.com", password_hash=secret)
        db.session.add(row)
        db.session.commit()
    response = client.post(
        "/login", json={"email": email, "password": password}
    )

    assert status == response.status_code
    assert (status == 200) == ({"customer": 1} == response.get_json())


def test_a_redis_that_hangs_is_given_up_soon() -> None:
    """A Redis that answers nothing costs parts of a second, not minutes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        app = create_app({"RATELIMIT_STORAGE_URI": url, "SECRET_KEY": SECRET})
        begin = time.monotonic()
        found = app.test_client().post("/login").status_code
        took = time.monotonic() - begin

    assert 415 == found
    assert 0.3 < took < 10


def test_a_redis_that_comes_back_is_used_again(redis_url: str) -> None:
    """What was counted before the failure counts again after it."""
    settings = {"RATELIMIT_STORAGE_URI": redis_url, "SECRET_KEY": SECRET}
    app = create_app(settings)
    client = app.test_client()
    before = [client.post("/login").status_code for _ in range(10)]
    with patch.object(RedisStorage, "acquire_entry", side_effect=RedisDown):
        down = [client.post("/login").status_code for _ in range(11)]
        stored = time.time() + 5
    with patch("time.time", lambda: stored):
        after = client.post("/login").status_code

    assert [415] * 10 == before
    assert [415] * 10 + [429] == down
    assert 429 == after


def test_default_limits_are_lifted_by_a_route() -> None:
    """A generous limit on one route takes the default's place there."""
    app = Flask("shop")
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    limiter = Limiter(lambda: "one", default_limits=["2 per hour"])
    limiter.init_app(app)

    @app.get("/one")
    def one() -> str:
        return "one"

    @app.get("/two")
    def two() -> str:
        return "two"

    @app.get("/wide")
    @limiter.limit("9 per hour")
    def wide() -> str:
        return "wide"

    client = app.test_client()
    answered = {
        page: [client.get(page).status_code for _ in range(12)].count(200)
        for page in ("/one", "/two", "/wide")
    }

    assert {"/one": 2, "/two": 2, "/wide": 9} == answered


def test_a_shared_limiter_belongs_to_the_last_app() -> None:
    """Building a second app makes the first one forget its counts."""
    limiter = Limiter(lambda: "one", application_limits=["1 per hour"])
    first, second = Flask("first"), Flask("second")
    for app in (first, second):
        app.config["RATELIMIT_STORAGE_URI"] = "memory://"
        app.add_url_rule("/", view_func=lambda: "shop")
    limiter.init_app(first)
    client = first.test_client()
    before = [client.get("/").status_code for _ in range(2)]
    limiter.init_app(second)

    assert [200, 429, 200] == [*before, client.get("/").status_code]


def test_two_shops_keep_counts_of_their_own(app: Flask) -> None:
    """A shop built later takes nothing from the first."""
    client = app.test_client()
    before = [client.post("/login").status_code for _ in range(10)]
    other = create_app({"SECRET_KEY": SECRET}).test_client()

    assert [415] * 10 == before
    assert (429, 415) == (
        client.post("/login").status_code,
        other.post("/login").status_code,
    )


def test_the_librarys_header_sends_clients_back_too_early() -> None:
    """With headers_enabled a refused client may be told to wait 0 s."""
    app = Flask("shop")
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    limiter = Limiter(
        lambda: "one",
        application_limits=["1 per minute"],
        strategy="moving-window",
        headers_enabled=True,
    )
    limiter.init_app(app)
    app.add_url_rule("/", view_func=lambda: "shop")
    client = app.test_client()
    with patch("time.time", lambda: 1_000_000.1):
        answered = client.get("/")
    with patch("time.time", lambda: 1_000_060.05):
        refused = client.get("/")

    assert "Retry-After" in answered.headers
    assert (429, "0") == (refused.status_code, refused.headers["Retry-After"])


def test_threads_get_no_more_than_the_limit(app: Flask) -> None:
    """Requests that come at the same time are counted one by one."""
    together = Barrier(16)
    found: list[int] = []

    def ask() -> None:
        together.wait(20)
        found.append(app.test_client().post("/login").status_code)

    threads = [Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [415] * 10 + [429] * 6 == sorted(found)


def login(app: Flask, name: str, remote: str = "192.0.2.7") -> int:
    """Give the answer to a guess at a password."""
    response = app.test_client().post(
        "/login",
        json={"email": name, "password": "guess"},
        environ_overrides={"REMOTE_ADDR": remote},
    )
    return response.status_code


def test_many_machines_share_an_account(app: Flask) -> None:
    """However the name is written, an account has one count."""
    names = ["ann@example.com", "Ann@Example.com", "ANN@EXAMPLE.COM"] * 10
    found = [login(app, n, f"192.0.2.{i}") for i, n in enumerate(names)]

    assert [401] * 30 == found
    assert 429 == login(app, "ann@example.com", "198.51.100.1")
    assert 401 == login(app, "bob@example.com", "198.51.100.1")


def test_one_machine_tries_no_list_of_accounts(app: Flask) -> None:
    """An address has one count, and what is refused costs nobody."""
    found = [login(app, f"{number}@example.com") for number in range(10)]

    assert [401] * 10 == found
    assert {429} == {login(app, "ann@example.com") for _ in range(40)}
    assert 401 == login(app, "ann@example.com", "198.51.100.1")


def test_orders_may_be_read_more_often(client: FlaskClient) -> None:
    """The limit of orders is one on writing."""
    found = {client.post("/orders/1").status_code for _ in range(21)}

    assert {404, 429} == found
    assert 404 == client.get("/orders/1").status_code


def test_no_proxy_is_believed_unless_it_is_named(client: FlaskClient) -> None:
    """A shop that nobody told of a proxy reads no header."""
    sent = {"X-Forwarded-For": "198.51.100.1"}
    found: list[str] = []
    client.application.before_request(lambda: found.append(network()))
    client.get("/health", headers=sent)

    assert ["127.0.0.1"] == found


def test_a_session_opens_no_second_allowance_at_the_login(
    app: Flask, client: FlaskClient
) -> None:
    """Who is logged in guesses from the same address as before."""
    stranger = app.test_client()
    with client.session_transaction() as session:
        session["customer"] = 1
    found = [client.post("/login").status_code for _ in range(6)]
    found += [stranger.post("/login").status_code for _ in range(5)]

    assert [415] * 10 + [429] == found


def test_a_login_forgets_the_session_before_it(
    app: Flask, client: FlaskClient
) -> None:
    """What was in the session of a visitor is not the customer's."""
    secret = generate_password_hash("tea, no milk", "pbkdf2:sha256:1")
    with app.app_context():
        row = Customer(email="ann@example.com", password_hash=secret)
        db.session.add(row)
        db.session.commit()
    with client.session_transaction() as before:
        before["cart"] = [7]
    client.post(
        "/login",
        json={"email": "ann@example.com", "password": "tea, no milk"},
    )

    with client.session_transaction() as after:
        assert {"customer": 1} == dict(after)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "Ann@Example.com", "password": "x"}, "ann@example.com"),
        ({"email": "ann", "password": "x"}, "none"),
        ({}, "none"),
    ],
)
def test_what_names_no_account_is_counted_as_one(
    app: Flask, body: dict[str, str], expected: str
) -> None:
    """No address is the name of that count, for each holds an @."""
    with app.test_request_context("/login", method="POST", json=body):
        assert expected == accounts.account()


def test_an_address_belongs_to_one_customer() -> None:
    """The table refuses a second one, and what is too long for a row."""
    columns = db.metadata.tables["customer"].c

    assert "VARCHAR(254)" == str(columns["email"].type)
    assert (True, False) == (
        columns["email"].unique,
        columns["email"].nullable,
    )
    assert "VARCHAR(200)" == str(columns["password_hash"].type)
    assert columns["password_hash"].nullable is False


def test_counts_lie_in_memory_where_no_redis_is_named(app: Flask) -> None:
    """So it is in tests; what a Redis may cost is a setting beside it."""
    options = app.config["RATELIMIT_STORAGE_OPTIONS"]

    assert "memory://" == app.config["RATELIMIT_STORAGE_URI"]
    assert {
        "socket_timeout": 0.2,
        "retry": Retry(NoBackoff(), 1),
    } == options


def test_a_wrong_address_of_a_redis_is_named() -> None:
    """Who starts the shop reads which setting it is, and what it lacks."""
    environ = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": "sqlite://",
        "REDIS_URL": "memory://",
    }
    with pytest.raises(ConfigurationError) as refused:
        from_environment(environ)

    assert "REDIS_URL is no address of a Redis" == str(refused.value)
