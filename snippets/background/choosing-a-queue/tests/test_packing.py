"""What waits for a command."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import text

import myapp
from myapp import create_app
from myapp.extensions import db
from myapp.models import Order, Product

ORDER = """
import os
from myapp import create_app
from myapp.extensions import db
from myapp.models import Product

app = create_app()
with app.app_context():
    db.create_all()
    db.session.add(Product(name="tea", price_cents=450))
    db.session.commit()
assert 201 == app.test_client().post("/orders/1").status_code
os._exit(0)
"""


@pytest.fixture(autouse=True)
def products(app: Flask) -> None:
    """Let the shop sell two products."""
    with app.app_context():
        for name in ("tea", "coffee"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()


def test_an_order_waits_for_its_parcel(
    app: Flask, client: FlaskClient
) -> None:
    """What is ordered is written down as not yet packed."""
    client.post("/orders/2")

    with app.app_context():
        waiting = db.session.scalars(db.select(Order.packed)).all()
    assert [False] == waiting


def test_a_parcel_is_packed_once(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner
) -> None:
    """The command does what waits, in its order, and nothing after that."""
    with app.app_context():
        db.session.execute(text("PRAGMA reverse_unordered_selects = ON"))
    for number in (2, 1):
        client.post(f"/orders/{number}")

    outputs = [runner.invoke(args=["pack"]).output for _ in range(2)]

    assert ["order 1: product 2\norder 2: product 1\n", ""] == outputs


def test_a_failure_leaves_the_order_waiting(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner
) -> None:
    """A line that could not be written is written the next time."""
    client.post("/orders/1")

    def full(line: str) -> None:
        raise OSError("No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(click, "echo", full)
        assert 1 == runner.invoke(args=["pack"]).exit_code

    assert "order 1: product 1\n" == runner.invoke(args=["pack"]).output


def test_an_order_leaves_no_thread(client: FlaskClient) -> None:
    """When the answer is there, nothing is at work behind it."""
    before = threading.enumerate()
    client.post("/orders/1")

    assert before == threading.enumerate()


def test_an_order_outlives_its_process(tmp_path: Path) -> None:
    """A server that is gone at once has left its order in the table."""
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    source = str(Path(myapp.__file__).parents[1])
    settings = {
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "DATABASE_URL": address,
        "PYTHONPATH": source,
    }
    subprocess.run(
        [sys.executable, "-c", ORDER], env=os.environ | settings, check=True
    )

    app = create_app({"SQLALCHEMY_DATABASE_URI": address})
    packed = app.test_cli_runner().invoke(args=["pack"]).output
    with app.app_context():
        db.engine.dispose()

    assert "order 1: product 1\n" == packed
