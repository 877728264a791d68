"""Servers that stand in for those of a deployment."""

import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from mdproof.assemble.project import assemble
from mdproof.exercise import services
from mdproof.exercise.copy import prepare
from mdproof.exercise.processes import accepts
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.exercise.services import Services
from mdproof.exercise.trees import reap_all
from mdproof.read.guide import read_guide
from mdproof.services.redis import Server
from mdproof.settings import Service, load_settings

CASE = Path(__file__).parent / "cases/proven/services"
Run = Callable[..., Any]


@contextmanager
def connected() -> Iterator[redis.Redis]:
    """Give a client of a new embedded Redis."""
    with Server(0) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with redis.Redis(port=server.server_address[1]) as client:
            yield client
        server.shutdown()


@pytest.fixture
def client() -> Iterator[redis.Redis]:
    """Give a client of an embedded Redis."""
    with connected() as client:
        yield client


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


def test_redis_knows_its_connections(client: redis.Redis) -> None:
    """By both their ends, and each by another file."""
    port = client.connection_pool.connection_kwargs["port"]
    with redis.Redis(port=port) as other:
        other.ping()
        (one, another) = client.client_list()

    assert {f"127.0.0.1:{port}"} == {one["laddr"], another["laddr"]}
    assert (2, 2) == (len({one["addr"], another["addr"]}), len({one["fd"], another["fd"]}))


def test_redis_forgets_who_leaves(client: redis.Redis) -> None:
    """Soon after, with all that was done for it."""
    with redis.Redis(port=client.connection_pool.connection_kwargs["port"]) as leaving:
        leaving.ping()

    deadline = time.monotonic() + 5
    while len(client.client_list()) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert 1 == len(client.client_list())


def test_redis_shares_its_data_with_no_other(client: redis.Redis) -> None:
    """Each page has one of its own."""
    client.set("name", "tea")

    with connected() as other:
        assert (b"tea", None) == (client.get("name"), other.get("name"))


def test_redis_tells_who_sends_no_array(client: redis.Redis, capsys: pytest.CaptureFixture[str]) -> None:
    """And lets it go, without a traceback."""
    port = client.connection_pool.connection_kwargs["port"]

    with socket.create_connection(("127.0.0.1", port), timeout=5) as other, other.makefile("rb") as answers:
        other.sendall(b"PING\r\n")
        answered = answers.read()

    assert (b"-ERR Protocol error: expected an array of bulk strings\r\n", "") == (answered, capsys.readouterr().err)


def test_redis_lets_go_who_was_killed(client: redis.Redis, capsys: pytest.CaptureFixture[str]) -> None:
    """When it asks for something next, without a traceback."""
    with redis.Redis(port=client.connection_pool.connection_kwargs["port"], single_connection_client=True, retry=None) as other:
        client.client_kill_filter(_id=str(other.client_id()))
        with pytest.raises(redis.ConnectionError):
            other.ping()

    assert "" == capsys.readouterr().err


def test_redis_speaks_the_older_protocol_first(client: redis.Redis) -> None:
    """A client that does not ask for another one knows no other."""
    with redis.Redis(port=client.connection_pool.connection_kwargs["port"], protocol=2) as older:
        assert older.get("nothing") is None


def test_redis_behaves_as_the_version_it_tells(client: redis.Redis) -> None:
    """One before 7.4 does not look at the range if there is no value."""
    assert 0 == client.execute_command("BITCOUNT", "nothing", "first", "last")


def test_redis_runs_scripts(client: redis.Redis) -> None:
    """Flask-Limiter and Celery send scripts."""
    assert 1 == client.eval("return redis.call('incr', KEYS[1])", 1, "count")


@pytest.mark.processes
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


@pytest.mark.processes
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


@pytest.mark.processes
def test_real_services_prove_in_a_folder_beside(run: Run) -> None:
    """The same page with the command a setting names; the proof with embedded services is left alone."""
    ran = run(CASE, "--services", "real", "prove")

    assert (0, "") == (ran.status, ran.faults)
    assert ["build/real/proof.json"] == [p.relative_to(ran.root).as_posix() for p in ran.root.rglob("proof.json")]


@pytest.mark.processes
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


@pytest.mark.processes
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


