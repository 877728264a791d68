"""Profiles of a real server, and of requests at the same time."""

import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import record_queries

import myapp
from myapp.extensions import db

PROJECT = Path(myapp.__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve the shop from a folder of its own; give a client's variables."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "SECRET_KEY": KEY,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}",
        "GUNICORN_CMD_ARGS": f"-b 127.0.0.1:{port} --no-control-socket",
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT / "src"),
    }
    configuration = ["-c", str(PROJECT / "gunicorn.conf.py")]
    command = [sys.executable, "-m", "gunicorn", *configuration]
    server = subprocess.Popen(
        [*command, "myapp:create_app()"], cwd=tmp_path, env=environment
    )
    wait_for_port(port)
    yield environment
    server.terminate()
    server.wait(15)


def wait_for_port(port: int) -> None:
    """Wait until something listens."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nothing listens")


def test_the_slow_view_is_in_the_profile(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """What keeps the workers busy is what the profile shows, by name."""
    load = [sys.executable, str(PROJECT / "tests" / "under_load.py")]
    done = subprocess.run(
        [*load, "sh", str(PROJECT / "profile.sh"), "1"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert 0 == done.returncode, done.stderr
    served = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))
    assert (tmp_path / served["pidfile"]).is_file()
    counted: dict[bool, int] = {True: 0, False: 0}
    lines = (tmp_path / "profile.txt").read_text("utf-8").splitlines()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        counted["like (myapp/products.py" in stack] += int(count)
    assert counted[True] > counted[False], lines


def test_requests_at_once_are_profiled_apart(
    app: Flask, tmp_path: Path
) -> None:
    """The profile of one request does not show the code of another."""
    app.instance_path = str(tmp_path)
    app.config["PROFILE_KEY"] = KEY

    def work() -> str:
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            str(sum(range(50)))
        return ""

    def first_alone() -> str:
        return work()

    def second_alone() -> str:
        return work()

    for view in (first_alone, second_alone):
        app.add_url_rule(f"/{view.__name__}", view_func=view)

    def ask(path: str) -> int:
        headers = {"Profile-Key": KEY}
        return app.test_client().get(path, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        paths = ["/first_alone", "/second_alone"] * 2
        assert [200] * 4 == list(pool.map(ask, paths))

    found = {
        (file.name.partition("-")[0], name)
        for file in (tmp_path / "profiles").iterdir()
        for name in ("first_alone", "second_alone")
        if name in file.read_text("utf-8")
    }
    expected = {(name, name) for name in ("first_alone", "second_alone")}
    assert expected == found


def test_a_streamed_answer_is_profiled(app: Flask, tmp_path: Path) -> None:
    """An answer that nobody reads to its end leaves no profiler behind."""
    app.instance_path = str(tmp_path)
    app.config["PROFILE_KEY"] = KEY
    app.add_url_rule("/many", "many", lambda: (str(n) for n in range(9)))

    response = app.test_client().get("/many", headers={"Profile-Key": KEY})
    response.close()

    assert 1 == len(list((tmp_path / "profiles").iterdir()))


def test_what_no_view_answers_is_measured(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An unknown page has no rule, and its path is not repeated."""
    app.instance_path = str(tmp_path)
    app.config |= {"PROFILE_KEY": KEY, "SLOW_REQUEST_SECONDS": 0}
    headers = {"Profile-Key": KEY}

    found = app.test_client().get("/no%0Asuch", headers=headers)

    assert 404 == found.status_code
    assert [True] == [m.startswith("slow: GET None") for m in caplog.messages]
    assert 1 == len(list((tmp_path / "profiles").iterdir()))


def test_rows_that_are_fetched_later_count_as_code(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query is over when its first row is there."""
    clock = [0.0]
    monkeypatch.setattr(record_queries, "perf_counter", lambda: clock[0])

    def wait(seconds: float) -> float:
        clock[0] += seconds
        return seconds

    with app.app_context():
        db.session.connection().connection.create_function("wait", 1, wait)
        rows = db.text("SELECT wait(2.0) UNION ALL SELECT wait(3.0)")
        assert [2.0, 3.0] == list(db.session.scalars(rows))
        queries = record_queries.get_recorded_queries()

    assert ([2.0], 5.0) == ([query.duration for query in queries], clock[0])


def test_a_streamed_body_counts_not_at_all(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """The line is written before the first part of the body is made."""
    app.config["SLOW_REQUEST_SECONDS"] = 0
    told: list[int] = []

    def parts() -> Iterator[str]:
        told.append(len(caplog.messages))
        yield "part"

    app.add_url_rule("/parts", "parts", parts)

    assert "part" == app.test_client().get("/parts").text
    assert [1] == told
