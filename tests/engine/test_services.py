"""Servers that stand in for those of a deployment."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import redis

from mdproof.assemble.project import assemble
from mdproof.exercise.copy import prepare
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.read.guide import read_guide
from mdproof.services.redis import Server
from mdproof.settings import load_settings

pytestmark = pytest.mark.processes

CASE = Path(__file__).parent / "cases/proven/services"
Run = Callable[..., Any]


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    """Give a client of an embedded Redis."""
    with Server(0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with redis.Redis(port=server.server_address[1]) as client:
            yield client
        server.shutdown()


def test_redis_keeps_the_connection_after_an_error(client: redis.Redis) -> None:
    """A wrong command is answered, and the same connection answers the next one."""
    client.set("name", "tea")
    before = client.client_id()

    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        client.lpush("name", "mug")

    assert before == client.client_id()


def test_redis_answers_what_rq_asks_at_its_start(client: redis.Redis) -> None:
    """A worker of RQ wants the version, and an address it can split."""
    host, _, port = client.client_list()[0]["addr"].partition(":")

    assert "7.0.0" == client.info()["redis_version"]
    assert ("127.0.0.1", True) == (host, port.isdigit())


def test_redis_runs_scripts(client: redis.Redis) -> None:
    """Flask-Limiter and Celery send scripts."""
    assert 1 == client.eval("return redis.call('incr', KEYS[1])", 1, "count")


def test_redis_gives_back_what_is_large(client: redis.Redis) -> None:
    """A result of eight megabytes arrives whole."""
    client.set("large", b"x" * 8_000_000)

    assert b"x" * 8_000_000 == client.get("large")


def test_redis_publishes(client: redis.Redis) -> None:
    """A message reaches who subscribed."""
    with client.pubsub(ignore_subscribe_messages=True) as subscriber:
        subscriber.subscribe("news")
        assert subscriber.get_message(timeout=5) is None
        client.publish("news", "tea is back")

        assert b"tea is back" == (subscriber.get_message(timeout=5) or {})["data"]


def test_redis_lets_clients_go(client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever leaves while an answer is on its way is no reason to stumble."""
    stumbled: list[object] = []
    monkeypatch.setattr(threading, "excepthook", stumbled.append)
    port = client.connection_pool.connection_kwargs["port"]

    for _ in range(300):
        with redis.Redis(port=port) as leaving:
            assert leaving.ping()
    assert client.ping()

    assert [] == stumbled


def test_real_services_prove_in_a_folder_beside(run: Run) -> None:
    """The same page with the command a setting names; the proof with embedded services is left alone."""
    ran = run(CASE, "--services", "real", "prove")

    assert (0, "") == (ran.status, ran.faults)
    assert ["build/real/proof.json"] == [p.relative_to(ran.root).as_posix() for p in ran.root.rglob("proof.json")]


def test_a_real_service_that_is_not_installed_is_named(run: Run, tmp_path: Path) -> None:
    """Nothing is run when the server's program is missing."""
    settings = CASE / "pyproject.toml"
    guide = shutil.copytree(CASE, tmp_path / "given")
    (guide / "pyproject.toml").write_text(
        settings.read_text(encoding="utf-8").replace('"python -c', '"no-such-server -c'), encoding="utf-8"
    )

    ran = run(guide, "--services", "real", "prove")

    assert ran.faults == "pyproject.toml:1: the real service 'counter' is no-such-server, which is not installed. Install it.\n"
    assert ran.status == 1


@pytest.mark.parametrize("kind", ["embedded", "real"])
def test_a_service_ends_with_its_page(tmp_path: Path, zygote: Zygote, kind: str) -> None:
    """A page's process that is killed takes its services along."""
    shutil.copytree(CASE, tmp_path, dirs_exist_ok=True)
    settings = load_settings(tmp_path, kind)
    page = tmp_path / "docs/counter.md"
    spoilt = page.read_text(encoding="utf-8").replace("    assert 1 == count()", f"    {KILL.format(path=tmp_path / 'url')}", 1)
    page.write_text(spoilt.replace("import count\n", "import count\nimport os\n", 1), encoding="utf-8")
    project = assemble(read_guide(settings))["counter"]

    process = PageProcess(zygote, replace(prepare(settings, project, blocks=()), measure=False))
    outcome = process.run(process.items[0])

    assert "died" == outcome.outcome
    port = int((tmp_path / "url").read_text(encoding="utf-8").rpartition(":")[2])
    assert ends(port)


KILL = 'open("{path}", "w").write(os.environ["COUNTER_URL"]) and os.kill(os.getpid(), 9)'


def ends(port: int) -> bool:
    """Tell whether nothing listens on a port, at the latest after some seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return True
        time.sleep(0.02)
    return False


def test_a_page_without_fork_reaches_its_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spawned process starts the service as a program."""
    shutil.copytree(CASE, tmp_path, dirs_exist_ok=True)
    monkeypatch.delattr(os, "fork")
    settings = load_settings(tmp_path)
    project = assemble(read_guide(settings))["counter"]

    with Zygote(()) as spawning:
        process = PageProcess(spawning, prepare(settings, project, blocks=()))
        outcome = process.run(process.items[0])
        process.finish()

    assert "passed" == outcome.outcome