EMBEDDED = Service("TEA_URL", "tea://{port}", module="embedded_here")


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Give the module of a service that answers; what it leaves is waited for."""
    monkeypatch.setattr(services, "START", 2.0)
    module = SimpleNamespace(serve=lambda port: Server(port).serve_forever())
    monkeypatch.setitem(sys.modules, "embedded_here", module)
    yield module
    reap_all(5)


def test_services_come_up_afresh_and_end(embedded: SimpleNamespace) -> None:
    """At ports that stay theirs, and without the connection that the page has."""
    running, (theirs, ours) = Services([EMBEDDED]), Pipe()
    port = int(running.variables["TEA_URL"].rpartition("/")[2])
    for _ in range(2):
        running.start(theirs)
        assert accepts(port)
        running.stop()
    theirs.close()

    assert embedded
    assert (True, True) == (ends(port), ours.poll(5))
    ours.close()


@pytest.mark.usefixtures("embedded")
def test_a_port_that_somebody_else_has_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service is not even started."""
    monkeypatch.setattr(services, "START", 0.05)
    running, (theirs, ours) = Services([EMBEDDED]), Pipe()
    port = int(running.variables["TEA_URL"].rpartition("/")[2])
    words = "the service behind TEA_URL still answers from before: mind its settings"

    with theirs, ours, socket.create_server(("127.0.0.1", port)), pytest.raises(RuntimeError, match=f"^{words}$"):
        running.start(theirs)


@pytest.mark.parametrize(
    "service",
    [
        pytest.param(EMBEDDED, id="embedded"),
        pytest.param(Service("TEA_URL", "tea://{port}", command="sh -c 'exit 3' {port}"), id="program"),
        pytest.param(Service("TEA_URL", "tea://{port}", command="no-such-program"), id="no-program"),
    ],
)
def test_a_service_that_ends_is_told_of(embedded: SimpleNamespace, service: Service) -> None:
    """At once, not after all the time it has to come up."""
    embedded.serve = lambda _: None
    running, (theirs, ours) = Services([service]), Pipe()
    begun = time.monotonic()

    words = "the service behind TEA_URL accepted no connection: mind its settings"
    with theirs, ours, pytest.raises(RuntimeError, match=f"^{words}$"):
        running.start(theirs)
    running.stop()

    assert time.monotonic() < begun + 2


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize(
    "service",
    [
        pytest.param(EMBEDDED, id="embedded"),
        pytest.param(Service("TEA_URL", "tea://{port}", command="sh -c 'cat; echo {port}; exit 3'"), id="program"),
    ],
)
def test_what_runs_a_service_ends_with_it(service: Service, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Or with the page's process; the service is given its port and nothing to read, and how it ends is not told."""
    killed: list[int] = []
    monkeypatch.setattr(services, "stop_tree", lambda pid, **_: killed.append(pid))
    monkeypatch.setattr(services, "Thread", lambda target, args: SimpleNamespace(start=lambda: target(*args)))
    monkeypatch.setattr(os, "fork", lambda: 0)
    monkeypatch.setattr(os, "_exit", sys.exit)
    monkeypatch.setitem(sys.modules, "embedded_here", SimpleNamespace(serve=print))
    running, (theirs, ours) = Services([service]), Pipe()

    with ours, pytest.raises(SystemExit) as ended:
        running.start(theirs)
    out, err = capfd.readouterr()

    assert (running.variables["TEA_URL"], "") == (f"tea://{out.strip()}", err)
    assert (1, [os.getpid()], True) == (ended.value.code, killed, theirs.closed)


READING = """\
import pathlib, socket, sys

def serve(port):
    pathlib.Path("read.txt").write_text(sys.stdin.read())
    with socket.create_server(("127.0.0.1", port)) as server:
        server.accept()
"""


@pytest.mark.usefixtures("embedded", "typed")
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
@pytest.mark.parametrize(
    "service",
    [
        pytest.param(Service("TEA_URL", "tea://{port}", module="reading"), id="embedded"),
        pytest.param(
            Service("TEA_URL", "tea://{port}", command=f"'{sys.executable}' -c 'import reading; reading.serve({{port}})'"), id="program"
        ),
    ],
)
def test_a_service_without_fork_is_a_program(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given nothing to read."""
    monkeypatch.delattr(os, "fork")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "reading.py").write_text(READING, encoding="utf-8")
    theirs, ours = Pipe()

    with theirs, ours:
        Services([service]).start(theirs)

    assert "" == (tmp_path / "read.txt").read_text(encoding="utf-8")


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


@pytest.mark.processes
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
