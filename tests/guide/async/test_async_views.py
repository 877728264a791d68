"""Async views: what overlaps, on which worker, and what it costs."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sqlite3 import Connection
from threading import Barrier, BrokenBarrierError, Event, Lock
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import event, text

from myapp import config, create_app
from myapp import suppliers as module
from myapp.asgi import create_api
from myapp.extensions import db
from myapp.models import Product
from myapp.storing import no_store

Suppliers = dict[str, Any]
Serve = Callable[..., str]
PATIENT = """
from asgiref.wsgi import WsgiToAsgi
from myapp import create_app

def shop():
    app = create_app()
    app.config["SUPPLIER_SECONDS"] = 30.0
    return app

def wrapped():
    return WsgiToAsgi(shop())

def api():
    from myapp.asgi import create_api
    return create_api({"SUPPLIER_SECONDS": 30.0})
"""


class Crowd:
    """A supplier's answer that counts how many wait for it together."""

    def __init__(self, wanted: int, seconds: float) -> None:
        """Wait for as many as are wanted, at most some seconds."""
        self.barrier = Barrier(wanted)
        self.seconds = seconds
        self.lock = Lock()
        self.now = self.peak = 0

    def __call__(self) -> ResponseReturnValue:
        """Answer when all have come, or nobody comes any more."""
        with self.lock:
            self.now += 1
            self.peak = max(self.peak, self.now)
        try:
            self.barrier.wait(self.seconds)
        except BrokenBarrierError:
            self.barrier.reset()
        with self.lock:
            self.now -= 1
        return {"price_cents": 300}


@pytest.fixture
def serve(tmp_path: Path, suppliers: Suppliers) -> Iterator[Serve]:
    """Give what serves an app with gunicorn, one worker, one supplier."""
    database = f"sqlite:///{tmp_path}/shop.db"
    shop = create_app({"SQLALCHEMY_DATABASE_URI": database})
    with shop.app_context():
        db.create_all()
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
        db.engine.dispose()
    (tmp_path / "patient.py").write_text(PATIENT)
    started: list[subprocess.Popen[bytes]] = []

    def serve(*arguments: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = os.environ | {
            "SECRET_KEY": "x" * 32,
            "DATABASE_URL": database,
            "SUPPLIERS": json.dumps({"north": suppliers["north"].address}),
            "GUNICORN_CMD_ARGS": "",
        }
        bind = f"127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
        with (tmp_path / "log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [*command, "-b", bind, "--chdir", tmp_path, *arguments],
                    env=environment,
                    stderr=log,
                )
            )
        deadline = monotonic() + 60
        while monotonic() < deadline:
            try:
                httpx.get(f"http://{bind}/offers/0", timeout=60)
                break
            except httpx.TransportError:
                sleep(0.05)
        return f"http://{bind}/offers/1"

    yield serve
    for process in started:
        process.terminate()
        process.wait(30)


def statuses(url: str, count: int) -> list[int]:
    """Ask for a URL several times at once."""

    def get(_: int) -> int:
        return httpx.get(url, timeout=60).status_code

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(get, range(count)))


def test_a_sync_worker_serves_one_request_at_a_time(
    serve: Serve, suppliers: Suppliers
) -> None:
    """Async views or not: nobody is asked before the last has answered."""
    url = serve("-k", "sync", "patient:shop()")
    suppliers["north"].answer = crowd = Crowd(4, 0.2)

    assert [200] * 4 == statuses(url, 4)
    assert 1 == crowd.peak


def test_threads_serve_as_many_requests_as_they_are(
    serve: Serve, suppliers: Suppliers
) -> None:
    """Four threads: four requests wait for the supplier together."""
    url = serve("-k", "gthread", "--threads", "4", "patient:shop()")
    suppliers["north"].answer = crowd = Crowd(4, 15)

    assert [200] * 4 == statuses(url, 4)
    assert 4 == crowd.peak


def test_gevent_fails_as_soon_as_two_requests_meet(
    serve: Serve, suppliers: Suppliers, tmp_path: Path
) -> None:
    """One request at a time is served, and nobody while one waits."""
    url = serve("-k", "gevent", "patient:shop()")
    alone = [httpx.get(url, timeout=60).status_code for _ in range(3)]
    asked, go = Event(), Event()

    def answer() -> ResponseReturnValue:
        asked.set()
        go.wait(30)
        return {"price_cents": 300}

    suppliers["north"].answer = answer
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(statuses, url, 1)
        asked.wait(30)
        others = statuses(url, 3)
        go.set()

    assert [200] * 3 == alone
    assert ([200], [500] * 3) == (first.result(), others)
    log = (tmp_path / "log").read_text()
    assert "You cannot use AsyncToSync in the same thread" in log


