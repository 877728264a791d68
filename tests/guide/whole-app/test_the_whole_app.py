"""What somebody may try who means no good, on every route at once."""

import importlib.util
import runpy
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from celery import current_app as current_celery
from flask import Flask, current_app, request, session, url_for
from flask.testing import FlaskClient
from flask_login import current_user
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import DateTime, MetaData, event, text
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import joinedload

from myapp import (
    background,
    clients,
    create_app,
    flags,
    limits,
    payments,
    photos,
    support,
)
from myapp.access import MARK
from myapp.background import SETTINGS
from myapp.clients import network
from myapp.config import DEFAULTS, READERS
from myapp.database import unavailable
from myapp.extensions import db, migrate
from myapp.models import (
    Chat,
    Customer,
    Moment,
    Order,
    Payment,
    Product,
    Role,
    User,
)
from myapp.orders import OrdersAsked
from myapp.ready import is_ready

BODIES = [
    b"",
    b"null",
    b"[]",
    b'{"a": 1}',
    b'{"lines": [null]}',
    b"\xff",
    b"[" * 3000,
]
QUIET = {"RATELIMIT_ENABLED": False, "PROPAGATE_EXCEPTIONS": False}
ASK_OTHERS = {
    "health.ready",
    "offers.compare",
    "offers.reserve",
    "ready.show",
}
NO_PROVIDER = dict.fromkeys(
    ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"]
)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/x-www-form-urlencoded", "text/plain"],
)
def test_no_body_breaks_a_route(settings: dict[str, Any], kind: str) -> None:
    """Whatever is sent to any route is no fault of ours."""
    app = create_app(settings | QUIET | NO_PROVIDER)
    with app.app_context():
        db.create_all()
        db.session.add(Product(name="tea", price_cents=350))
        db.session.commit()
    client = app.test_client()
    client.post("/orders/1")
    broken = []
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            ids: dict[str, Any] = dict.fromkeys(rule.arguments, 1)
            path = url_for(rule.endpoint, **ids)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            for body in BODIES:
                answer = client.open(
                    path, method=method, data=body, content_type=kind
                )
                failed = answer.status_code >= 500
                if failed and rule.endpoint not in ASK_OTHERS:
                    broken.append((method, path, body[:9]))
    with app.app_context():
        db.engine.dispose()

    assert [] == broken


@pytest.mark.parametrize(
    "value", ["", "x", "-1", "2147483649", "9" * 40, "1e3", "\0", "' OR 1=1"]
)
def test_no_query_breaks_a_list(settings: dict[str, Any], value: str) -> None:
    """Nor does a query string."""
    app = create_app(settings | QUIET)
    with app.app_context():
        db.create_all()
    client = app.test_client()
    found = [
        client.get(path, query_string={name: value}).status_code
        for path in ("/orders", "/products", "/accounts/login", "/cart")
        for name in ("before", "limit", "page", "per_page", "next", "email")
    ]
    with app.app_context():
        db.engine.dispose()

    assert set(found) <= {200, 422}


def test_of_two_who_cancel_one_is_told(workers: tuple[Flask, Flask]) -> None:
    """What is given back is given back once, whoever asks twice."""
    first, second = (worker.test_client() for worker in workers)
    with workers[0].app_context():
        db.session.add(Product(name="tea", price_cents=350, stock=5))
        db.session.commit()
    path = f"/orders/{first.post('/orders/1').get_json()['order']}"
    cookie = first.get_cookie("session")
    assert cookie is not None
    second.set_cookie("session", cookie.value)
    statuses: list[int] = []

    def cut_in(*args: Any) -> None:
        if args[2].startswith('UPDATE "order"') and not statuses:
            statuses.append(0)
            statuses[0] = second.delete(path).status_code

    with workers[0].app_context():
        event.listen(db.engine, "before_cursor_execute", cut_in)
    statuses.append(first.delete(path).status_code)

    with workers[0].app_context():
        left = db.session.get_one(Product, 1).stock
        status = db.session.get_one(Order, 1).status
    assert [204, 409] == statuses
    assert (5, "cancelled") == (left, status)


