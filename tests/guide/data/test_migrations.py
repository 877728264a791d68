"""What befalls a migration: cuts, races, wrong addresses, two heads."""

import importlib.util
import logging
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, event, inspect, make_url

import myapp
from myapp import create_app
from myapp.extensions import db, migrate
from myapp.models import Customer, Line, Order, Product
from myapp.ready import superseded

SECRET = "0123456789abcdef0123456789abcdef"
ROWS = [
    "INSERT INTO product VALUES (1, 'tea', 450, 9)",
    """INSERT INTO "order" (id, placed_at) VALUES (1, '2026-01-01')""",
    "INSERT INTO line VALUES (1, 1, 1, 3, 450)",
]
SIDE = '''"""Another branch."""

revision = "side"
down_revision = "0002"


def upgrade() -> None:
    """Do nothing."""


def downgrade() -> None:
    """Do nothing."""
'''


def db_command(shop: Flask, *arguments: str) -> int:
    """Run `flask db`, and give its status."""
    return shop.test_cli_runner().invoke(args=["db", *arguments]).exit_code


def execute(shop: Flask, *statements: str) -> None:
    """Change rows as somebody at the database's prompt would."""
    with shop.app_context(), db.engine.begin() as connection:
        for sql in statements:
            connection.exec_driver_sql(sql)


def state(shop: Flask) -> list[str]:
    """Give a database as it is: its tables, its rows, its revision."""
    file = make_url(shop.config["SQLALCHEMY_DATABASE_URI"]).database
    assert file is not None
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def checks_foreign_keys(shop: Flask) -> bool:
    """Say whether the connection that the pool gives next checks them."""
    with shop.app_context(), db.engine.begin() as connection:
        return connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a history to write to."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.directory, folder)
    return folder


@pytest.mark.parametrize("way", ["upgrade", "downgrade"])
def test_wherever_it_is_cut_nothing_is_left(shop: Flask, way: str) -> None:
    """After any one of its statements, and on with the next attempt."""
    db_command(shop, "upgrade", "0001" if way == "upgrade" else "head")
    rows = ROWS if way == "upgrade" else [ROWS[0]]
    execute(shop, *rows)
    before = state(shop)
    attempts = 0
    status = 1
    while status and attempts < 200:
        attempts += 1
        left = attempts

        def cut(*args: str) -> None:
            nonlocal left
            left -= args[2] != "PRAGMA foreign_keys = ON"
            if not left:
                left = -1
                raise RuntimeError("the power is gone")

        with shop.app_context():
            event.listen(db.engine, "after_cursor_execute", cut)
            goal = ["0001"] if way == "downgrade" else []
            status = db_command(shop, way, *goal)
            event.remove(db.engine, "after_cursor_execute", cut)
        assert checks_foreign_keys(shop)
        if status:
            assert before == state(shop)

    assert attempts > 20
    assert before != state(shop)


