"""The chat under real servers: which work, which do not, and how they end."""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from myapp import create_app
from myapp.extensions import db
from myapp.models import Chat
from myapp.support import NAMESPACE

SECRET = "0123456789abcdef0123456789abcdef"
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
TRANSPORTS = ["polling", "websocket"]
socketio: Any = import_module("socketio")
Process = subprocess.Popen[bytes]
Serve = Callable[..., tuple[str, Process]]
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
def serve(shop: Flask) -> Iterator[Serve]:
    """Serve the shop with gunicorn, as often as asked."""
    servers: list[Process] = []

    def serve(options: str, queue: str = "") -> tuple[str, Process]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = os.environ | {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": shop.config["SQLALCHEMY_DATABASE_URI"],
            "REDIS_URL": queue,
            "GUNICORN_CMD_ARGS": f"-b 127.0.0.1:{port} --no-control-socket",
        }
        command = [sys.executable, "-m", "gunicorn", *options.split()]
        command += ["--graceful-timeout=1", "myapp:create_app()"]
        server = subprocess.Popen(command, env=environment)
        servers.append(server)
        wait_for(lambda: answers(port))
        return f"http://127.0.0.1:{port}", server

    yield serve
    for server in servers:
        server.terminate()
    for server in servers:
        server.wait(15)
    gc.collect()


def answers(port: int) -> bool:
    """Tell whether a server takes connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(happened: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until something has happened, and tell whether it has."""
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happened()


def join(
    shop: Flask, url: str, user_id: int, transport: str, patience: int = 20
) -> tuple[Any, list[object]]:
    """Connect a user, and give a list that fills with what is heard."""
    signer: Any = SecureCookieSessionInterface().get_signing_serializer(shop)
    cookie = f"session={signer.dumps({'user_id': user_id})}"
    client = socketio.Client(reconnection=False, request_timeout=patience)
    heard: list[object] = []
    client.on("said", heard.append, namespace=NAMESPACE)
    client.connect(
        url,
        headers={"Cookie": cookie},
        transports=[transport],
        namespaces=[NAMESPACE],
        wait_timeout=patience,
    )
    client.call("join", {"chat": 1}, namespace=NAMESPACE, timeout=patience)
    return client, heard


def talk(
    shop: Flask, urls: list[str], transport: str, patience: int = 20
) -> bool:
    """Let two people talk, and tell whether each hears the other."""
    joined = [
        join(shop, url, user_id, transport, patience)
        for user_id, url in enumerate(urls, 1)
    ]
    for client, _ in joined:
        saying = {"chat": 1, "text": "Hello"}
        client.call("say", saying, namespace=NAMESPACE, timeout=patience)
    found = wait_for(lambda: [2, 2] == [len(heard) for _, heard in joined])
    for client, _ in joined:
        client.disconnect()
    return found


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("worker", ["gthread --threads=8", "gevent"])
def test_these_workers_carry_a_chat(
    shop: Flask, serve: Serve, worker: str, transport: str
) -> None:
    """One process, threads or greenlets, either transport."""
    url, _ = serve(f"-w 1 -k {worker}")

    assert talk(shop, [url, url], transport)


@pytest.mark.parametrize("worker", ["gthread --threads=8", "gevent"])
def test_a_message_crosses_between_two_servers(
    shop: Flask, serve: Serve, queue_url: str, worker: str
) -> None:
    """Two processes, each with a client of its own, and a queue."""
    urls = [serve(f"-w 1 -k {worker}", queue_url)[0] for _ in range(2)]

    assert [True, True] == [talk(shop, urls, kind) for kind in TRANSPORTS]


def test_two_workers_carry_websockets_with_a_queue(
    shop: Flask, serve: Serve, queue_url: str
) -> None:
    """One connection stays with one of them."""
    url, _ = serve("-w 2 -k gthread --threads=8", queue_url)

    assert talk(shop, [url] * 2, "websocket")


def test_two_workers_lose_who_is_polling(serve: Serve, queue_url: str) -> None:
    """Sooner or later a request meets the other one: Invalid session."""
    url, _ = serve("-w 2 -k gthread --threads=8", queue_url)
    found: set[str] = set()

    def lost() -> bool:
        opened = requests.get(url + HANDSHAKE, timeout=20).text[1:]
        session = f"{url}{HANDSHAKE}&sid={json.loads(opened)['sid']}"
        found.add(requests.post(session, "40/support,", timeout=20).text)
        return any("Invalid session" in answer for answer in found)

    assert wait_for(lost)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_sync_worker_carries_nothing(
    shop: Flask, serve: Serve, transport: str
) -> None:
    """One client that waits is all it can serve, until it is killed."""
    url, _ = serve("-w 1 -k sync --threads=1 --timeout=2")

    try:
        carried = talk(shop, [url, url], transport, 1)
    except socketio.exceptions.SocketIOError:
        carried = False

    assert carried is False


def test_a_message_too_long_ends_its_connection(
    shop: Flask, serve: Serve
) -> None:
    """A socket has the limit of its own that was set."""
    url, _ = serve("-w 1 -k gthread --threads=8")
    client, _ = join(shop, url, 1, "websocket")
    saying = {"chat": 1, "text": "x" * 10_000}
    client.emit("say", saying, namespace=NAMESPACE)

    assert wait_for(lambda: not client.connected)


def test_there_is_no_eventlet_worker() -> None:
    """gunicorn 27 does not know the name."""
    command = [sys.executable, "-m", "gunicorn", "-k", "eventlet"]
    done = subprocess.run(
        [*command, "-b", "127.0.0.1:0", "myapp:create_app()"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert 0 != done.returncode
    assert "class uri 'eventlet' invalid or not found" in done.stderr


def test_threads_are_the_limit(shop: Flask, serve: Serve) -> None:
    """Three threads, three sockets: the next request waits."""
    url, _ = serve("-w 1 -k gthread --threads=3")
    clients = [join(shop, url, 1, "websocket")[0] for _ in range(3)]
    with pytest.raises(requests.Timeout):
        requests.get(f"{url}/products", timeout=2)
    clients[0].disconnect()
    status = requests.get(f"{url}/products", timeout=20).status_code
    for client in clients:
        client.disconnect()

    assert 200 == status


@pytest.mark.parametrize("worker", ["gthread --threads=8", "gevent"])
def test_a_server_stops_with_clients_connected(
    shop: Flask, serve: Serve, worker: str
) -> None:
    """It ends when its patience does, and the client learns of it."""
    url, server = serve(f"-w 1 -k {worker}")
    client, _ = join(shop, url, 1, "websocket")
    server.send_signal(signal.SIGTERM)

    assert 0 == server.wait(15)
    assert wait_for(lambda: not client.connected)