def test_no_secret_is_written(
    app: Flask,
    ada: FlaskClient,
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """Neither what is sent nor what is given in return is in the log."""
    stranger = app.test_client()
    known = {
        "email": "ada@example.org",
        "password": "correct horse battery staple",
    }
    answer = stranger.post("/tokens", json=known, buffered=True)
    given = answer.get_json()
    found = [answer.status_code]
    for token in (given["access_token"], "hunter2"):
        bearer = {"Authorization": f"Bearer {token}"}
        owner = stranger.get("/tokens/owner", headers=bearer, buffered=True)
        found.append(owner.status_code)
    refresh = {"refresh_token": given["refresh_token"]}
    reset = {"token": "hunter2", "new": "x" * 15}
    for path, body in (
        ("/tokens/refresh", refresh),
        ("/tokens/refresh", refresh),
        ("/accounts/reset", reset),
    ):
        sent = stranger.post(path, json=body, buffered=True)
        found.append(sent.status_code)
    for query in ("code=hunter2&state=hunter2", "error=hunter2"):
        stranger.get(f"/oidc/callback?{query}", buffered=True)
    for number in range(32):
        tried = stranger.post(
            "/accounts/login?next=/hunter2",
            data={"email": "hunter2", "password": "hunter2"},
            headers={"X-Request-ID": "hunter2!", "User-Agent": "hunter2"},
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
            buffered=True,
        )
    cookie = ada.get_cookie("session")
    ada.get("/accounts/me?token=hunter2", buffered=True)

    written = lines()

    assert cookie is not None
    assert ([200, 200, 401], 429) == (found[:3], tried.status_code)
    statuses = [line["status"] for line in written if "status" in line]
    assert [429, 200] == statuses[-2:]
    secrets = ["hunter2", "no JSON", cookie.value, *known.values()]
    secrets += [given["access_token"], given["refresh_token"]]
    assert [] == [word for word in secrets if word in str(written)]


def test_what_nobody_sets() -> None:
    """Without a setting the shop is closed, bounded, and alone."""
    expected = {
        "DEBUG": False,
        "ORDERS_OPEN": True,
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 100_000,
        "MAX_FORM_PARTS": 100,
        "PHOTO_FOLDER": "photos",
        "FLAGS": {},
        "PROXIES": 0,
        "DRAIN_FILE": "",
        "SQLALCHEMY_DATABASE_URI": "sqlite://",
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "REMEMBER_COOKIE_NAME": "__Host-remember",
        "REMEMBER_COOKIE_SECURE": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_DURATION": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": 43200,
        "PASSWORD_METHOD": "scrypt:131072:8:1",
        "TOKEN_KEY": None,
        "TOKEN_PUBLIC_KEYS": [],
        "TOKEN_ISSUER": "https://shop.example",
        "TOKEN_AUDIENCE": "https://shop.example/api",
        "CORS_ORIGINS": (),
        "SOCKET_ORIGINS": None,
        "SOCKET_MESSAGE_BYTES": 10_000,
        "REDIS_URL": "redis://localhost:6379/0",
        "CACHE_REDIS_URL": "",
        "CACHE_KEY_PREFIX": "shop:",
        "MESSAGE_QUEUE": None,
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {
            "socket_timeout": 0.2,
            "retry": Retry(NoBackoff(), 1),
        },
        "PAYMENTS_URL": "https://payments.invalid",
        "PAYMENTS_SECONDS": 5.0,
        "SUPPLIERS": {},
        "SUPPLIER_SECONDS": 2.0,
        "SMTP_HOST": "",
    }
    assert expected == DEFAULTS


SAID = """\
CREATE TABLE "user" (
  id SERIAL NOT NULL,
  email VARCHAR(254) NOT NULL,
  password_hash VARCHAR(255),
  session_token VARCHAR(32) NOT NULL,
  is_active BOOLEAN NOT NULL,
  CONSTRAINT pk_user PRIMARY KEY (id),
  CONSTRAINT uq_user_email UNIQUE (email),
  CONSTRAINT uq_user_session_token UNIQUE (session_token)
);
CREATE TABLE user_role (
  user_id INTEGER NOT NULL,
  role VARCHAR(20) NOT NULL,
  CONSTRAINT pk_user_role PRIMARY KEY (user_id, role),
  CONSTRAINT fk_user_role_user_id FOREIGN KEY(user_id) REFERENCES "user" (id)
);
CREATE TABLE identity (
  issuer VARCHAR(255) NOT NULL,
  subject VARCHAR(255) NOT NULL,
  user_id INTEGER NOT NULL,
  CONSTRAINT pk_identity PRIMARY KEY (issuer, subject),
  CONSTRAINT fk_identity_user_id FOREIGN KEY(user_id) REFERENCES "user" (id)
);
CREATE INDEX ix_identity_user_id ON identity (user_id);
CREATE TABLE token_family (
  id VARCHAR(22) NOT NULL,
  secret_hash VARCHAR(64) NOT NULL,
  user_id INTEGER NOT NULL,
  login_hash VARCHAR(64) NOT NULL,
  scope VARCHAR(200) NOT NULL,
  expires_at BIGINT NOT NULL,
  CONSTRAINT pk_token_family PRIMARY KEY (id),
  CONSTRAINT fk_token_family_user_id FOREIGN KEY(user_id)
    REFERENCES "user" (id) ON DELETE CASCADE
);
CREATE INDEX ix_token_family_user_id ON token_family (user_id);
CREATE INDEX ix_token_family_expires_at ON token_family (expires_at);
CREATE TABLE payment (
  id SERIAL NOT NULL,
  order_id INTEGER NOT NULL,
  claims INTEGER,
  key VARCHAR(36) NOT NULL,
  amount_cents INTEGER NOT NULL,
  state VARCHAR(8) NOT NULL,
  since TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_payment PRIMARY KEY (id),
  CONSTRAINT uq_payment_claims UNIQUE (claims),
  CONSTRAINT uq_payment_key UNIQUE (key),
  CONSTRAINT fk_payment_order_id FOREIGN KEY(order_id) REFERENCES "order" (id)
);
CREATE INDEX ix_payment_order_id ON payment (order_id);
CREATE TABLE chat (
  id SERIAL NOT NULL,
  customer_id INTEGER NOT NULL,
  agent_id INTEGER NOT NULL,
  CONSTRAINT pk_chat PRIMARY KEY (id)
);
ALTER TABLE "order" ADD COLUMN user_id INTEGER;
ALTER TABLE "order" ADD COLUMN guest VARCHAR(32);
ALTER TABLE "order" ADD COLUMN email VARCHAR(254);
ALTER TABLE "order" ADD COLUMN job VARCHAR(32);
ALTER TABLE "order" ADD COLUMN confirmed_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE "order" ADD CONSTRAINT fk_order_user_id FOREIGN KEY(user_id)
    REFERENCES "user" (id);
CREATE INDEX ix_order_user_id ON "order" (user_id);
CREATE INDEX ix_order_guest ON "order" (guest);
DROP INDEX ix_order_guest;
DROP INDEX ix_order_user_id;
ALTER TABLE "order" DROP CONSTRAINT fk_order_user_id;
ALTER TABLE "order" DROP COLUMN confirmed_at;
ALTER TABLE "order" DROP COLUMN job;
ALTER TABLE "order" DROP COLUMN email;
ALTER TABLE "order" DROP COLUMN guest;
ALTER TABLE "order" DROP COLUMN user_id;
DROP TABLE chat;
DROP TABLE payment;
DROP TABLE token_family;
DROP TABLE identity;
DROP TABLE user_role;
DROP TABLE "user";
"""


def history(written: StringIO, dialect: str, *directions: str) -> None:
    """Write what a server is told by the shop's own revision."""
    options = {
        "as_sql": True,
        "output_buffer": written,
        "target_metadata": MetaData(),
    }
    context = MigrationContext.configure(dialect_name=dialect, opts=options)
    versions = Path(migrate.directory) / "versions"
    spec = importlib.util.spec_from_file_location(
        "whole", versions / "0004_the_whole_shop.py"
    )
    assert spec is not None
    assert spec.loader is not None
    revision = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(revision)

    with Operations.context(context):
        for direction in directions:
            getattr(revision, direction)()


def test_a_server_gets_the_same_tables() -> None:
    """PostgreSQL is told every name and type, and drops all of it again."""
    written = StringIO()
    history(written, "postgresql", "upgrade", "downgrade")

    assert SAID.split() == written.getvalue().split()


def test_mysql_is_told_what_kind_of_constraint_goes() -> None:
    """It has another word for each kind, and the tool does not guess."""
    written = StringIO()
    history(written, "mysql", "downgrade")

    said = "ALTER TABLE `order` DROP FOREIGN KEY fk_order_user_id;"
    assert said in written.getvalue()


SHOP = "http://127.0.0.1:5999"
FORM = '<input name="csrf_token" type="hidden" value="{}">'
ADA = {"email": "ada@example.org", "password": "correct horse battery"}
FIRST = [("set-cookie", "s=a=1; Secure; Path=/")]
LOGIN = [("set-cookie", "s=b; Secure"), ("set-cookie", "r=c; Max-Age=9")]
MAIL = ("GET", "/confirmations/7")
ORDER = {"order": 7, "total_cents": 960, "status": "new"}


class FakeShop:
    """What a shop answers that works, and what it was asked."""

    def __init__(self, *mail: str) -> None:
        """Give these states of the mail, the last one for ever."""
        told = [httpx.Response(200, json={"mail": state}) for state in mail]
        self.time = 1000.0
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.answers = {
            ("GET", "/accounts/login"): [
                httpx.Response(200, headers=FIRST, text=FORM.format("T1")),
                httpx.Response(200, text=FORM.format("T2")),
            ],
            ("POST", "/accounts"): [httpx.Response(201)],
            ("POST", "/accounts/login"): [httpx.Response(303, headers=LOGIN)],
            ("POST", "/orders"): [httpx.Response(201, json=ORDER)],
            ("PUT", "/confirmations/7"): [
                httpx.Response(202, json={"mail": mail[0]})
            ],
            ("GET", "/confirmations/7"): told[1:],
            ("POST", "/payments"): [
                httpx.Response(202, json={"state": "pending"})
            ],
            ("DELETE", "/orders/7"): [httpx.Response(409)],
            ("POST", "/tokens"): [
                httpx.Response(200, json={"scope": "orders:read"})
            ],
        }

    def request(self, method: str, url: str, **how: Any) -> httpx.Response:
        """Answer, and write down what was asked."""
        path = url.removeprefix(SHOP)
        self.asked.append((method, path, how))
        listed = self.answers[method, path]
        return listed.pop(0) if len(listed) > 1 else listed[0]

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeShop], None]:
    """Give a customer who goes through a shop."""

    def go(shop: FakeShop) -> None:
        monkeypatch.setenv("FLASK_RUN_PORT", "5999")
        monkeypatch.setattr(httpx, "request", shop.request)
        monkeypatch.setattr(time, "sleep", shop.sleep)
        monkeypatch.setattr(time, "monotonic", lambda: shop.time)
        runpy.run_path("customer.py")

    return go