def test_the_asgi_worker_takes_no_flask_app(
    serve: Serve, suppliers: Suppliers, tmp_path: Path
) -> None:
    """A Flask app is called in another way than an ASGI server calls."""
    url = serve("-k", "asgi", "patient:shop()")

    assert [500] == statuses(url, 1)
    assert [] == suppliers["north"].asked
    expected = "__call__() takes 3 positional arguments but 4 were given"
    assert expected in (tmp_path / "log").read_text()


def test_a_wrapped_shop_serves_one_request_at_a_time(
    serve: Serve, suppliers: Suppliers
) -> None:
    """Asgiref's wrapper makes an ASGI app of a shop, and no async one."""
    url = serve("-k", "asgi", "patient:wrapped()")
    suppliers["north"].answer = crowd = Crowd(4, 0.2)

    assert [200] * 4 == statuses(url, 4)
    assert 1 == crowd.peak


def test_quart_serves_all_requests_at_once(
    serve: Serve, suppliers: Suppliers
) -> None:
    """One worker, one thread: four requests wait together."""
    url = serve("-k", "asgi", "patient:api()")
    suppliers["north"].answer = crowd = Crowd(4, 15)

    assert [200] * 4 == statuses(url, 4)
    assert 4 == crowd.peak


def test_calls_in_one_request_overlap(
    app: Flask, client: FlaskClient, suppliers: Suppliers
) -> None:
    """Three suppliers together take less than two thirds of their sum.

    A busy machine may spoil a measurement, so there are three.
    """
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()

    def slow() -> ResponseReturnValue:
        for _ in range(15):
            sleep(0.02)
        return {"price_cents": 300}

    for supplier in suppliers.values():
        supplier.answer = slow
    addresses = {name: s.address for name, s in suppliers.items()}

    def share() -> float:
        app.config["SUPPLIERS"] = addresses
        together, in_turn = taken(lambda: client.get("/offers/1")), 0.0
        for name, address in addresses.items():
            app.config["SUPPLIERS"] = {name: address}
            in_turn += taken(lambda: client.get("/offers/1"))
        return together / in_turn

    assert any(share() < 2 / 3 for _ in range(3))


def test_an_async_view_that_awaits_nothing_is_slower(
    app: Flask, client: FlaskClient
) -> None:
    """An event loop for each request is not free."""

    @app.get("/sync")
    def at_once() -> str:
        return "tea"

    @app.get("/async")
    async def in_time() -> str:
        return "tea"

    def fastest(path: str) -> float:
        return min(taken(lambda: client.get(path)) for _ in range(50))

    assert fastest("/async") > fastest("/sync")


def taken(work: Callable[[], object]) -> float:
    """Give the seconds a piece of work takes."""
    began = monotonic()
    work()
    return monotonic() - began