def test_two_release_steps_at_once_are_one(tmp_path: Path) -> None:
    """The second waits, finds nothing to do, and both are content."""
    environ = {
        **os.environ,
        "SECRET_KEY": SECRET,
        "DATABASE_URL": f"sqlite:///{tmp_path}/shop.db",
        "PYTHONPATH": str(Path(myapp.__file__).parents[1]),
    }
    command = [sys.executable, "-m", "flask", "--app", "myapp", "db"]
    both = [
        subprocess.Popen(
            [*command, "upgrade"], env=environ, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [process.communicate()[1] for process in both]

    assert ([0, 0], [b"", b""]) == ([p.returncode for p in both], said)


def test_two_heads_are_refused_and_can_be_merged(
    shop: Flask, copy: Path
) -> None:
    """Alembic does not choose between branches, and nothing happens."""
    (copy / "versions" / "side.py").write_text(SIDE, "utf-8")
    db_command(shop, "upgrade", "0002")
    before = state(shop)

    assert 1 == db_command(shop, "upgrade", "-d", str(copy))
    assert before == state(shop)
    assert 0 == db_command(shop, "merge", "heads", "-d", str(copy))
    assert 0 == db_command(shop, "upgrade", "-d", str(copy))


def test_an_unknown_revision_changes_nothing(shop: Flask) -> None:
    """Neither one that is asked for, nor one that the database has."""
    db_command(shop, "upgrade", "0002")
    before = state(shop)

    assert (1, before) == (db_command(shop, "upgrade", "0009"), state(shop))

    execute(shop, "UPDATE alembic_version SET version_num = '0009'")
    before = state(shop)

    assert (1, before) == (db_command(shop, "upgrade"), state(shop))
    assert (1, before) == (db_command(shop, "downgrade"), state(shop))
    assert 200 == shop.test_client().get("/ready").status_code


def test_a_wrong_address_makes_no_database(tmp_path: Path) -> None:
    """A folder that is not there is not made, nor a file overwritten."""
    file = tmp_path / "notes.txt"
    file.write_text("nothing of a database" * 99, "utf-8")
    for address in (tmp_path / "missing" / "shop.db", file):
        shop = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{address}"})
        assert 1 == db_command(shop, "upgrade")
        with shop.app_context():
            db.engine.dispose()

    assert [file] == list(tmp_path.iterdir())
    assert "nothing of a database" * 99 == file.read_text("utf-8")


def test_what_create_all_made_is_adopted_by_a_stamp(shop: Flask) -> None:
    """It cannot be migrated, loses nothing by the attempt, and then can."""
    with shop.app_context():
        db.create_all()
    execute(shop, ROWS[0])
    before = state(shop)

    assert 1 == db_command(shop, "upgrade")
    assert before == state(shop)
    assert 503 == shop.test_client().get("/ready").status_code
    assert [0, 0, 0] == [
        db_command(shop, command) for command in ("stamp", "upgrade", "check")
    ]
    assert 200 == shop.test_client().get("/ready").status_code


def test_a_model_nobody_imports_is_dropped(shop: Flask) -> None:
    """To autogenerate, a table without its model is one too many."""
    db_command(shop, "upgrade")
    with shop.app_context(), db.engine.begin() as connection:
        context = MigrationContext.configure(connection)
        found = compare_metadata(context, MetaData())
    kinds = {change[0] for change in found if "table" in change[0]}

    assert {"remove_table"} == kinds


def test_migrating_silences_no_logger(shop: Flask) -> None:
    """The loggers there were before still speak."""
    logger = logging.getLogger("shop.orders")

    assert 0 == db_command(shop, "upgrade")
    assert not logger.disabled
    assert not shop.logger.disabled


def test_no_detail_is_left_to_the_database_to_name(shop: Flask) -> None:
    """Every constraint has a name, without which none can be dropped."""
    db_command(shop, "upgrade")
    with shop.app_context():
        found = inspect(db.engine)
        names = [
            constraint["name"]
            for table in found.get_table_names()
            for constraints in (
                [found.get_pk_constraint(table)],
                found.get_foreign_keys(table),
                found.get_unique_constraints(table),
                found.get_check_constraints(table),
            )
            for constraint in constraints
        ]

    assert 10 == len(names)
    assert all(names), names


def test_check_does_not_compare_everything(shop: Flask) -> None:
    """A CHECK that is gone is not missed, which is why we look ourselves."""
    db_command(shop, "upgrade")
    with shop.app_context(), db.engine.begin() as connection:
        for sql in (
            "PRAGMA writable_schema = ON",
            """UPDATE sqlite_master SET sql = replace(sql,
                'CONSTRAINT ck_product_stock CHECK (stock >= 0)',
                'CONSTRAINT ck_product_stock CHECK (stock >= -1)')""",
        ):
            connection.exec_driver_sql(sql)

    assert 0 == db_command(shop, "check")


def test_an_order_tells_all_of_itself(app: Flask, client: FlaskClient) -> None:
    """Its customer, its total over all lines, and what they cost."""
    with app.app_context():
        ada = Customer(id=7, email="ada@example.org", name="Ada")
        tea = Product(id=33, name="tea", price_cents=450)
        mug = Product(id=44, name="mug", price_cents=1200)
        db.session.add_all([ada, tea, mug])
        db.session.commit()
    lines = [{"product_id": 33, "quantity": 3}]
    lines.append({"product_id": 44, "quantity": 2})

    placed = client.post("/orders", json={"customer_id": 7, "lines": lines})

    answer = placed.get_json()
    assert 201 == placed.status_code
    told = {"lines", "order", "placed_at", "status", "total_cents"}
    assert told == set(answer)
    assert ("placed", 3750) == (answer["status"], answer["total_cents"])
    assert [
        {"price_cents": 450, "product": "/products/33", "quantity": 3},
        {"price_cents": 1200, "product": "/products/44", "quantity": 2},
    ] == answer["lines"]
    with app.app_context():
        order = db.session.get_one(Order, answer["order"])
        assert (7, 3750) == (order.customer_id, order.total_cents)
        assert order.placed_at.isoformat() == answer["placed_at"]


def test_what_points_nowhere_is_named(shop: Flask) -> None:
    """The error says which row of which table it is."""
    db_command(shop, "upgrade", "0002")
    lost = "INSERT INTO line VALUES (9, 77, 78, 1, 450)"
    execute(shop, "PRAGMA foreign_keys = OFF", lost)

    with shop.app_context(), pytest.raises(RuntimeError, match="'line', 9"):
        alembic.command.upgrade(migrate.get_config(), "head")


def test_a_server_gets_the_same_tables() -> None:
    """Zones, and the names of the day, whatever they are made of later."""
    text = StringIO()
    later = MetaData(naming_convention={"ix": "today_%(column_0_label)s"})
    options = {
        "as_sql": True,
        "output_buffer": text,
        "target_metadata": later,
    }
    context = MigrationContext.configure(
        dialect_name="postgresql", opts=options
    )
    path = Path(migrate.directory) / "versions" / "0001_tables.py"
    spec = importlib.util.spec_from_file_location("tables", path)
    assert spec is not None
    assert spec.loader is not None
    revision = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(revision)

    with Operations.context(context):
        revision.upgrade()
        revision.downgrade()

    said = text.getvalue()
    assert "placed_at TIMESTAMP WITH TIME ZONE NOT NULL" in said
    named = re.findall(r"(?:CONSTRAINT|INDEX) (\w+)", said)
    assert [
        "pk_customer",
        "uq_customer_email",
        "pk_product",
        "ck_product_stock",
        "pk_order",
        "fk_order_customer_id",
        "ix_order_customer_id",
        "pk_line",
        "fk_line_order_id",
        "fk_line_product_id",
        "ix_line_order_id",
    ] == named
    made = re.findall(r"CREATE TABLE (\S+)", said)
    dropped = re.findall(r"DROP TABLE (\S+);", said)
    assert ["customer", "product", '"order"', "line"] == made
    assert made == dropped[::-1]
    indexed = re.findall(r" ON (.*);", said)
    assert ['"order" (customer_id)', "line (order_id)"] == indexed


@pytest.fixture
def told(shop: Flask) -> Iterator[list[str]]:
    """Give the statements that the database of a shop is told."""
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    with shop.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        yield statements
        event.remove(db.engine, "before_cursor_execute", note)


def test_names_are_written_in_one_case(shop: Flask, told: list[str]) -> None:
    """To PostgreSQL, "ORDER" is another table than "order"."""
    db_command(shop, "upgrade", "0002")
    execute(shop, *ROWS)
    db_command(shop, "upgrade")
    db_command(shop, "downgrade", "base")

    names = {n for sql in told for n in re.findall(r'"(\w+)"', sql)}
    assert "order" in names
    assert [] == [name for name in names if name != name.lower()]


SQLITE = [
    "PRAGMA foreign_keys = OFF",
    "BEGIN IMMEDIATE",
    "PRAGMA foreign_key_check",
    "PRAGMA foreign_keys = ON",
]


@pytest.mark.parametrize(
    ("name", "expected"), [("sqlite", SQLITE), ("postgresql", [])]
)
def test_only_sqlite_is_told_when_to_begin(
    shop: Flask,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    expected: list[str],
) -> None:
    """Others have transactions of their own, and no PRAGMA."""
    monkeypatch.setattr(db.engine.dialect, "name", name)

    assert 0 == db_command(shop, "current")

    assert expected == [sql for sql in told if sql in SQLITE]


@pytest.mark.parametrize(
    ("newest", "expected"), [(0, 0), (1, 1), (1000, 1), (1001, 2)]
)
def test_no_batch_is_beyond_the_newest_order(
    shop: Flask, told: list[str], newest: int, expected: int
) -> None:
    """A thousand orders are one batch, and none are none."""
    db_command(shop, "upgrade", "0002")
    if newest:
        with shop.app_context(), db.engine.begin() as connection:
            connection.execute(db.insert(Order).values(id=newest))

    db_command(shop, "upgrade")

    assert expected == sum(sql.startswith('UPDATE "order"') for sql in told)


def test_an_order_asks_for_its_lines_as_before() -> None:
    """By their numbers, and only where a query says so."""
    lines = Order.__mapper__.relationships["lines"]

    assert "raise" == lines.lazy
    assert [Line.__table__.c.id] == list(lines.order_by or [])


def test_the_history_is_read_once(app: Flask) -> None:
    """A load balancer asks each second; the files are what they were."""
    with app.app_context():
        first = superseded()
        assert {"0001", "0002"} == first
        assert first is superseded(), "read again"


def test_a_database_that_is_away_is_a_503(tmp_path: Path) -> None:
    """Who asks whether the shop is ready is told to come back."""
    address = f"sqlite:///{tmp_path}/away/shop.db"
    shop = create_app({"SQLALCHEMY_DATABASE_URI": address})

    answer = shop.test_client().get("/ready")

    assert (503, "5") == (answer.status_code, answer.headers["Retry-After"])
    assert "Try again later." == answer.get_json()["detail"]
