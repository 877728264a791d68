"""Fixtures: a fresh shop, and all that it talks to, for each test."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from logging.config import dictConfig
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from fakeredis import TcpFakeServer
from flask import Flask, request
from flask.testing import FlaskClient, FlaskCliRunner
from flask.typing import ResponseReturnValue
from flask_socketio import SocketIOTestClient
from itsdangerous import URLSafeTimedSerializer
from redis import Redis
from werkzeug.datastructures import Headers
from werkzeug.serving import make_server

from myapp import create_app, logs
from myapp.config import READERS
from myapp.extensions import db
from myapp.models import Product, Role, User, UserRole
from myapp.passwords import hash_password
from myapp.support import NAMESPACE

from .provider import create_provider, served

PASSWORD = "correct horse battery staple"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


class Browser(FlaskClient):
    """A client that has a page of the shop open."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Ask with the page's token, as the page would."""
        if kwargs.get("method") in CHANGING and self.application.secret_key:
            base_url = kwargs.get("base_url") or "http://localhost"
            kwargs["headers"] = Headers(kwargs.get("headers"))
            kwargs["headers"].setdefault("X-CSRFToken", self.token(base_url))
            kwargs["headers"].setdefault("Referer", base_url)
        return super().open(*args, **kwargs)

    def token(self, base_url: str) -> str:
        """Give the token of the page, as Flask-WTF writes it."""
        key = str(self.application.secret_key)
        with self.session_transaction(base_url=base_url) as session:
            known = session.setdefault("csrf_token", "0" * 40)
        return str(URLSafeTimedSerializer(key, "wtf-csrf-token").dumps(known))


@pytest.fixture(autouse=True)
def browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every client of every shop have a page open."""
    monkeypatch.setattr(Flask, "test_client_class", Browser)


@pytest.fixture(autouse=True)
def heard(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Let `caplog` hear shops built in a test, but not of each request."""

    def configure(settings: dict[str, Any]) -> None:
        dictConfig(settings)
        logging.root.addHandler(caplog.handler)

    others = [lambda record: record.name != "myapp.logs"]
    monkeypatch.setattr(logs, "dictConfig", configure)
    monkeypatch.setattr(caplog.handler, "level", logging.WARNING)
    monkeypatch.setattr(caplog.handler, "filters", others)


def parsed(line: str) -> dict[str, Any]:
    """Read one line of the log."""
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"message": f"no JSON: {line}"}
    return found


@pytest.fixture
def lines(
    capsys: pytest.CaptureFixture[str],
) -> Callable[[], list[dict[str, Any]]]:
    """Give what reads the lines written since it was last asked."""
    return lambda: [
        parsed(line) for line in capsys.readouterr().err.split("\n") if line
    ]


@pytest.fixture(scope="session")
def token_key() -> RSAPrivateKey:
    """Make the key that signs the tokens of all tests."""
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def other_key() -> RSAPrivateKey:
    """Make a key that is another."""
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def token_pem(token_key: RSAPrivateKey) -> str:
    """Write the key as a setting."""
    return token_key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode()


@pytest.fixture(scope="session")
def stand_in() -> str:
    """Start a small Redis in this process; give its address."""
    server = TcpFakeServer(("127.0.0.1", 0))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    return f"redis://127.0.0.1:{server.server_address[1]}/0"


@pytest.fixture
def given_redis() -> str:
    """Give the Redis of the environment, if that names one."""
    return os.environ.get("REDIS_URL", "")


@pytest.fixture
def redis_server(given_redis: str, request: pytest.FixtureRequest) -> str:
    """Give a Redis: the one of the environment, or else the stand-in."""
    return given_redis or request.getfixturevalue("stand_in")


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """Give a database of its own: a worker may be at work on the first."""
    return f"{redis_server.removesuffix('/0')}/2"


@pytest.fixture
def queue_url(redis_url: str) -> str:
    """Give the address of a Redis; a queue keeps nothing between tests."""
    return redis_url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """Give an empty Redis."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
        yield redis


@pytest.fixture(autouse=True)
def addresses(
    monkeypatch: pytest.MonkeyPatch, redis_url: str, token_pem: str
) -> None:
    """Give what it must have to a shop built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("PAYMENTS_URL", "https://payments.invalid")
    monkeypatch.setenv("TOKEN_KEY", token_pem)


@pytest.fixture(autouse=True)
def unspoken(monkeypatch: pytest.MonkeyPatch, token_pem: str) -> None:
    """Give to a test of one setting the others that a shop must have."""
    known = {
        "DATABASE_URL": "sqlite://",
        "REDIS_URL": "redis://",
        "PAYMENTS_URL": "https://payments.invalid",
        "TOKEN_KEY": token_pem,
    }

    def or_known(
        read: Callable[[str | None], Any], value: str | None, known: str
    ) -> Any:
        return read(known if value is None else value)

    for name, value in known.items():
        setting, read = READERS[name]
        reader = setting, partial(or_known, read, known=value)
        monkeypatch.setitem(READERS, name, reader)