def test_a_customer_asks_as_a_browser_does(
    go: Callable[[FakeShop], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each request has the cookies and the token of the page before."""
    shop = FakeShop("waiting", "waiting", "sent")

    go(shop)

    none = {"Cookie": "", "X-CSRFToken": ""}
    first = {"Cookie": "s=a=1", "X-CSRFToken": "T1"}
    again = {"Cookie": "s=b; r=c", "X-CSRFToken": "T1"}
    inside = {"Cookie": "s=b; r=c", "X-CSRFToken": "T2"}
    lines = {"lines": [{"product_id": 1, "quantity": 2}]}
    mail, card = {"email": ADA["email"]}, {"order": 7, "card": "tok_4242"}
    assert [
        ("GET", "/accounts/login", {"headers": none}),
        ("POST", "/accounts", {"headers": first, "json": ADA}),
        ("POST", "/accounts/login", {"headers": first, "data": ADA}),
        ("GET", "/accounts/login", {"headers": again}),
        ("POST", "/orders", {"headers": inside, "json": lines}),
        ("PUT", "/confirmations/7", {"headers": inside, "json": mail}),
        ("GET", "/confirmations/7", {"headers": inside}),
        ("GET", "/confirmations/7", {"headers": inside}),
        ("POST", "/payments", {"headers": inside, "json": card}),
        ("DELETE", "/orders/7", {"headers": inside}),
        ("POST", "/tokens", {"headers": inside, "json": ADA}),
    ] == [
        (method, path, {k: how[k] for k in how if k != "timeout"})
        for method, path, how in shop.asked
    ]
    assert {20} == {how["timeout"] for *_, how in shop.asked}
    assert [
        "GET /accounts/login 200",
        "POST /accounts 201",
        "POST /accounts/login 303",
        "GET /accounts/login 200",
        "POST /orders 201",
        "total 960 new",
        "PUT /confirmations/7 202",
        "GET /confirmations/7 200",
        "GET /confirmations/7 200",
        "mail sent",
        "POST /payments 202",
        "payment pending",
        "DELETE /orders/7 409",
        "POST /tokens 200",
        "token for orders:read",
    ] == capsys.readouterr().out.splitlines()


def test_a_customer_waits_for_the_mail_so_long(
    go: Callable[[FakeShop], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Twice a second for twenty seconds, and says what was heard last."""
    shop = FakeShop("waiting", "waiting")

    go(shop)

    looked = [how for *asked, how in shop.asked if asked == [*MAIL]]
    assert (40, 1020.0) == (len(looked), shop.time)
    assert "mail waiting" in capsys.readouterr().out


ONE = {"product_id": 1, "quantity": 1}
TEA = {"lines": [ONE]}
MOST = 2**31 - 1


@pytest.fixture
def stocked(app: Flask) -> None:
    """Let the shop sell a hundred teas, and know who is on the phone."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350, stock=100))
        db.session.add(Customer(email="ann@example.com", name="Ann"))
        db.session.commit()


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("count", "status"), [(0, 422), (1, 201), (50, 201), (51, 422)]
)
def test_so_many_lines_are_an_order(
    client: FlaskClient, count: int, status: int
) -> None:
    """None are no order, and fifty are enough."""
    answer = client.post("/orders", json={"lines": [ONE] * count})

    assert status == answer.status_code


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("before=0", 422),
        ("before=1", 200),
        ("before=2147483648", 200),
        ("before=2147483649", 422),
        ("limit=0", 422),
        ("limit=1", 200),
        ("limit=100", 200),
        ("limit=101", 422),
    ],
)
def test_a_list_has_bounds(
    client: FlaskClient, query: str, status: int
) -> None:
    """A part of it is named, and is no more than a hundred."""
    assert status == client.get(f"/orders?{query}").status_code


def test_a_list_begins_with_the_newest() -> None:
    """Above every number there can be, and twenty at a time."""
    asked = OrdersAsked()

    assert (MOST + 1, 20) == (asked.before, asked.limit)


@pytest.mark.usefixtures("stocked")
def test_who_is_nobody_owns_nothing(
    app: Flask, client: FlaskClient, ada: FlaskClient
) -> None:
    """Orders of users are no guest's, least of all of one unknown yet."""
    mine = ada.post("/orders", json=TEA).get_json()["order"]

    assert [] == client.get("/orders").get_json()["orders"]
    assert 404 == client.get(f"/orders/{mine}").status_code
    assert 201 == client.post("/orders/1").status_code
    with client.session_transaction() as session:
        assert 32 == len(session["guest"])
    with app.app_context():
        found = db.session.scalars(db.select(Order).order_by(Order.id)).all()
        whose = [(order.user_id, order.guest) for order in found]
        assert [(1, None), (None, session["guest"])] == whose


@pytest.mark.usefixtures("stocked")
def test_what_is_refused_says_why(
    app: Flask, client: FlaskClient, keeper: FlaskClient
) -> None:
    """Of too few, of what is closed, of who is unknown."""
    many = {"lines": [ONE | {"quantity": 101}]}
    number = client.post("/orders", json=TEA).get_json()["order"]
    client.delete(f"/orders/{number}")
    phone = TEA | {"customer_id": 9}

    said = [
        client.post("/orders", json=many).get_json(),
        client.delete(f"/orders/{number}").get_json(),
        keeper.post("/staff/orders", json=phone).get_json(),
    ]

    problems = "https://shop.example/problems"
    assert [
        (f"{problems}/out-of-stock", "Out of stock", "Order fewer."),
        (
            f"{problems}/order-closed",
            "Order closed",
            "It is cancelled, paid, or about to be.",
        ),
        (
            f"{problems}/invalid-request",
            "Invalid request",
            "There is no such customer.",
        ),
    ] == [(each["type"], each["title"], each["detail"]) for each in said]


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("state", "status"), [("refused", 402), ("unsent", 503)]
)
def test_who_did_not_pay_is_told_so(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    status: int,
) -> None:
    """Nothing was charged; where nobody was reached, it may be tried again."""
    client.post("/orders", json=TEA)
    monkeypatch.setattr(payments, "charge", lambda *_: state)

    answer = client.post("/payments", json={"order": 1, "card": "tok_1"})

    assert status == answer.status_code
    assert "Nothing was charged." == answer.get_json()["detail"]
    again = {"unsent": "30"}.get(state)
    assert again == answer.headers.get("Retry-After")


@pytest.mark.usefixtures("stocked")
def test_the_provider_is_told_the_card_and_what_it_owes(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token of the card, the whole of the order, the payment's key."""
    asked: list[tuple[object, ...]] = []

    def charge(*told: object) -> str:
        asked.append(told)
        return "paid"

    monkeypatch.setattr(payments, "charge", charge)
    total = client.post("/orders", json=TEA).get_json()["total_cents"]

    client.post("/payments", json={"order": 1, "card": "tok_1"})

    with app.app_context():
        key = db.session.get_one(Payment, 1).key
    found = app.extensions["payments"]
    assert [(found, key, total, "tok_1")] == asked


@pytest.mark.parametrize(
    ("age", "expected"),
    [(timedelta(0), "pending"), (timedelta(microseconds=1), "unsent")],
)
@pytest.mark.usefixtures("stocked")
def test_a_payment_may_arrive_until_its_time_is_over(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    age: timedelta,
    expected: str,
) -> None:
    """To the moment: only what is older is given up."""
    client.post("/orders", json=TEA)
    monkeypatch.setattr(payments, "charge", lambda *_: "pending")
    client.post("/payments", json={"order": 1, "card": "tok_1"})
    with app.app_context():
        sent = db.session.get_one(Payment, 1).since
    late = sent + payments.ARRIVES_WITHIN + age
    monkeypatch.setattr(payments, "now", lambda: late)
    monkeypatch.setattr(payments, "ask", lambda *_: "unsent")

    app.test_cli_runner().invoke(args=["payments", "settle"])

    with app.app_context():
        assert expected == db.session.get_one(Payment, 1).state


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("email=", 200),
        (f"email={'a' * 254}", 200),
        (f"email={'a' * 255}", 422),
        ("email=%00", 422),
    ],
)
def test_staff_look_for_an_address(
    keeper: FlaskClient, query: str, status: int
) -> None:
    """It is as long as an address may be, and is text."""
    assert status == keeper.get(f"/staff/orders?{query}").status_code


