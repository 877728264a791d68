"""Who serves, and who migrates."""

import pytest
from flask import Flask

from myapp import create_app
from myapp.extensions import db


def db_command(shop: Flask, *arguments: str) -> None:
    """Run `flask db`."""
    shop.test_cli_runner().invoke(args=["db", *arguments])


def readiness(shop: Flask) -> int:
    """Give the status a load balancer gets."""
    return shop.test_client().get("/ready").status_code


@pytest.mark.parametrize(
    ("revision", "status"),
    [("base", 503), ("0001", 503), ("0002", 503), ("head", 200)],
)
def test_a_shop_is_ready_once_it_is_migrated(
    shop: Flask, revision: str, status: int
) -> None:
    """One migration that has not run is enough to wait."""
    db_command(shop, "upgrade", revision)

    assert status == readiness(shop)


def test_a_ready_shop_says_so(shop: Flask) -> None:
    """The answer can be read."""
    db_command(shop, "upgrade")

    assert {"ready": True} == shop.test_client().get("/ready").json


def test_a_newer_schema_stops_nobody(shop: Flask) -> None:
    """A revision that only the next release knows is no reason to wait."""
    db_command(shop, "upgrade")
    newer = db.text("UPDATE alembic_version SET version_num = '9999'")
    with shop.app_context(), db.engine.begin() as connection:
        connection.execute(newer)

    assert 200 == readiness(shop)


def test_building_a_shop_migrates_nothing(shop: Flask) -> None:
    """Another worker of a newer release leaves the tables alone."""
    db_command(shop, "upgrade", "0001")

    address = shop.config["SQLALCHEMY_DATABASE_URI"]
    create_app({"SQLALCHEMY_DATABASE_URI": address})

    assert 503 == readiness(shop)