def test_a_connection_cut_short_is_a_failure(
    app: Flask, client: FlaskClient
) -> None:
    """A supplier that hangs up, or speaks no HTTP, fails alone."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        app.config["SUPPLIERS"] |= {"south": f"http://127.0.0.1:{port}"}

        def rude() -> None:
            connection, _ = server.accept()
            connection.recv(1000)
            connection.sendall(b"220 mail.example ESMTP\r\n")
            connection.close()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(rude)
            answer = client.get("/offers/1").get_json()

    assert ["south"] == answer["failed"]
    assert {"north": 300, "west": 302} == answer["offers"]


def test_a_lookup_of_a_name_is_not_cut_off(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is given up in time, and sent when the lookup is over."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    ended: list[str] = []
    look_up = socket.getaddrinfo

    def slow(host: str, *rest: Any, **named: Any) -> Any:
        if "slow.example" not in str(host):
            return look_up(host, *rest, **named)
        sleep(0.05)
        ended.append("slow.example")
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    app.config["SUPPLIER_SECONDS"] = 0.01
    app.config["SUPPLIERS"] = {"slow": "http://slow.example"}

    assert 503 == client.get("/offers/1").status_code
    assert ["slow.example"] == ended


def test_a_query_in_a_thread_lets_the_loop_run(
    app: Flask, client: FlaskClient
) -> None:
    """With a context of its own a query waits alone."""
    moved = Event()

    @app.get("/both")
    async def both() -> list[object]:
        def query() -> tuple[object, int]:
            with app.app_context():
                found = db.session.scalar(text("SELECT moved()"))
                return found, id(db.session())

        async def move() -> int:
            moved.set()
            return id(db.session())

        (found, its), ours = await asyncio.gather(
            asyncio.to_thread(query), move()
        )
        return [found, its == ours]

    with app.app_context():

        @event.listens_for(db.engine, "checkout")
        def teach(connection: Connection, *_: object) -> None:
            connection.create_function("moved", 0, lambda: moved.wait(10))

    assert [1, False] == client.get("/both").json


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, float]]:
    """Give what is sent to suppliers, and how long an answer may take."""
    found: list[tuple[str, str, float]] = []
    send = module.send

    async def noted(
        client: httpx.AsyncClient, method: str, url: str, seconds: float
    ) -> bytes:
        found.append((method, url, seconds))
        return await send(client, method, url, seconds)

    monkeypatch.setattr(module, "send", noted)
    return found


def test_a_booking_may_take_as_long_as_a_price(
    app: Flask,
    client: FlaskClient,
    suppliers: Suppliers,
    sent: list[tuple[str, str, float]],
) -> None:
    """The limit of the shop is given to every call."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    address = suppliers["north"].address
    app.config["SUPPLIERS"] = {"north": address}

    assert 201 == client.post("/offers/1").status_code
    assert [
        ("GET", f"{address}/prices/1", 20.0),
        ("POST", f"{address}/bookings/1", 20.0),
    ] == sent


def test_quart_gives_each_call_its_limit(
    suppliers: Suppliers, sent: list[tuple[str, str, float]]
) -> None:
    """It asks for the product it is asked for, as long as it may."""
    address = suppliers["north"].address
    settings = {"SUPPLIERS": {"north": address}, "SUPPLIER_SECONDS": 20.0}

    async def ask() -> int:
        async with create_api(settings).test_app() as running:
            answer = await running.test_client().get("/offers/7")
            return answer.status_code

    assert 200 == asyncio.run(ask())
    assert [("GET", f"{address}/prices/7", 20.0)] == sent


def test_what_nobody_confirmed_is_false(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody listens there; the answer is no, and the module says why."""

    async def book() -> object:
        async with httpx.AsyncClient() as client:
            return await module.book(client, "http://127.0.0.1:9", 20.0)

    assert repr(False) == repr(asyncio.run(book()))
    (logged,) = caplog.records
    expected = "not booked: http://127.0.0.1:9: ConnectError"
    assert "myapp.suppliers" == logged.name
    assert expected == logged.getMessage().partition("(")[0]


def test_an_address_loses_nothing_but_its_slash() -> None:
    """Its last letter is its own."""
    given = '{"north": "https://north.example/X/"}'

    assert {"north": "https://north.example/X"} == config.addresses(given)


def test_a_decorator_hands_on_what_has_no_name(app: Flask) -> None:
    """A view may be called by others than Flask, who name no argument."""
    with app.test_request_context():
        answer = no_store(str.upper)("tea")

    assert "TEA" == answer.get_data(as_text=True)


def test_flask_extensions_do_not_work_in_quart() -> None:
    """The session looks for a Flask app, and there is none."""

    async def query() -> None:
        async with create_api({}).app_context():
            db.session.scalars(db.select(Product))

    with pytest.raises(RuntimeError) as failed:
        asyncio.run(query())

    assert "outside of application context" in str(failed.value)


def test_a_bug_in_quart_has_the_one_shape(
    suppliers: Suppliers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug there tells a client as little as a bug here."""
    monkeypatch.setattr(module, "Offer", None)
    addresses = {"north": suppliers["north"].address}

    async def ask() -> tuple[int, str | None]:
        api = create_api({"SUPPLIERS": addresses})
        async with api.test_app() as running:
            answer = await running.test_client().get("/offers/1")
            return answer.status_code, answer.mimetype

    assert (500, "application/problem+json") == asyncio.run(ask())