@pytest.mark.usefixtures("stocked")
def test_the_rest_of_a_list_is_asked_for_alike(keeper: FlaskClient) -> None:
    """The link has all that was asked for, and where to go on."""
    for _ in range(2):
        keeper.post("/orders", json=TEA)

    more = keeper.get("/staff/orders?limit=1").get_json()["next"]

    assert "/staff/orders?before=2&limit=1&email=" == more


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        (0, (422, "greater_than_equal")),
        (1, (201, None)),
        (MOST, (422, "unknown_customer")),
        (MOST + 1, (422, "less_than_equal")),
    ],
)
def test_somebody_is_on_the_phone(
    keeper: FlaskClient, customer: int, expected: tuple[int, str | None]
) -> None:
    """A number of no customer is not one of a row too far."""
    sent = TEA | {"customer_id": customer}

    answer = keeper.post("/staff/orders", json=sent)

    errors = answer.get_json().get("errors", [{"code": None}])
    assert expected == (answer.status_code, errors[0]["code"])


@pytest.mark.usefixtures("stocked")
def test_support_orders_and_does_not_pry(
    ada: FlaskClient, grant: Callable[..., None]
) -> None:
    """What support may do is not all that an admin may."""
    grant(Role.SUPPORT)

    assert [201, 200, 403] == [
        ada.post("/staff/orders", json=TEA | {"customer_id": 1}).status_code,
        ada.get("/staff/orders").status_code,
        ada.get("/staff/orders/1").status_code,
    ]


