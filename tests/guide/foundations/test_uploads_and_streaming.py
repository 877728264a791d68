"""Bodies at their limits, and clients that hang up on a real server."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import QueuePool
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server

from myapp import create_app, exports
from myapp.extensions import db
from myapp.models import Product

PNG = b"\x89PNG\r\n\x1a\n and so on"
PATH = "/exports/products.csv"


def sell(app: Flask, names: list[str]) -> None:
    """Put products into a shop's database."""
    with app.app_context():
        db.session.add_all(Product(name=n, price_cents=450) for n in names)
        db.session.commit()


def until(value: int, pool: QueuePool) -> int:
    """Wait until so many connections are out, and say how many are."""
    deadline = time.monotonic() + 10
    while pool.checkedout() != value and time.monotonic() < deadline:
        time.sleep(0.02)
    return pool.checkedout()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Flask]:
    """Build a shop whose table never ends."""
    uri = f"sqlite:///{tmp_path / 'shop.db'}"
    app = create_app(
        {"SQLALCHEMY_DATABASE_URI": uri, "PHOTO_FOLDER": str(tmp_path / "a/p")}
    )
    with app.app_context():
        db.create_all()
        engine = db.engine
    sell(app, ["tea"] * 1000)

    def endless() -> Iterator[str]:
        while True:
            yield from exports.lines(engine)

    app.add_url_rule("/endless", view_func=lambda: Response(endless()))
    yield app
    engine.dispose()


@pytest.fixture
def port(shop: Flask) -> Iterator[int]:
    """Serve the shop, each request in a thread."""
    server = make_server("127.0.0.1", 0, shop, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_client_that_hangs_up_frees_the_connection(
    shop: Flask, port: int
) -> None:
    """The server closes the response, and with it the session."""
    with shop.app_context():
        pool = db.engine.pool
    assert isinstance(pool, QueuePool)
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"GET /endless HTTP/1.0\r\n\r\n")
        client.recv(1000)
        during = until(1, pool)

    assert (1, 0) == (during, until(0, pool))


def test_a_client_that_hangs_up_leaves_no_photo(
    port: int, tmp_path: Path
) -> None:
    """Half a body came, then nobody was there."""
    head = b"POST /photos/raw HTTP/1.0\r\nContent-Length: 10000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(head + PNG)
        client.shutdown(socket.SHUT_WR)
        status = client.recv(1000).split()[1]

    assert (b"400", []) == (status, list((tmp_path / "a/p").iterdir()))


def test_a_large_form_is_taken(client: FlaskClient) -> None:
    """The limit of the shop is raised for a form's photo as well."""
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; '
    head += b'filename="a.png"\r\n\r\n'
    kind = "multipart/form-data; boundary=x"

    found = client.post(
        "/photos",
        data=head + PNG.ljust(1_500_000, b"x") + b"\r\n--x--\r\n",
        content_type=kind,
    )

    assert 201 == found.status_code


@pytest.mark.parametrize(
    ("size", "status", "kept"), [(3_999_999, 201, 1), (4_000_001, 413, 0)]
)
def test_a_body_without_a_length_is_limited_too(
    client: FlaskClient, tmp_path: Path, size: int, status: int, kept: int
) -> None:
    """A chunked body is stopped where it grows too large."""
    found = client.post(
        "/photos/raw",
        data=PNG.ljust(size, b"x"),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert status == found.status_code
    assert kept == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize(("fields", "status"), [(20, 400), (21, 413)])
def test_a_form_has_few_parts(
    client: FlaskClient, fields: int, status: int
) -> None:
    """Twenty parts are read, and one of them should be a photo."""
    form = MultiDict([("note", "x")] * fields)
    kind = "multipart/form-data"

    found = client.post("/photos", data=form, content_type=kind)

    assert status == found.status_code


@pytest.mark.parametrize(("size", "status"), [(100_000, 400), (100_001, 413)])
def test_the_text_of_a_form_is_short(
    client: FlaskClient, size: int, status: int
) -> None:
    """What is no file is held in memory, so it has a limit of its own."""
    form = {"note": "x" * size}
    kind = "multipart/form-data"

    found = client.post("/photos", data=form, content_type=kind)

    assert status == found.status_code


def test_a_body_that_is_not_read_is_not_measured(app: Flask) -> None:
    """The limit is met where the body is read, and nowhere before."""
    app.add_url_rule("/deaf", view_func=lambda: "fine", methods=["POST"])

    found = app.test_client().post("/deaf", data=b"x" * 1_000_001)

    assert 200 == found.status_code


def test_a_name_may_hold_anything(app: Flask, client: FlaskClient) -> None:
    """What a table uses itself is quoted."""
    sell(app, ['a,"b"'])

    rows = client.get(PATH).text.splitlines()

    assert '1,"a,""b""",450' == rows[1]


@pytest.mark.parametrize(
    ("size", "status"), [(4_000_000, 201), (4_000_001, 413)]
)
def test_a_photo_has_a_size_of_its_own(
    client: FlaskClient, size: int, status: int
) -> None:
    """A photo may be larger than other bodies, to the byte."""
    body = PNG.ljust(size, b"x")

    assert status == client.post("/photos/raw", data=body).status_code


def test_a_client_that_goes_away_frees_the_connection(tmp_path: Path) -> None:
    """One connection is out while rows are read, none after the close."""
    uri = f"sqlite:///{tmp_path / 'shop.db'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": uri})
    with app.app_context():
        db.create_all()
        engine = db.engine
    sell(app, ["tea"] * 501)
    pool = engine.pool
    assert isinstance(pool, QueuePool)

    response = app.test_client().get(PATH)
    pages = response.iter_encoded()
    next(pages), next(pages)
    during = pool.checkedout()
    response.close()

    assert (1, 0) == (during, pool.checkedout())
    engine.dispose()


def test_photos_lie_in_the_instance_folder(tmp_path: Path) -> None:
    """Where nothing is said, photos are neither code nor static files."""
    app = create_app({"TESTING": True})
    app.instance_path = str(tmp_path)

    found = app.test_client().post("/photos/raw", data=PNG)

    name = Path((found.json or {})["photo"]).name
    assert [tmp_path / "photos" / name] == list(tmp_path.glob("*/*"))
