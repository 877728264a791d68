"""What Huey's consumer does with a task when it is stopped."""

import ast
import importlib
import inspect
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

import myapp
from myapp.config import DEFAULTS
from myapp.extensions import db
from myapp.models import Basket, Product

STUB = Path(myapp.__file__).parents[2] / "huey-stubs" / "__init__.pyi"
SLOW = """
import time
from pathlib import Path
from myapp.consumer import huey


@huey.task()
def slow():
    Path("begun").touch()
    for _ in range(50):
        time.sleep(0.02)
    Path("done").touch()
"""


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the shop's consumer a slow task, and ask for it."""
    (tmp_path / "slow.py").write_text(SLOW)
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("slow", "myapp.consumer"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    slow = importlib.import_module("slow").slow
    slow()
    yield slow
    slow.huey.storage.close()
    for name in ("slow", "myapp.consumer"):
        del sys.modules[name]


def stopped(
    folder: Path, slow: Any, how: signal.Signals, *options: str
) -> list[object]:
    """Stop a consumer at work: is its task done, and what is left?"""
    paths = os.pathsep.join(
        [str(Path(myapp.__file__).parents[1]), str(folder)]
    )
    command = ["-m", "huey.bin.huey_consumer", "slow.huey", "-n", *options]
    consumer = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths},
    )
    begun, done = (folder / name for name in ("begun", "done"))
    try:
        deadline = time.monotonic() + 30
        while not begun.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        consumer.send_signal(how)
        consumer.wait(timeout=20)
    finally:
        consumer.kill()
        consumer.wait()
    return [begun.exists(), done.exists(), slow.huey.pending_count()]


def test_a_killed_consumer_loses_its_task(tmp_path: Path, slow: Any) -> None:
    """The task is not done, and nobody will do it."""
    assert 1 == slow.huey.pending_count()
    expected = [True, False, 0]
    assert expected == stopped(tmp_path, slow, signal.SIGKILL)


@pytest.mark.parametrize(
    ("options", "done"), [((), False), (("-g", "TERM"), True)]
)
def test_a_stop_drops_the_task_unless_told(
    tmp_path: Path, slow: Any, options: tuple[str, ...], done: bool
) -> None:
    """What ends a service ends its task halfway, unless `-g TERM` is given."""
    expected = [True, done, 0]
    assert expected == stopped(tmp_path, slow, signal.SIGTERM, *options)


def test_the_stub_holds_what_exists() -> None:
    """What the stub promises is in the package, parameters included."""
    stub = ast.parse(STUB.read_text("utf-8"))
    (made,) = (n for n in stub.body if isinstance(n, ast.ClassDef))
    found = {
        method.name: {a.arg for a in method.args.args} - {"self"}
        for method in made.body
        if isinstance(method, ast.FunctionDef)
    }

    assert {"retries", "retry_delay", "retry_backoff"} == found["task"]
    real = getattr(importlib.import_module("huey"), made.name)
    known = set(inspect.signature(real.task).parameters)
    assert found["task"] <= known
    assert [] == [name for name in found if not hasattr(real, name)]


def test_a_basket_is_kept_in_columns() -> None:
    """Its name has room for a visitor and a number."""
    columns = Basket.__table__.columns

    assert {
        "name": "VARCHAR(80)",
        "products": "JSON",
        "state": "VARCHAR(10)",
    } == {column.name: str(column.type) for column in columns}
    assert ["name"] == [
        column.name for column in columns if column.primary_key
    ]


def test_a_visitor_is_named_at_random(app: Flask, client: FlaskClient) -> None:
    """By a number nobody guesses; the queue by the shop."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350))
        db.session.commit()
    client.put(f"/baskets/{UUID(int=1)}", json=[1])

    with client.session_transaction() as session:
        assert 32 == len(session["visitor"])
    assert "shop" == app.extensions["place"].huey.name


@pytest.mark.parametrize(
    ("products", "status"),
    [
        ([1] * 100, 202),
        ([1] * 101, 400),
        ([2**31 - 1], 202),
        ([2**31], 400),
        ([0], 400),
    ],
)
def test_a_basket_has_bounds(
    client: FlaskClient, products: list[int], status: int
) -> None:
    """A hundred products, each of a number that a column holds."""
    answer = client.put(f"/baskets/{UUID(int=1)}", json=products)

    assert status == answer.status_code


def test_a_queue_that_nobody_named_is_in_memory() -> None:
    """And ends with its process."""
    assert ":memory:" == DEFAULTS["QUEUE_FILE"]