def test_an_order_asks_for_its_lines_only_where_it_is_told() -> None:
    """By their numbers; an order without them takes them along."""
    lines = Order.__mapper__.relationships["lines"]

    assert "raise" == lines.lazy
    assert "ORDER BY line_1.id" in str(
        db.select(Order).options(joinedload(Order.lines))
    )


WHO = {
    "public": {
        "accounts.login",
        "accounts.login_page",
        "accounts.logout",
        "accounts.register",
        "accounts.reset_password",
        "cart.add",
        "cart.empty",
        "cart.show",
        "checkout.gift_note",
        "checkout.show",
        "customers.register",
        "health.live",
        "health.ready",
        "health.show",
        "keys.jwks",
        "offers.compare",
        "offers.reserve",
        "oidc.callback",
        "oidc.login",
        "orders.create",
        "orders.create_one",
        "payments.metrics",
        "photos.show",
        "products.index",
        "products.show",
        "quotes.ask",
        "ready.show",
        "static",
        "tokens.login",
        "tokens.refresh",
        "tokens.revoke",
        "visitors.me",
    },
    "customers": {
        "accounts.change_password",
        "accounts.logout_everywhere",
        "accounts.me",
        "oidc.link",
        "oidc.unlink",
    },
    "owners": {
        "confirmations.ask",
        "confirmations.show",
        "orders.cancel",
        "orders.exchange",
        "orders.index",
        "orders.show",
        "payments.create",
        "payments.show",
    },
    "bearers": {"tokens.owner"},
    "admin": {
        "exports.products_csv",
        "photos.upload",
        "photos.upload_raw",
        "staff.any_order",
    },
    "admin or support": {"staff.all_orders", "staff.order_for"},
}


