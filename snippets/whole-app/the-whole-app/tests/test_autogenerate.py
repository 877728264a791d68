"""What Alembic finds when it compares, and what it writes."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from myapp import create_app
from myapp.extensions import db, migrate


@pytest.fixture
def copy(shop: Flask, tmp_path: Path) -> str:
    """Bring a shop up to date, and give a history to write to."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.directory, folder)
    assert 0 == db_command(shop, "upgrade")[0]
    return str(folder)


def db_command(shop: Flask, *arguments: str) -> tuple[int, str]:
    """Run `flask db`, and give its status and output."""
    result = shop.test_cli_runner().invoke(args=["db", *arguments])
    return result.exit_code, result.output


def written(folder: str) -> str:
    """Give the revisions that were not there before."""
    versions = Path(folder, "versions").glob("*.py")
    new = [path for path in versions if not path.name.startswith("000")]
    return "".join(path.read_text("utf-8") for path in new)


def test_without_a_change_nothing_is_written(shop: Flask) -> None:
    """The message is told, and no empty revision is left behind."""
    db_command(shop, "upgrade")

    said = db_command(shop, "migrate")

    assert (0, "No changes in schema detected.\n") == said
    assert "" == written(migrate.directory)


def test_a_change_is_written_and_can_be_run(shop: Flask, copy: str) -> None:
    """What is in the database and in no model is dropped, and back."""
    with shop.app_context(), db.engine.begin() as connection:
        connection.execute(db.text("CREATE TABLE old (id INTEGER)"))

    assert 0 == db_command(shop, "migrate", "-d", copy, "-m", "No old")[0]
    assert written(copy).startswith('"""No old."""')
    assert "op.drop_table('old')" in written(copy)
    for step in ("upgrade", "downgrade", "upgrade"):
        assert (0, "") == db_command(shop, step, "-d", copy)


def test_a_revision_can_be_written_by_hand(shop: Flask, copy: str) -> None:
    """One that was not compared may be empty, and holds what was said."""
    assert 0 == db_command(shop, "revision", "-d", copy, "-m", "Fill")[0]

    assert 0 == db_command(shop, "upgrade", "-d", copy)[0]
    assert "down_revision = '000" in written(copy)


def test_building_a_shop_makes_no_tables(shop: Flask) -> None:
    """A database is empty until it is migrated, and then it can be."""
    address = shop.config["SQLALCHEMY_DATABASE_URI"]
    create_app({"SQLALCHEMY_DATABASE_URI": address})

    assert 0 == db_command(shop, "upgrade")[0]
