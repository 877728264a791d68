"""What is said to those who watch."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app


@pytest.fixture
def broken(tmp_path: Path) -> FlaskClient:
    """Build a shop whose database is down."""
    url = f"sqlite:///{tmp_path / 'nowhere' / 'shop.db'}"
    return create_app({"SQLALCHEMY_DATABASE_URI": url}).test_client()


def test_ready(client: FlaskClient) -> None:
    """With a database there is nothing to complain of."""
    found = client.get("/health/ready")

    assert (200, {"ready": True}) == (found.status_code, found.json)


def test_liveness_asks_nobody(broken: FlaskClient) -> None:
    """A database that is down is no reason to be killed."""
    found = broken.get("/health/live")

    assert (200, {"alive": True}) == (found.status_code, found.json)


def test_unready_without_a_database(
    broken: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers 503, tells clients no more, and logs why."""
    found = broken.get("/health/ready")

    assert (503, {"ready": False}) == (found.status_code, found.json)
    assert ["The database does not answer"] == caplog.messages


def test_unready_while_stopping(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    """From the moment the file is there, and only from then."""
    file = tmp_path / "draining"
    app.config["DRAIN_FILE"] = str(file)
    before = client.get("/health/ready").status_code
    file.touch()
    after = client.get("/health/ready")

    assert (200, 503) == (before, after.status_code)
    assert {"ready": False} == after.json


@pytest.fixture
def app(shop: Flask) -> Flask:
    """Give a shop whose database has been migrated."""
    shop.test_cli_runner().invoke(args=["db", "upgrade"])
    return shop


def test_both_say_the_same(
    shop: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever a balancer asks; and the log says why."""
    client = shop.test_client()
    found = []
    for revision, file in (("0001", ""), ("head", ""), ("head", tmp_path)):
        shop.config["DRAIN_FILE"] = str(file)
        shop.test_cli_runner().invoke(args=["db", "upgrade", revision])
        for path in ("/ready", "/health/ready"):
            found.append(client.get(path).status_code)

    assert [503, 503, 200, 200, 503, 503] == found
    behind = "Not ready: a migration has yet to run"
    stopping = "Not ready: we are about to stop"
    assert [behind, behind, stopping, stopping] == caplog.messages