def test_who_is_let_in_where(app: Flask) -> None:
    """Every view is in this table, and nobody's views are none."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for endpoint, view in app.view_functions.items():
        found[getattr(view, MARK)].add(endpoint)

    assert WHO == found


@pytest.mark.parametrize(
    ("known", "kept", "expected"),
    [
        (True, {"_user_id": "1"}, True),
        (True, {}, False),
        (False, {"_user_id": "1"}, False),
    ],
)
def test_the_chat_is_for_who_logged_in_here(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    known: bool,
    kept: dict[str, str],
    expected: bool,
) -> None:
    """A login that was remembered, and one that has ended, are none."""
    somebody = SimpleNamespace(is_authenticated=known)
    monkeypatch.setattr(support, "current_user", somebody)
    with app.test_request_context():
        session.update(kept)

        assert expected == support.connect(None)


def test_nobody_takes_part_in_a_chat(app: Flask) -> None:
    """Not even in that of the first customer."""
    with app.test_request_context():
        db.session.add(chat := Chat(customer_id=1, agent_id=2))
        db.session.commit()

        assert support.find(chat.id) is None


def test_a_shop_that_is_not_ready_says_where_to_look(app: Flask) -> None:
    """To whom asks it says no more; a shop without a history has none."""
    answer = app.test_client().get("/ready")
    with app.app_context():
        ready = is_ready()

    said = answer.get_json()["detail"]
    assert (503, "Not now: the log says why.") == (answer.status_code, said)
    assert False is ready


def test_the_queue_is_told_all_of_it(app: Flask, redis_url: str) -> None:
    """Where it is, how long to wait, and that the log is not its own."""
    conf = app.extensions["celery"].conf
    expected = SETTINGS | {
        "broker_url": redis_url,
        "broker_transport_options": {
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
        },
        "result_backend": redis_url,
        "redis_socket_connect_timeout": 1,
        "redis_socket_timeout": 2,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }

    assert expected == {name: conf[name] for name in expected}


def test_a_task_is_given_all_and_is_in_its_shop(app: Flask) -> None:
    """What it was sent by place and by name, inside the shop's context."""
    made = app.extensions["celery"]

    @made.task(name="given")  # type: ignore[untyped-decorator]
    def given(*args: int, **kwargs: int) -> list[object]:
        return [args, kwargs, current_app.extensions["celery"] is made]

    assert [(1,), {"two": 2}, True] == given.apply((1,), {"two": 2}).get()


