"""Lines and spans under a real server, and those of the package."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
    InMemorySpanExporter,
)

from myapp import logs


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def answered(port: int, path: str) -> bool:
    """Ask, and tell whether there was an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return 200 == connection.getresponse().status
    except OSError:
        time.sleep(0.05)
        return False
    finally:
        connection.close()


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve the shop with gunicorn, as a command of the reader's would."""
    port = free_port()
    given = dict(os.environ)
    given.pop("GUNICORN_CMD_ARGS", None)
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
    command += ["--bind", f"127.0.0.1:{port}", "myapp:create_app()"]
    process = subprocess.Popen(
        command, env=given, stderr=subprocess.PIPE, text=True
    )
    yield process, port
    process.kill()
    process.communicate()


def test_gunicorn_writes_a_request_once(
    server: tuple[subprocess.Popen[str], int],
) -> None:
    """One line, of JSON, by the shop; none by gunicorn, and no secret."""
    process, port = server
    deadline = time.monotonic() + 30
    while not answered(port, "/products?token=hunter2"):
        assert time.monotonic() < deadline, "gunicorn does not answer"
    process.send_signal(signal.SIGTERM)
    _, written = process.communicate(timeout=15)

    about = [line for line in written.split("\n") if "request" in line]

    assert ["/products"] == [json.loads(line)["route"] for line in about]
    assert "hunter2" not in written


def test_the_package_sends_the_query() -> None:
    """What FlaskInstrumentor puts on a span names path and query."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    app = Flask(__name__)
    package: Any = FlaskInstrumentor()
    package.instrument_app(app, tracer_provider=provider)
    app.test_client().get("/reset/s3cret?token=hunter2", buffered=True)

    [span] = kept.get_finished_spans()

    sent = dict(span.attributes or {})
    assert "/reset/s3cret?token=hunter2" == sent["http.target"]


def kept(file: Path, workers: int) -> int:
    """Write 20 lines by as many handlers, and count those that are left."""
    handlers = [
        RotatingFileHandler(file, maxBytes=400, backupCount=1)
        for _ in range(workers)
    ]
    for number in range(20):
        line = {"msg": f"request {number:02} was answered"}
        handlers[number % workers].emit(logging.makeLogRecord(line))
    for handler in handlers:
        handler.close()
    files = file.parent.glob(f"{file.name}*")
    return "".join(path.read_text() for path in files).count("answered")


def test_workers_that_rotate_a_file_lose_lines(tmp_path: Path) -> None:
    """One handler keeps all; two, as two workers have, throw most away."""
    assert 20 == kept(tmp_path / "one.log", 1)
    assert 20 > kept(tmp_path / "two.log", 2)

    logs.configure()

    assert ["StreamHandler"] == [
        type(handler).__name__ for handler in logging.root.handlers
    ]


def test_libraries_are_quiet_however_loud_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The level of all others is said, and not left as it was found."""
    monkeypatch.setattr(logging.root, "level", logging.DEBUG)
    logs.configure()

    assert logging.WARNING == logging.root.level
