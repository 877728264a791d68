"""Fixtures: a fresh shop, its database, and three suppliers to ask."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask, request
from flask.testing import FlaskClient, FlaskCliRunner
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from myapp import create_app
from myapp.extensions import db


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


@pytest.fixture(autouse=True)
def database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a database in memory to shops built from the environment."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")


@pytest.fixture
def app(suppliers: dict[str, Supplier], tmp_path: Path) -> Iterator[Flask]:
    """Build a shop for one test, with tables, suppliers and no rows.

    Its database is a file, as one in memory has a single connection,
    which threads cannot use at once.
    """
    app = create_app(
        {
            "SECRET_KEY": "only for tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
            "TESTING": True,
            "SUPPLIERS": {n: s.address for n, s in suppliers.items()},
            "SUPPLIER_SECONDS": 20.0,
        }
    )
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.drop_all()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of the shop, with cookies of its own."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Give what runs the shop's commands."""
    return app.test_cli_runner()
