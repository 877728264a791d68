"""The database under attack: races, bounds, forks, and none at all."""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import (
    Connection,
    create_engine,
    event,
    exc,
    make_url,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import QueuePool

from myapp import config, create_app
from myapp.database import enforce_foreign_keys
from myapp.extensions import Base, db
from myapp.models import Customer, Line, Moment, Order, Product
from myapp.orders import place

ANN = {"email": "ann@example.com", "name": "Ann"}
PROBLEM = "application/problem+json"
POSTGRESQL = make_url("postgresql://").get_dialect()()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of a shop with tea and Ann, as in production."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350))
        db.session.add(Product(name="coffee", price_cents=500, stock=1))
        db.session.add(Customer(**ANN))
        db.session.commit()
    return app.test_client()


@pytest.fixture
def forgetful(client: FlaskClient) -> Iterator[None]:
    """Lose the name of each customer on the way to the database."""

    def forget(mapper: object, connection: Connection, target: Any) -> None:
        target.name = None

    event.listen(Customer, "before_insert", forget)
    yield
    event.remove(Customer, "before_insert", forget)


@pytest.fixture
def machine_in_chile() -> Iterator[None]:
    """Let the machine's own clock be four hours behind UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "<-04>4")
        time.tzset()
        yield
    time.tzset()


def lines(*pairs: tuple[int, int]) -> list[dict[str, int]]:
    """Give the lines of an order of products and quantities."""
    return [{"product_id": p, "quantity": q} for p, q in pairs]


# models


def test_models_inherit_the_base() -> None:
    """No model is a db.Model, and none has the old query."""
    mapped = [m.class_ for m in Base.registry.mappers]

    assert {"Customer", "Line", "Order", "Product"} <= {
        model.__name__ for model in mapped
    }
    assert [] == [m.__name__ for m in mapped if Base not in m.__bases__]
    assert [] == [m.__name__ for m in mapped if hasattr(m, "query")]


def test_the_tables_are_what_the_types_say() -> None:
    """A column may be empty where its type says None."""
    empty = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.nullable
    }
    indexed = {
        str(index.name)
        for table in Base.metadata.tables.values()
        for index in table.indexes
    }

    assert {"order.customer_id", "product.stock"} == empty
    assert {"ix_order_customer_id", "ix_line_order_id"} == indexed
    tables = Base.metadata.tables
    widths = [tables["customer"].c[name].type for name in ("email", "name")]
    assert ["VARCHAR(254)", "VARCHAR(80)"] == [str(w) for w in widths]


def test_constraints_are_named_alike() -> None:
    """A migration finds each by its name."""
    found = {
        str(constraint.name)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
    }

    assert {
        "ck_product_stock",
        "fk_line_order_id",
        "fk_line_product_id",
        "fk_order_customer_id",
        "pk_customer",
        "pk_line",
        "pk_order",
        "pk_product",
        "uq_customer_email",
    } == found


def test_an_order_is_placed_now(app: Flask, client: FlaskClient) -> None:
    """The moment of an order is when it was placed, in UTC."""
    before = datetime.now(UTC)
    text = client.post("/orders/1").get_json()["placed_at"]
    after = datetime.now(UTC)

    placed = datetime.fromisoformat(text)
    assert placed >= before, "before the test began"
    assert placed <= after
    assert timedelta(0) == placed.utcoffset()
    assert text == client.get("/orders/1").get_json()["placed_at"]


@pytest.mark.usefixtures("machine_in_chile")
def test_a_moment_is_kept_in_utc(app: Flask) -> None:
    """Noon in Tokyo comes back as three in the morning, UTC."""
    tokyo = timezone(timedelta(hours=9))
    with app.app_context():
        noon = datetime(2026, 1, 2, 12, tzinfo=tokyo)
        db.session.add(Order(placed_at=noon))
        db.session.commit()
        stored = db.session.scalar(
            db.text('SELECT placed_at FROM "order"')  # what SQLite has
        )
        read = db.session.get_one(Order, 1).placed_at

    assert "2026-01-02 03:00:00.000000" == stored
    assert (noon, timedelta(0)) == (read, read.utcoffset())


def test_a_moment_with_a_zone_keeps_it() -> None:
    """PostgreSQL gives the zone of the session; it is the same moment."""
    tokyo = datetime(2026, 1, 2, 12, tzinfo=timezone(timedelta(hours=9)))

    kept = Moment().process_bind_param(tokyo, POSTGRESQL)

    assert kept is not None
    assert (tokyo, UTC) == (kept, kept.tzinfo)
    assert tokyo == Moment().process_result_value(tokyo, POSTGRESQL)
    assert Moment().process_result_value(None, POSTGRESQL) is None
    assert Moment().process_bind_param(None, POSTGRESQL) is None


def test_a_moment_has_a_zone_on_a_server() -> None:
    """The column is one with a zone where there is such a thing."""
    kind = Order.__table__.c.placed_at.type

    expected = "TIMESTAMP WITH TIME ZONE"
    assert expected == kind.compile(POSTGRESQL)
    assert Moment.cache_ok, "SQLAlchemy would prepare each statement anew"


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    """What utcnow() gives could be any moment."""
    with app.app_context():
        db.session.add(Order(placed_at=datetime(2026, 1, 2)))
        why = r"\) a moment without a zone\n"
        with pytest.raises(exc.StatementError, match=why):
            db.session.flush()


def test_a_price_is_that_of_the_day(app: Flask, client: FlaskClient) -> None:
    """A new price changes no order, and cents add up exactly."""
    client.post(
        "/orders", json={"customer_id": 1, "lines": lines((1, 3), (2, 1))}
    )
    with app.app_context():
        db.session.get_one(Product, 1).price_cents = 999
        db.session.commit()

    shown = client.get("/orders/1").get_json()
    assert 1550 == shown["total_cents"]
    assert [
        {"product": "/products/1", "quantity": 3, "price_cents": 350},
        {"product": "/products/2", "quantity": 1, "price_cents": 500},
    ] == shown["lines"]


# who commits


def test_what_fails_leaves_nothing(app: Flask, client: FlaskClient) -> None:
    """A view that fails after a helper has changed rows undoes it all."""

    @app.get("/fail")
    def fail() -> str:
        place([(2, 1)])
        raise KeyError("after the flush")

    assert 500 == client.get("/fail").status_code
    assert 404 == client.get("/orders/1").status_code
    with app.app_context():
        assert 1 == db.session.get_one(Product, 2).stock


def test_an_order_names_its_customer(app: Flask, client: FlaskClient) -> None:
    """An order is its customer's, one of a guest nobody's."""
    client.post("/orders", json={"customer_id": 1, "lines": lines((1, 1))})
    client.post("/orders/1")

    with app.app_context():
        found = db.select(Order.customer_id).order_by(Order.id)
        assert [1, None] == db.session.scalars(found).all()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({}, [["/customer_id", "missing"], ["/lines", "missing"]]),
        (
            {"customer_id": 2, "lines": lines((1, 1))},
            [["/customer_id", "unknown_customer"]],
        ),
        (
            {"customer_id": 0, "lines": lines((1, 1))},
            [["/customer_id", "greater_than_equal"]],
        ),
        (
            {"customer_id": 2**31 - 1, "lines": lines((1, 1))},
            [["/customer_id", "unknown_customer"]],
        ),
        (
            {"customer_id": 2**31, "lines": lines((1, 1))},
            [["/customer_id", "less_than_equal"]],
        ),
        (
            {"customer_id": True, "lines": lines((1, 1))},
            [["/customer_id", "int_type"]],
        ),
        ({"customer_id": 1, "lines": []}, [["/lines", "too_short"]]),
        (
            {"customer_id": 1, "lines": lines((1, 1)) * 51},
            [["/lines", "too_long"]],
        ),
        (
            {"customer_id": 1, "lines": lines((1, 1), (3, 1))},
            [["/lines/1/product_id", "unknown_product"]],
        ),
        (
            {"customer_id": 1, "lines": lines((2, -1))},
            [["/lines/0/quantity", "greater_than_equal"]],
        ),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    order: dict[str, Any],
    expected: list[list[str]],
    client: FlaskClient,
) -> None:
    """Each fault is named by its field, and no order is there."""
    response = client.post("/orders", json=order)

    assert 422 == response.status_code
    found = [[e["field"], e["code"]] for e in response.get_json()["errors"]]
    assert expected == found
    assert [] == client.get("/orders").get_json()["orders"]


def test_an_order_of_many_lines_is_taken(client: FlaskClient) -> None:
    """Fifty lines are allowed."""
    order = {"customer_id": 1, "lines": lines((1, 1)) * 50}

    assert 201 == client.post("/orders", json=order).status_code


def test_the_refusals_have_the_one_shape(client: FlaskClient) -> None:
    """What is out of stock is a problem that names the product."""
    client.post("/orders/2")
    response = client.post("/orders/2")

    assert (409, PROBLEM) == (response.status_code, response.content_type)
    assert {
        "type": "https://shop.example/problems/out-of-stock",
        "title": "Out of stock",
        "status": 409,
        "detail": "Order fewer.",
        "product_id": 2,
    } == response.get_json()


def test_an_unknown_customer_is_told_so(client: FlaskClient) -> None:
    """The words of the refusal are for people."""
    order = {"customer_id": 2, "lines": lines((1, 1))}
    response = client.post("/orders", json=order)

    assert "There is no such customer." == response.get_json()["detail"]


# stock


def test_an_order_takes_from_the_stock(
    app: Flask, client: FlaskClient
) -> None:
    """The last piece can be had, and lines may name a product twice."""
    with app.app_context():
        db.session.get_one(Product, 1).stock = 5
        db.session.commit()
    wanted = lines((2, 1), (1, 2), (1, 1))
    placed = client.post("/orders", json={"customer_id": 1, "lines": wanted})

    assert 201 == placed.status_code
    assert 1550 == placed.get_json()["total_cents"]
    assert placed.json == client.get("/orders/1").json
    with app.app_context():
        found = db.select(Product.stock).order_by(Product.id)
        assert [2, 0] == db.session.scalars(found).all()


def test_products_are_taken_in_one_order(
    app: Flask, client: FlaskClient
) -> None:
    """Whatever order the lines have, rows are locked in one."""
    taken: list[int] = []

    def note(*args: Any) -> None:
        if args[2].startswith("UPDATE product"):
            taken.append(args[3][1])

    with app.app_context():
        db.session.execute(db.update(Product).values(stock=9))
        db.session.commit()
        event.listen(db.engine, "before_cursor_execute", note)

    for asked in (lines((1, 1), (2, 1)), lines((2, 1), (1, 1))):
        client.post("/orders", json={"customer_id": 1, "lines": asked})

    assert [1, 2, 1, 2] == taken


def test_what_is_not_counted_never_ends(client: FlaskClient) -> None:
    """A product without a stock can be had in any number."""
    order = {"customer_id": 1, "lines": lines((1, 999))}

    assert [201, 201] == [
        client.post("/orders", json=order).status_code for _ in range(2)
    ]


def test_a_stock_is_never_negative(app: Flask, client: FlaskClient) -> None:
    """Whatever writes it, the table refuses."""
    with app.app_context():
        db.session.get_one(Product, 2).stock = -1
        with pytest.raises(exc.IntegrityError, match="ck_product_stock"):
            db.session.commit()


def test_a_version_tells_who_comes_late() -> None:
    """A form that was read before the last change is not written."""

    class Forms(DeclarativeBase):
        """Tables of this test."""

    class Form(Forms):
        """What two people edit."""

        __tablename__ = "form"
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]
        version: Mapped[int] = mapped_column()
        __mapper_args__ = {"version_id_col": version}

    engine = create_engine("sqlite://")
    Forms.metadata.create_all(engine)
    with Session(engine) as session:
        form = Form(text="old")
        session.add(form)
        session.flush()
        session.connection().execute(update(Form).values(version=2))
        form.text = "new"
        with pytest.raises(StaleDataError):
            session.flush()
    engine.dispose()


# lists


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("", [3, 2, 1]),
        ("ann@example.com", [3, 1]),
        ("ANN@example.com", [3, 1]),
        ("o'brien@example.com", [2]),
        ("bob@example.com", []),
        ("'or'1'='1'or'@example.com", []),
    ],
)
def test_a_customer_has_the_orders_of_an_address(
    email: str, expected: list[int], client: FlaskClient
) -> None:
    """An address is a value, whatever characters are in it."""
    client.post("/customers", json=ANN | {"email": "o'brien@example.com"})
    for who in (1, 2, 1):
        order = {"customer_id": who, "lines": lines((1, 1))}
        client.post("/orders", json=order)

    response = client.get("/orders", query_string={"email": email})

    assert 200 == response.status_code
    assert expected == [o["order"] for o in response.get_json()["orders"]]


@pytest.mark.parametrize(
    "email",
    [
        "' or 1=1 --",
        "'; drop table customer; --",
        "%",
        "\\",
        "' union select 1, 2, 3 --",
        "o'brien@example.com",
        "ann@example.com'",
    ],
)
def test_no_value_is_read_as_sql(email: str, client: FlaskClient) -> None:
    """An attack is an address that nobody has."""
    client.post("/orders", json={"customer_id": 1, "lines": lines((1, 1))})
    response = client.get("/orders", query_string={"email": email})

    assert 200 == response.status_code
    assert [] == response.get_json()["orders"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_each_order_is_listed_once(limit: int, client: FlaskClient) -> None:
    """Page after page, each order comes once, though new ones arrive."""
    for _ in range(5):
        client.post("/orders/1")
    seen: list[int] = []
    url = f"/orders?limit={limit}"

    while url and len(seen) < 20:
        page = client.get(url).get_json()
        seen += [order["order"] for order in page["orders"]]
        url = page["next"]
        client.post("/orders/1")

    assert [5, 4, 3, 2, 1] == seen


def test_a_page_is_as_long_as_asked(client: FlaskClient) -> None:
    """Twenty unless asked otherwise, and the next follows its customer."""
    for _ in range(21):
        client.post("/orders", json={"customer_id": 1, "lines": lines((1, 1))})

    first = client.get("/orders?email=ann@example.com").get_json()
    expected = "/orders?before=2&limit=20&email=ann@example.com"

    assert (20, expected) == (len(first["orders"]), first["next"])
    last = client.get(first["next"]).get_json()
    assert (1, None) == (len(last["orders"]), last["next"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=-1", 422),
        ("limit=1", 200),
        ("limit=100", 200),
        ("limit=101", 422),
        ("limit=1000000000", 422),
        ("limit=abc", 422),
        ("limit=", 422),
        ("limit=1&limit=2", 422),
        ("before=0", 422),
        ("before=-1", 422),
        ("before=1", 200),
        (f"before={2**31}", 200),
        (f"before={2**31 + 1}", 422),
        (f"before={10**30}", 422),
        ("before=abc", 422),
        ("page=2", 422),
        ("email=a%00b", 422),
        (f"email={'a' * 254}", 200),
        (f"email={'a' * 255}", 422),
    ],
)
def test_a_list_has_bounds(
    query: str, status: int, client: FlaskClient
) -> None:
    """The last value that makes sense is taken, and the next is not."""
    assert status == client.get(f"/orders?{query}").status_code


def test_nothing_is_loaded_by_accident(
    app: Flask, client: FlaskClient
) -> None:
    """A query that does not say so loads no lines."""
    client.post("/orders/1")

    with app.app_context():
        order = db.session.get_one(Order, 1)
        with pytest.raises(exc.InvalidRequestError, match="lazy='raise'"):
            print(order.lines)


# constraints


@pytest.mark.parametrize("email", ["ann@example.com", "ANN@EXAMPLE.COM"])
def test_an_address_is_taken_once(email: str, client: FlaskClient) -> None:
    """Large letters do not make a second customer."""
    response = client.post("/customers", json={"email": email, "name": "A"})

    assert (409, PROBLEM) == (response.status_code, response.content_type)
    assert "Email taken" == response.get_json()["title"]
    again = client.post("/customers", json=ANN | {"email": "b@example.com"})
    assert (201, 2) == (again.status_code, again.get_json()["id"])


@pytest.mark.usefixtures("forgetful")
def test_another_constraint_is_a_failure_of_ours(client: FlaskClient) -> None:
    """Not every IntegrityError says that an address is taken."""
    bob = {"email": "bob@example.com", "name": "Bob"}
    response = client.post("/customers", json=bob)

    assert 500 == response.status_code


@pytest.mark.parametrize(
    ("customer", "status"),
    [
        ({"email": "bob@example.com"}, 422),
        ({"email": "bob", "name": "Bob"}, 422),
        ({"email": "bob@example.com", "name": ""}, 422),
        ({"email": "bob@example.com", "name": "B"}, 201),
        ({"email": "bob@example.com", "name": "B" * 80}, 201),
        ({"email": "bob@example.com", "name": "B" * 81}, 422),
        ({"email": "bob@example.com", "name": "B\0b"}, 422),
        ({"email": "a" * 242 + "@example.com", "name": "B"}, 201),
        ({"email": "a" * 243 + "@example.com", "name": "B"}, 422),
        ({"email": "bob@example.com", "name": "Bob", "id": 1}, 422),
    ],
)
def test_a_customer_has_bounds(
    customer: dict[str, Any], status: int, client: FlaskClient
) -> None:
    """What the columns cannot hold does not reach them."""
    assert status == client.post("/customers", json=customer).status_code


def test_a_new_customer_is_there(app: Flask, client: FlaskClient) -> None:
    """The next request finds the customer, and the name as given."""
    client.post("/customers", json={"email": "B@example.com", "name": "Bo"})

    with app.app_context():
        bo = db.session.get_one(Customer, 2)
        assert ("b@example.com", "Bo") == (bo.email, bo.name)


@pytest.mark.parametrize(
    ("model", "row"),
    [
        (Order, {"customer_id": 99}),
        (Line, {"order_id": 1, "product_id": 99}),
        (Line, {"order_id": 99, "product_id": 1}),
    ],
)
def test_nothing_points_nowhere(
    model: type[Base], row: dict[str, int], app: Flask, client: FlaskClient
) -> None:
    """SQLite refuses what PostgreSQL would."""
    client.post("/orders/1")

    with app.app_context():
        if model is Line:
            row = row | {"quantity": 1, "price_cents": 1}
        db.session.add(model(**row))
        with pytest.raises(exc.IntegrityError, match="FOREIGN KEY"):
            db.session.commit()


def test_only_sqlite_is_told() -> None:
    """Other databases check foreign keys, and know no PRAGMA."""
    told: list[str] = []

    class Other:
        execute = told.append

    enforce_foreign_keys(Other(), None)

    assert [] == told


# connections


def test_the_pool_is_as_set(workers: tuple[Flask, Flask]) -> None:
    """The options reach the engine, and each connection is the engine's."""
    with workers[0].app_context():
        engine = db.engine
    options = config.engine_options("postgresql+psycopg://shop@db/shop")

    assert {
        "hide_parameters": True,
        "pool_size": 5,
        "max_overflow": 0,
        "pool_timeout": 3,
        "pool_recycle": 1800,
        "pool_pre_ping": True,
    } == options
    assert options == workers[0].config["SQLALCHEMY_ENGINE_OPTIONS"]
    assert isinstance(engine.pool, QueuePool)
    assert 5 == engine.pool.size()


@pytest.mark.parametrize(
    ("uri", "options"),
    [
        ("sqlite://", 1),
        ("sqlite:///:memory:", 1),
        ("sqlite:///shop.db", 6),
        ("postgresql+psycopg://", 6),
    ],
)
def test_what_is_in_memory_has_no_pool(uri: str, options: int) -> None:
    """One connection is all of such a database."""
    assert options == len(config.engine_options(uri))
    assert config.engine_options(uri)["hide_parameters"]


def test_options_handed_in_are_kept() -> None:
    """What a test says of the engine counts."""
    options = {"echo": False}
    app = create_app({"SQLALCHEMY_ENGINE_OPTIONS": options})

    assert options == app.config["SQLALCHEMY_ENGINE_OPTIONS"]


def test_a_database_that_is_away_is_a_503(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns when to come back, the log learns why."""
    uri = f"sqlite:///{tmp_path}/away/shop.db"
    app = create_app({"SQLALCHEMY_DATABASE_URI": uri})
    client = app.test_client()

    response = client.post("/orders/1")

    assert 503 == response.status_code
    assert (PROBLEM, "5") == (
        response.content_type,
        response.headers["Retry-After"],
    )
    assert {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Try again later.",
    } == response.get_json()
    (record,) = caplog.records
    assert ("The database is away", logging.ERROR) == (
        record.message,
        record.levelno,
    )
    assert "unable to open database file" in caplog.text

    (tmp_path / "away").mkdir()
    with app.app_context():
        db.create_all()
    assert 404 == client.post("/orders/1").status_code
    with app.app_context():
        db.engine.dispose()


def test_a_pool_that_is_empty_is_a_503(tmp_path: Path) -> None:
    """Who finds no connection in time is asked to come back."""
    uri = f"sqlite:///{tmp_path}/shop.db"
    options = config.engine_options(uri) | {"pool_size": 1, "pool_timeout": 0}
    app = create_app(
        {"SQLALCHEMY_DATABASE_URI": uri, "SQLALCHEMY_ENGINE_OPTIONS": options}
    )
    with app.app_context():
        db.create_all()
        engine = db.engine
    client = app.test_client()

    with engine.connect():
        busy = client.get("/products")
    free = client.get("/products")
    engine.dispose()

    assert [503, 200] == [busy.status_code, free.status_code]


@pytest.mark.usefixtures("forgetful")
def test_a_log_tells_no_values(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of the database is logged with its SQL, not its values."""
    bob = {"email": "hunter2@example.com", "name": "hunter2"}
    client.post("/customers", json=bob)

    assert "INSERT INTO customer" in caplog.text
    assert "hunter2" not in caplog.text


def test_building_a_shop_opens_no_connection(tmp_path: Path) -> None:
    """A server may build the shop before it forks."""
    uri = f"sqlite:///{tmp_path}/shop.db"
    app = create_app({"SQLALCHEMY_DATABASE_URI": uri})

    with app.app_context():
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        assert (0, 0) == (pool.checkedin(), pool.checkedout())
    assert [] == list(tmp_path.iterdir())


FORK = """
import os, sys
from myapp import create_app
from myapp.extensions import db
from sqlalchemy import event

app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{sys.argv[1]}"})
context = app.app_context()
context.push()
event.listen(
    db.engine,
    "connect",
    lambda connection, record: record.info.update(opened_by=os.getpid()),
)

def child_has_its_own(dispose=False):
    if os.fork() == 0:
        if dispose:
            db.engine.dispose(close=False)
        with db.engine.connect() as connection:
            os._exit(connection.info["opened_by"] == os.getpid())
    return os.waitstatus_to_exitcode(os.wait()[1]) == 1

first = child_has_its_own()
db.engine.connect().close()
print(first, child_has_its_own(), child_has_its_own(dispose=True))
"""


def test_a_forked_worker_shares_no_connection(tmp_path: Path) -> None:
    """Nothing opened before the fork, or forgotten after: its own."""
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(tmp_path / "shop.db")],
        capture_output=True,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(config.__file__).parents[1]),
        },
        text=True,
    )

    assert ("", "True False True\n") == (done.stderr, done.stdout)


def test_lines_are_asked_for_in_order() -> None:
    """What no ORDER BY asks for comes in any order, on a server."""
    asked = Order.__mapper__.relationships["lines"].order_by

    assert [Line.__table__.c.id] == list(asked or [])


def test_the_newest_order_is_listed_whatever_its_number(
    app: Flask, client: FlaskClient
) -> None:
    """Nobody has to say before which order; the first page is the newest."""
    with app.app_context():
        db.session.add(Order(id=2**31 - 1))
        db.session.commit()

    (listed,) = client.get("/orders").get_json()["orders"]

    assert 2**31 - 1 == listed["order"]