def test_a_shop_is_nobody_elses_current_celery(app: Flask) -> None:
    """Whoever asks Celery for the one at work is not given the newest."""
    made = background.made_for(app)

    assert current_celery != made


def test_the_worker_is_told_of_more_than_its_log() -> None:
    """What the queue's page sets is set here too."""
    beside = {"worker_hijack_root_logger", "worker_redirect_stdouts"}

    assert {
        "accept_content",
        "beat_schedule",
        "broker_connection_retry_on_startup",
        "result_expires",
        "task_acks_late",
        "task_publish_retry_policy",
        "task_reject_on_worker_lost",
        "task_soft_time_limit",
        "task_time_limit",
        "worker_prefetch_multiplier",
    } == SETTINGS.keys() - beside


def test_every_column_that_has_a_time_has_a_zone() -> None:
    """PostgreSQL would take what has none for a time of its own."""
    found = {
        f"{table}.{column.name}": type(column.type)
        for table, listed in db.metadata.tables.items()
        for column in listed.columns
        if isinstance(column.type, (DateTime, Moment))
    }

    assert {
        "order.placed_at": Moment,
        "order.confirmed_at": Moment,
        "payment.since": Moment,
    } == found


def test_the_shop_is_prepared_for_its_database(app: Flask) -> None:
    """SQLite refuses rows that point nowhere; one that is away is told of."""
    with app.app_context():
        enforced = db.session.scalar(text("PRAGMA foreign_keys"))

    handlers = app.error_handler_spec[None][None]
    away = {error for error, to in handlers.items() if to is unavailable}
    assert (1, {OperationalError, TimeoutError}) == (enforced, away)


def test_a_guests_number_fits_its_column(app: Flask) -> None:
    """Servers refuse what is longer, and SQLite keeps it."""
    with app.test_request_context():
        number = flags.visitor()

        assert number == session["guest"]
    kept = getattr(Order.__table__.c.guest.type, "length", 0)
    assert (32, 32) == (len(number), kept)


@pytest.mark.parametrize(
    ("known", "kept", "expected"),
    [
        (True, {"_user_id": "1"}, "customer 7"),
        (True, {}, "192.0.2.1"),
        (False, {"_user_id": "1"}, "192.0.2.1"),
    ],
)
def test_a_limit_counts_who_is_logged_in_here(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    known: bool,
    kept: dict[str, str],
    expected: str,
) -> None:
    """By customer; whoever brings no session of his own, by the network."""
    somebody = SimpleNamespace(is_authenticated=known, id=7)
    monkeypatch.setattr(clients, "current_user", somebody)
    there = {"REMOTE_ADDR": "192.0.2.1"}
    with app.test_request_context(environ_base=there):
        session.update(kept)

        assert expected == clients.client()


