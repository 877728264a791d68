"""What suppliers offer, in good times and in bad."""

import gc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from myapp import create_app
from myapp import suppliers as module
from myapp.asgi import create_api
from myapp.extensions import db
from myapp.models import Product

Suppliers = dict[str, Any]


@pytest.fixture(autouse=True)
def tea(suppliers: Suppliers, app: Flask) -> None:
    """Let the shop, which knows its suppliers, sell tea."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()


def test_suppliers_are_asked_at_once(
    client: FlaskClient, suppliers: Suppliers
) -> None:
    """Nobody answers before all three have been asked."""
    together = Barrier(3)

    def answer() -> ResponseReturnValue:
        together.wait(5)
        return {"price_cents": 300}

    for supplier in suppliers.values():
        supplier.answer = answer

    response = client.get("/offers/1")

    given = {"north": 300, "south": 300, "west": 300}
    assert {"offers": given, "failed": []} == response.json
    assert "no-store" == response.headers["Cache-Control"]
    assert [["GET /prices/1"]] * 3 == [s.asked for s in suppliers.values()]


def test_who_failed_is_named(
    client: FlaskClient, suppliers: Suppliers, caplog: pytest.LogCaptureFixture
) -> None:
    """The others' prices are shown, and the failure is in the log."""
    suppliers["south"].answer = lambda: ("Broken.", 500)

    response = client.get("/offers/1")

    given = {"north": 300, "west": 302}
    assert {"offers": given, "failed": ["south"]} == response.json
    url = f"{suppliers['south'].address}/prices/1"
    (logged,) = [r.getMessage() for r in caplog.records if r.levelno == 30]
    assert logged.startswith(f"no price: {url}: HTTPStatusError")


def test_an_outage_is_a_503(client: FlaskClient, suppliers: Suppliers) -> None:
    """When nobody answers, neither does the shop."""
    for supplier in suppliers.values():
        supplier.answer = lambda: ("Broken.", 500)

    response = client.get("/offers/1")

    assert 503 == response.status_code
    assert {
        "type": "https://shop.example/problems/no-offer",
        "title": "No offer",
        "status": 503,
        "detail": "No supplier gave a price.",
        "failed": ["north", "south", "west"],
    } == response.json


def test_a_shop_without_suppliers_has_no_offers(
    app: Flask, client: FlaskClient
) -> None:
    """Nobody to ask is nobody who answers."""
    app.config["SUPPLIERS"] = {}

    response = client.get("/offers/1")

    assert 503 == response.status_code
    assert [] == response.get_json()["failed"]


def test_nobody_is_asked_for_an_unknown_product(
    client: FlaskClient, suppliers: Suppliers
) -> None:
    """What the shop does not sell is a 404 at once."""
    assert 404 == client.get("/offers/2").status_code
    assert [] == suppliers["north"].asked


@pytest.mark.parametrize(
    "answer",
    [
        ("", 200),
        ("", 204),
        ("<p>Sorry.</p>", 200),
        ("null", 200),
        ('{"price_cents": "1"}', 200),
        ('{"price_cents": true}', 200),
        ('{"price_cents": -1}', 200),
        ('{"price_cents": 1}', 404),
        ('{"price_cents": 1}', 500),
        ('{"price_cents": 1}', 302, {"Location": "/prices/2"}),
        ("no gzip", 200, {"Content-Encoding": "gzip"}),
    ],
)
def test_what_is_no_price_is_a_failure(
    client: FlaskClient, suppliers: Suppliers, answer: ResponseReturnValue
) -> None:
    """Only a success with a price in it is taken."""
    suppliers["south"].answer = lambda: answer

    assert ["south"] == client.get("/offers/1").get_json()["failed"]


def test_a_free_product_has_a_price(
    client: FlaskClient, suppliers: Suppliers
) -> None:
    """Nothing to pay is an answer."""
    suppliers["south"].answer = lambda: {"price_cents": 0}

    assert 0 == client.get("/offers/1").get_json()["offers"].get("south")


def test_a_slow_answer_is_cut_off(
    app: Flask, client: FlaskClient, suppliers: Suppliers
) -> None:
    """A supplier that is never silent for long is slow all the same."""
    app.config["SUPPLIER_SECONDS"] = 1.0
    end = Event()

    def late(piece: str) -> str:
        end.wait(0.1)
        return piece

    pieces = [*" " * 25, '{"price_cents": 1}']
    suppliers["south"].answer = lambda: map(late, pieces)

    response = client.get("/offers/1")
    end.set()

    given = {"north": 300, "west": 302}
    assert {"offers": given, "failed": ["south"]} == response.json


def test_a_customer_waits_two_seconds_at_most() -> None:
    """Unless told otherwise, in both apps; and nobody is asked."""
    shop, api = create_app({}).config, create_api({}).config

    assert [2.0, 2.0] == [c["SUPPLIER_SECONDS"] for c in (shop, api)]
    assert [{}, {}] == [c["SUPPLIERS"] for c in (shop, api)]


def test_a_bug_is_no_outage(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with the shop is not blamed on a supplier."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(module, "Offer", None)

    assert 500 == client.get("/offers/1").status_code


class Patient(BaseHTTPRequestHandler):
    """A supplier that keeps its connections open, as most do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Give a price."""
        body = b'{"price_cents": 300}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_second_request_is_answered(app: Flask, client: FlaskClient) -> None:
    """Nothing of one request's event loop is left for the next."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with ThreadingHTTPServer(("127.0.0.1", 0), Patient) as server:
        Thread(target=server.serve_forever, args=(0.05,)).start()
        address = f"http://127.0.0.1:{server.server_port}"
        app.config["SUPPLIERS"] = {"patient": address}

        answers = [client.get("/offers/1").status_code for _ in range(2)]
        server.shutdown()
    app.extensions.pop("client", None)
    gc.collect()  # a client that was kept ends here, not in a later test

    assert [200, 200] == answers


def test_a_booking_reaches_the_supplier(
    client: FlaskClient, suppliers: Suppliers
) -> None:
    """The cheapest is booked, before the customer hears of it."""
    suppliers["south"].answer = lambda: {"price_cents": 299}

    response = client.post("/offers/1")

    assert ["GET /prices/1", "POST /bookings/1"] == suppliers["south"].asked
    assert {"supplier": "south", "price_cents": 299} == response.json
    assert 201 == response.status_code


def test_a_booking_that_fails_is_a_503(
    client: FlaskClient,
    suppliers: Suppliers,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What the supplier did not confirm is not promised."""
    answers = iter([({"price_cents": 1}, 200), ("Sold out.", 409)])
    suppliers["west"].answer = lambda: next(answers)

    response = client.post("/offers/1")

    assert 503 == response.status_code
    assert "The booking was not confirmed." == response.get_json()["detail"]
    assert ["west"] == response.get_json()["failed"]
    url = f"{suppliers['west'].address}/bookings/1"
    (logged,) = [r.getMessage() for r in caplog.records if r.levelno == 30]
    assert logged.startswith(f"not booked: {url}: HTTPStatusError(")
