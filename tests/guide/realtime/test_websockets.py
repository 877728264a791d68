"""The chat through real servers, and under attack."""

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_socketio import SocketIO
from werkzeug.serving import make_server

from myapp import create_app
from myapp.extensions import db
from myapp.models import Chat
from myapp.support import NAMESPACE, hand_over

SECRET = "0123456789abcdef0123456789abcdef"
COMMAND = "-k gthread -w 1 --threads 16 --graceful-timeout 1"
socketio: Any = import_module("socketio")
TRANSPORTS = ["polling", "websocket"]
# a client that is cut off leaves its sockets to the garbage collector
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


@pytest.fixture
def shop(tmp_path: Path) -> Flask:
    """Build a shop in a file, with a chat."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    shop = create_app({"SECRET_KEY": SECRET, "SQLALCHEMY_DATABASE_URI": url})
    with shop.app_context():
        db.create_all()
        db.session.add(Chat(customer_id=1, agent_id=2))
        db.session.commit()
        db.engine.dispose()
    return shop


@pytest.fixture
def url(shop: Flask) -> Iterator[str]:
    """Serve the shop with gunicorn."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": shop.config["SQLALCHEMY_DATABASE_URI"],
        "GUNICORN_CMD_ARGS": f"-b 127.0.0.1:{port} --no-control-socket",
    }
    options = [*COMMAND.split(), "myapp:create_app()"]
    command = [sys.executable, "-m", "gunicorn", *options]
    server = subprocess.Popen(command, env=environment)
    deadline = time.monotonic() + 20
    try:
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(15)
        gc.collect()


def connected(
    shop: Flask,
    url: str,
    user_id: int | None,
    transport: str,
    origin: str | None = None,
    patience: int = 20,
) -> Any:
    """Connect a real client, or give one that was refused."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(shop)
    assert serializer is not None
    cookie = f"session={serializer.dumps({'user_id': user_id})}"
    headers = {"Cookie": cookie} if user_id else {}
    options: dict[str, object] = {"suppress_origin": True}
    if origin and transport == "websocket":
        options = {"origin": origin}
    elif origin:
        headers["Origin"] = origin
    client = socketio.Client(
        reconnection=False, websocket_extra_options=options
    )
    try:
        client.connect(
            url,
            headers=headers,
            transports=[transport],
            namespaces=[NAMESPACE],
            wait_timeout=patience,
        )
    except socketio.exceptions.ConnectionError:
        client.disconnect()
    return client


def say(client: Any, text: str, patience: int = 10) -> object:
    """Say something, and give the answer."""
    saying = {"chat": 1, "text": text}
    return client.call("say", saying, namespace=NAMESPACE, timeout=patience)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_only_who_is_logged_in_and_at_home_connects(
    shop: Flask, url: str, transport: str
) -> None:
    """A stranger is refused, and so is a customer's browser on a bad page."""
    clients = [
        connected(shop, url, 1, transport),
        connected(shop, url, 1, transport, url),
        connected(shop, url, 1, transport, "https://evil.example"),
        connected(shop, url, None, transport, patience=1),
    ]
    found = [client.connected for client in clients]
    for client in clients:
        client.disconnect()

    assert [True, True, False, False] == found


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_huge_message_ends_its_connection_only(
    shop: Flask, url: str, transport: str
) -> None:
    """Who sends more than is allowed is cut off; others talk on."""
    rude, polite = (connected(shop, url, n, transport) for n in (1, 2))
    with pytest.raises(socketio.exceptions.SocketIOError):
        say(rude, "x" * 100_000, patience=1)
    answer = say(polite, "Hello")
    polite.disconnect()

    assert {} == answer


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_garbage_harms_nobody_else(
    shop: Flask, url: str, transport: str
) -> None:
    """Odd events, names and packets are dropped or refused."""
    rude, polite = (connected(shop, url, n, transport) for n in (1, 2))
    names: list[Any] = ["connect", "disconnect", "no", "", None, 5, [], {}]
    for name in names:
        rude.emit(name, {"chat": 1}, namespace=NAMESPACE)
    still = say(rude, "Still here")
    for packet in ("", "9", "2", "2/support,", "2/support,[", "51-", "x" * 99):
        rude.eio.send(packet)
    answer = say(polite, "Hello")
    for client in (rude, polite):
        client.disconnect()

    assert [{}, {}] == [still, answer]


@pytest.fixture
def port(shop: Flask) -> Iterator[int]:
    """Serve the shop from a thread of this process."""
    server = make_server("127.0.0.1", 0, shop, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.port
    server.shutdown()
    server.server_close()
    with shop.app_context():
        db.engine.dispose()
    gc.collect()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_page_plays_two_people(
    transport: str, shop: Flask, port: int
) -> None:
    """What talk.py shows has come all the way."""
    environment = os.environ | {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": shop.config["SQLALCHEMY_DATABASE_URI"],
        "FLASK_RUN_PORT": str(port),
    }
    done = subprocess.run(
        [sys.executable, "talk.py", transport],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert f"{transport} Is it fresh?\n" == done.stdout


def test_each_event_has_its_name(app: Flask) -> None:
    """A page knows by it what has happened."""
    with app.app_context():
        db.session.add(chat := Chat(customer_id=1, agent_id=2))
        db.session.commit()
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["user_id"] = 1
        client = app.extensions["socketio"].test_client(
            app, NAMESPACE, flask_test_client=browser
        )
        client.emit("join", {"chat": 1}, callback=True, namespace=NAMESPACE)
        saying = {"chat": 1, "text": "Hello"}
        client.emit("say", saying, callback=True, namespace=NAMESPACE)
        hand_over(chat, 3)

    told = [
        (one["name"], one["args"]) for one in client.get_received(NAMESPACE)
    ]
    said = {"chat": 1, "by": 1, "text": "Hello"}
    assert [("said", [said]), ("moved", [{"chat": 1}])] == told


def test_a_logout_does_not_end_a_connection(app: Flask) -> None:
    """The session of a connection is the one it was opened with."""
    with app.app_context():
        db.session.add(Chat(customer_id=1, agent_id=2))
        db.session.commit()
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["user_id"] = 1
    client = app.extensions["socketio"].test_client(
        app, NAMESPACE, flask_test_client=browser
    )
    with browser.session_transaction() as session:
        session.clear()

    saying = {"chat": 1, "text": "Hello"}
    assert {} == client.emit("say", saying, callback=True, namespace=NAMESPACE)


def test_handlers_that_nobody_registered_hear_nothing() -> None:
    """What is in a module nobody imports is not there."""
    shop = Flask("shop")
    extension = SocketIO(shop, async_mode="threading")
    client = extension.test_client(shop, NAMESPACE)

    assert not client.is_connected(NAMESPACE)