@pytest.mark.parametrize(
    ("method", "endpoint", "expected"),
    [
        ("POST", "photos.upload", photos.LARGEST),
        ("POST", "photos.upload_raw", photos.LARGEST),
        ("GET", "products.index", DEFAULTS["MAX_CONTENT_LENGTH"]),
    ],
)
def test_where_a_body_may_be_as_large_as_a_photo(
    app: Flask, method: str, endpoint: str, expected: int
) -> None:
    """Both ways to send one, and nothing else."""
    with app.test_request_context():
        path = url_for(endpoint)

    with app.test_request_context(path, method=method):
        photos.make_room()

        assert (endpoint, expected) == (
            request.endpoint,
            request.max_content_length,
        )


def test_who_talks_is_who_was_asked_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The script's people have the numbers of the chat."""
    monkeypatch.setattr(sys, "argv", ["talk.py", "websocket"])
    monkeypatch.setattr(
        "socketio.SimpleClient", lambda: pytest.fail("nobody is called")
    )
    spec = importlib.util.spec_from_file_location("talk", "talk.py")
    assert spec is not None
    assert spec.loader is not None
    talk = importlib.util.module_from_spec(spec)
    monkeypatch.setenv("FLASK_RUN_PORT", "5999")
    monkeypatch.setattr("myapp.create_app", lambda: app)
    with pytest.raises(pytest.fail.Exception, match="nobody is called"):
        spec.loader.exec_module(talk)

    name, _, value = talk.cookie(app, 7).partition("=")

    with app.app_context():
        assert "7@talk.example" == db.session.get_one(User, 7).email
    with app.test_request_context(headers={"Cookie": f"{name}={value}"}):
        assert ("_user_id", 7) == (*session, current_user.id)


@pytest.mark.parametrize(
    ("path", "sent", "expected"),
    [
        ("/accounts/login", {"data": {"email": "Ann@x.org"}}, "ann@x.org"),
        ("/accounts/login", {"data": {"name": "Ann"}}, "none"),
        (
            "/tokens",
            {"json": {"email": "Ann@example.org", "password": "guess"}},
            "ann@example.org",
        ),
        ("/tokens", {"json": []}, "none"),
        ("/accounts/password", {"data": {"email": "a"}}, "network 127.0.0.1"),
    ],
)
def test_whose_password_is_tried(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    sent: dict[str, Any],
    expected: str,
) -> None:
    """An address in one spelling, or that there is none, or a client."""
    monkeypatch.setattr(limits, "client", lambda: "network 127.0.0.1")
    with app.test_request_context(path, method="POST", **sent):
        assert expected == limits.account()


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/accounts/login", False),
        ("POST", "/accounts/password", False),
        ("DELETE", "/oidc/link", True),
        ("POST", "/oidc/link", False),
        ("POST", "/tokens", False),
        ("GET", "/accounts/me", True),
    ],
)
def test_which_requests_try_a_password(
    app: Flask, method: str, path: str, expected: bool
) -> None:
    """Whoever only reads has not guessed."""
    with app.test_request_context(path, method=method):
        assert expected is limits.asks_nothing()


def test_guesses_are_counted_by_network_and_by_account(app: Flask) -> None:
    """Ten in a minute from one place, thirty in an hour at one account."""
    marked = app.extensions["limiter"]
    found = {
        (str(limit.limit), limit.key_func, limit.exempt_when)
        for manager in [next(iter(marked)).limit_manager]
        for limit in manager.blueprint_limits(app, "accounts")
    }

    assert {
        ("10 per 1 minute", network, limits.asks_nothing),
        ("30 per 1 hour", limits.account, limits.asks_nothing),
    } == found


def test_which_variable_is_which_setting() -> None:
    """The environment speaks of all that a shop can be told."""
    alike = {
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "ORDERS_OPEN",
        "FLAGS",
        "REDIS_URL",
        "PAYMENTS_URL",
        "TOKEN_KEY",
        "TOKEN_PUBLIC_KEYS",
        "TRUSTED_HOSTS",
        "PROXIES",
        "DRAIN_FILE",
        "CORS_ORIGINS",
        "SOCKET_ORIGINS",
        "SUPPLIERS",
        "SMTP_HOST",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
    }
    expected = {name: name for name in alike}
    expected["DATABASE_URL"] = "SQLALCHEMY_DATABASE_URI"

    assert expected == {
        name: setting for name, (setting, _) in READERS.items()
    }