@pytest.fixture
def settings(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    redis_url: str,
    token_key: RSAPrivateKey,
) -> dict[str, Any]:
    """Give what a shop is told: no prefixes for plain HTTP, cheap hashes.

    Whoever a test talks to, the shop is told of.
    """
    settings = {
        "SECRET_KEY": "only for tests",
        "TESTING": True,
        "PASSWORD_METHOD": "scrypt:512:8:1",
        "SESSION_COOKIE_NAME": "session",
        "REMEMBER_COOKIE_NAME": "remember_token",
        "TRUSTED_HOSTS": ["localhost"],
        "REDIS_URL": redis_url,
        "TOKEN_KEY": token_key,
        "CORS_ORIGINS": ["https://www.shop.example"],
        "OIDC_ISSUER": "https://id.example",
        "OIDC_CLIENT_ID": "shop",
        "OIDC_CLIENT_SECRET": "secret of the shop",
        "PHOTO_FOLDER": str(tmp_path),
    }
    known = {name: request.getfixturevalue(name) for name in others(request)}
    if "fake" in known:
        request.getfixturevalue("redis")
        settings["PAYMENTS_URL"] = known["fake"].url
        settings["PAYMENTS_SECONDS"] = 1.0
    if "provider" in known:
        settings["OIDC_ISSUER"] = known["provider"].config["ISSUER"]
    if "suppliers" in known:
        # threads cannot share a database in memory
        file = tmp_path / "shop.db"
        settings["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{file}"
        addresses = {n: s.address for n, s in known["suppliers"].items()}
        settings["SUPPLIERS"] = addresses
        settings["SUPPLIER_SECONDS"] = 20.0
    return settings


def others(request: pytest.FixtureRequest) -> set[str]:
    """Name those whom a test talks to."""
    return {"fake", "provider", "redis", "suppliers"}.intersection(
        request.fixturenames
    )


@pytest.fixture
def app(settings: dict[str, Any]) -> Iterator[Flask]:
    """Build a shop for one test, with tables and no rows."""
    app = create_app(settings)
    with app.app_context():
        db.create_all()
    yield app
    app.extensions["celery"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of the shop, with cookies of its own."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Give what runs the shop's commands."""
    return app.test_cli_runner()


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Build the shop as a server does, with Ada and one product in it."""
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef" * 2)
    monkeypatch.setenv("TRUSTED_HOSTS", "shop.example,localhost")
    app = create_app()
    app.config["PASSWORD_METHOD"] = "scrypt:512:8:1"
    with app.app_context():
        db.create_all()
        hashed = hash_password(PASSWORD)
        db.session.add(User(email="ada@example.org", password_hash=hashed))
        db.session.add(Product(name="<b>tea</b>", price_cents=350))
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def workers(
    settings: dict[str, Any], tmp_path: Path
) -> Iterator[tuple[Flask, Flask]]:
    """Build two shops with one database, as two workers have it."""
    settings |= {
        "PROPAGATE_EXCEPTIONS": False,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/shop.db",
    }
    workers = create_app(settings), create_app(settings)
    with workers[0].app_context():
        db.create_all()
    yield workers
    for worker in workers:
        with worker.app_context():
            db.engine.dispose()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Flask]:
    """Build a shop, and then see to it that its database is empty."""
    file = tmp_path / "migrated.db"
    address = f"sqlite:///{file}"
    shop = create_app({"SQLALCHEMY_DATABASE_URI": address})
    file.unlink(missing_ok=True)
    yield shop
    with shop.app_context():
        db.engine.dispose()


@pytest.fixture
def user(app: Flask) -> int:
    """Register Ada; give her id."""
    with app.app_context():
        hashed = hash_password(PASSWORD)
        ada = User(email="ada@example.org", password_hash=hashed)
        db.session.add(ada)
        db.session.commit()
        return ada.id


@pytest.fixture
def ada(app: Flask, user: int) -> FlaskClient:
    """Give the browser of Ada, who has logged in."""
    client = app.test_client()
    form = {"email": "ada@example.org", "password": PASSWORD}
    client.post("/accounts/login", data=form)
    return client


@pytest.fixture
def bob(app: Flask, ada: FlaskClient) -> FlaskClient:
    """Give the browser of Bob, who came after Ada and has logged in."""
    client = app.test_client()
    asked = {"email": "bob@example.org", "password": PASSWORD}
    client.post("/accounts", json=asked)
    client.post("/accounts/login", data=asked)
    return client


@pytest.fixture
def grant(app: Flask, user: int) -> Callable[..., None]:
    """Give what leaves Ada with these roles and no others."""

    def grant(*roles: Role) -> None:
        with app.app_context():
            db.session.execute(db.delete(UserRole).filter_by(user_id=user))
            for role in roles:
                db.session.add(UserRole(user_id=user, role=role))
            db.session.commit()

    return grant


@pytest.fixture
def keeper(ada: FlaskClient, grant: Callable[..., None]) -> FlaskClient:
    """Give the browser of Ada, who keeps the shop."""
    grant(Role.ADMIN)
    return ada


@pytest.fixture
def products(app: Flask) -> None:
    """Let the shop sell two products."""
    with app.app_context():
        for name in ("tea", "coffee"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()


@pytest.fixture
def hat(app: Flask) -> int:
    """Put a hat on the shelf; give its id."""
    with app.app_context():
        product = Product(name="Hat", price_cents=1900)
        db.session.add(product)
        db.session.commit()
        return product.id


Connect = Callable[[int | None], SocketIOTestClient]


def logged_in(app: Flask, browser: FlaskClient, number: int) -> None:
    """Let a browser be that of the user with a number."""
    with app.app_context():
        user = db.session.get(User, number) or User(id=number)
        user.email = f"{number}@example.org"
        db.session.add(user)
        db.session.commit()
        name = user.get_id()
    with browser.session_transaction() as session:
        session["_user_id"] = name


@pytest.fixture
def connect(app: Flask) -> Connect:
    """Give what opens a connection for a user, each from a new browser."""

    def connect(user_id: int | None) -> SocketIOTestClient:
        browser = app.test_client()
        if user_id is not None:
            logged_in(app, browser, user_id)
        found: SocketIOTestClient = app.extensions["socketio"].test_client(
            app, NAMESPACE, flask_test_client=browser
        )
        return found

    return connect


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """Give a server for the OpenID providers of all tests."""
    with served() as server:
        yield server


@pytest.fixture
def provider(server: Any) -> Flask:
    """Run an OpenID provider; its config bends what it says."""
    app = create_provider(server.port)
    server.app = app
    return app


@pytest.fixture
def visit(provider: Flask) -> Callable[..., str]:
    """Give what sends the provider's form, and says where that leads."""

    def visit(url: str, **form: str) -> str:
        return str(provider.test_client().post(url, data=form).location)

    return visit


class Handler(BaseHTTPRequestHandler):
    """One request to a payment provider that follows a plan."""

    fake: SimpleNamespace

    def do_POST(self) -> None:
        """Charge a card, unless the plan says otherwise."""
        key = self.headers["Idempotency-Key"]
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        how = self.next(key, 201)
        if how in (201, "late"):
            self.fake.charged[key] = sent["amount_cents"]
        self.answer(how, 201)

    def do_GET(self) -> None:
        """Tell whether a key was charged."""
        key = self.path.rpartition("/")[2]
        right = 200 if key in self.fake.charged else 404
        self.answer(self.next(key, right), right)

    def next(self, key: str, right: int) -> int | str:
        """Take the next point of the plan."""
        self.fake.seen.append(key)
        return self.fake.plan.pop(0) if self.fake.plan else right

    def answer(self, how: int | str, right: int) -> None:
        """Answer at once, late, or a byte at a time."""
        if how == "late":
            self.fake.answer_now.wait(10)
        self.send_response(how if isinstance(how, int) else right)
        self.end_headers()
        while how == "drip" and not self.fake.answer_now.wait(0.05):
            self.wfile.write(b" ")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def fake() -> Iterator[SimpleNamespace]:
    """Give a payment provider that runs."""
    fake = SimpleNamespace(plan=[], seen=[], charged={}, answer_now=Event())
    handler = type("Handler", (Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield fake
        fake.answer_now.set()
        server.shutdown()


class Supplier:
    """A small supplier, which answers what a test tells it to."""

    def __init__(self, cents: int, address: str) -> None:
        """Ask some cents for whatever is wanted."""
        self.address = address
        self.asked: list[str] = []
        self.answer: Callable[[], ResponseReturnValue] = lambda: {
            "price_cents": cents
        }


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app on a free port; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def servers() -> Iterator[list[tuple[Flask, str]]]:
    """Serve three apps, for as long as the tests run."""
    with ExitStack() as stack:
        apps = [Flask("supplier") for _ in range(3)]
        for app in apps:

            @app.route("/<path:path>", methods=["GET", "POST"])
            def answer(path: str, app: Flask = app) -> ResponseReturnValue:
                supplier: Supplier = app.extensions["supplier"]
                supplier.asked.append(f"{request.method} /{path}")
                return supplier.answer()

        yield [(app, stack.enter_context(serving(app))) for app in apps]


@pytest.fixture
def suppliers(servers: list[tuple[Flask, str]]) -> dict[str, Supplier]:
    """Give three suppliers, all well, who ask 300, 301 and 302 cents."""
    found = {}
    for i, name in enumerate(("north", "south", "west")):
        app, address = servers[i]
        found[name] = Supplier(300 + i, address)
        app.extensions["supplier"] = found[name]
    return found
