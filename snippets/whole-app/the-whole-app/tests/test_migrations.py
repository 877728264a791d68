"""The history of the tables ends in the models, and loses nothing."""

import ast
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import String, event, inspect

from myapp.extensions import db, migrate

STEPS = ["0001", "0002", "0003", "0004"]
OLD_ROWS = [
    "INSERT INTO product VALUES (1, 'tea', 450, 9)",
    """INSERT INTO "order" (id, placed_at) VALUES
        (1, '2026-01-01'), (1000, '2026-01-02'), (1001, '2026-01-03')""",
    """INSERT INTO line VALUES
        (1, 1, 1, 3, 450), (2, 1, 1, 1, 500), (3, 1001, 1, 2, 450)""",
]
TOTALS = 'SELECT id, total_cents FROM "order" ORDER BY id'


def db_command(shop: Flask, *arguments: str) -> tuple[int, str]:
    """Run `flask db`, and give its status and what went wrong."""
    result = shop.test_cli_runner().invoke(args=["db", *arguments])
    return result.exit_code, str(result.exception)


def execute(shop: Flask, *statements: str) -> None:
    """Change rows as somebody at the database's prompt would."""
    with shop.app_context(), db.engine.begin() as connection:
        for sql in statements:
            connection.exec_driver_sql(sql)


def rows(shop: Flask, sql: str) -> list[tuple[object, ...]]:
    """Give what is found."""
    with shop.app_context(), db.engine.begin() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def shape(shop: Flask) -> str:
    """Give all that a database says of its tables."""
    with shop.app_context():
        found = inspect(db.engine)
        tables = [t for t in found.get_table_names() if t != "alembic_version"]
        asked = [
            found.get_columns,
            found.get_pk_constraint,
            found.get_foreign_keys,
            found.get_unique_constraints,
            found.get_check_constraints,
            found.get_indexes,
        ]
        return "\n".join(f"{t} {ask(t)}" for t in tables for ask in asked)


def test_the_history_ends_in_the_models(app: Flask, shop: Flask) -> None:
    """Migrated or made from the models, every detail is the same."""
    assert (0, "None") == db_command(shop, "upgrade")

    assert (0, "None") == db_command(shop, "check")
    assert shape(app) == shape(shop)


@pytest.mark.parametrize(
    ("detail", "value"),
    [("nullable", True), ("type", String(20)), ("server_default", None)],
)
def test_a_change_of_the_models_is_noticed(
    shop: Flask, monkeypatch: pytest.MonkeyPatch, detail: str, value: object
) -> None:
    """What a model says and no revision does is an error."""
    db_command(shop, "upgrade")
    column = db.metadata.tables["order"].c["status"]
    monkeypatch.setattr(column, detail, value)

    assert 1 == db_command(shop, "check")[0]


def test_the_history_is_found_from_anywhere(
    shop: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release step may run in any folder."""
    monkeypatch.chdir(tmp_path)

    assert (0, "None") == db_command(shop, "upgrade")


def test_there_is_one_head(shop: Flask) -> None:
    """The history is a line without branches."""
    with shop.app_context():
        scripts = ScriptDirectory.from_config(migrate.get_config())
    found = [script.revision for script in scripts.walk_revisions()]

    assert (STEPS[-1:], STEPS[::-1]) == (scripts.get_heads(), found)


@pytest.mark.parametrize("step", STEPS)
def test_each_revision_can_be_undone_and_redone(
    shop: Flask, step: str
) -> None:
    """Down is where we came from, and up again is the same as before."""
    for earlier in STEPS[: STEPS.index(step)]:
        db_command(shop, "upgrade", earlier)
    before = shape(shop)
    db_command(shop, "upgrade", step)
    after = shape(shop)

    assert before != after
    assert (0, "None") == db_command(shop, "downgrade")
    assert before == shape(shop)
    assert (0, "None") == db_command(shop, "upgrade", step)
    assert after == shape(shop)


def test_rows_outlive_their_table(shop: Flask) -> None:
    """A table is copied and dropped, and lines still have their orders."""
    db_command(shop, "upgrade", "0001")
    execute(shop, *OLD_ROWS)

    status, why = db_command(shop, "upgrade")

    assert 0 == status, why
    assert [(3,)] == rows(shop, "SELECT count(*) FROM line")
    assert [(1,)] == rows(shop, "PRAGMA foreign_keys")


def test_an_interrupted_upgrade_leaves_nothing(shop: Flask) -> None:
    """Where it stopped is where it began, and it can be run again."""
    db_command(shop, "upgrade", "0001")
    before = shape(shop)

    def cut(*args: str) -> None:
        if args[2].startswith("\nDROP TABLE"):
            raise RuntimeError("the power is gone")

    with shop.app_context():
        event.listen(db.engine, "before_cursor_execute", cut)
        interrupted = db_command(shop, "upgrade")
        event.remove(db.engine, "before_cursor_execute", cut)

    assert (1, "1") == interrupted
    assert before == shape(shop)
    assert (0, "None") == db_command(shop, "upgrade")


def test_a_row_that_points_nowhere_stops_it(shop: Flask) -> None:
    """What was not checked meanwhile is checked before the commit."""
    db_command(shop, "upgrade", "0002")
    lost = "INSERT INTO line VALUES (1, 77, 77, 1, 450)"
    execute(shop, "PRAGMA foreign_keys = OFF", lost)

    assert (1, "1") == db_command(shop, "upgrade")
    assert [("0002",)] == rows(shop, "SELECT * FROM alembic_version")


def test_yesterdays_code_can_still_write(shop: Flask) -> None:
    """Who knows no status and no total leaves them to the database."""
    db_command(shop, "upgrade", "0002")
    execute(shop, *OLD_ROWS)

    found = rows(shop, 'SELECT status, total_cents FROM "order" WHERE id = 1')
    assert [("placed", None)] == found


def test_orders_get_their_totals(shop: Flask) -> None:
    """Each its own, none where there are no lines, and none twice."""
    db_command(shop, "upgrade", "0002")
    given = """INSERT INTO "order" (id, placed_at, total_cents)
        VALUES (7, '2026-01-04', 70)"""
    execute(shop, *OLD_ROWS, given)

    status, why = db_command(shop, "upgrade")

    assert 0 == status, why
    assert [(1, 1850), (7, 70), (1000, 0), (1001, 900)] == rows(shop, TOTALS)


def test_totals_are_filled_in_batches(shop: Flask) -> None:
    """No statement changes more than a thousand orders."""
    db_command(shop, "upgrade", "0002")
    execute(shop, *OLD_ROWS)
    changed: list[int] = []

    def count(*args: object) -> None:
        if str(args[2]).startswith('UPDATE "order"'):
            changed.append(getattr(args[1], "rowcount", -1))

    with shop.app_context():
        event.listen(db.engine, "after_cursor_execute", count)
    db_command(shop, "upgrade")

    assert [2, 1] == changed


def test_no_revision_imports_the_shop() -> None:
    """What a revision needs to know, it says itself."""
    for path in Path(migrate.directory, "versions").glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]

        assert ["alembic"] == [n.module for n in froms], path.name
