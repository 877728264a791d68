"""The client of Unleash, attacked and preloaded."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from myapp import create_app, unleash
from myapp.config import from_environment
from myapp.flags import is_on

Shop = Callable[..., Flask]

FLAG = "new-checkout"


SLOW = """
import os
import time

make = os.makedirs


def slowly(*args, **options):
    time.sleep(0.5)
    make(*args, **options)


os.makedirs = slowly
"""


@contextmanager
def preloaded(server: Any, cache: Path, *paths: str) -> Iterator[str]:
    """Serve the shop with two workers, and give its address."""
    settings = {
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "UNLEASH_URL": server.url,
        "UNLEASH_CACHE": str(cache),
        "UNLEASH_REFRESH": 0.1,
    }
    command = [sys.executable, "-m", "gunicorn", "--preload", "-w", "2"]
    command += ["--bind", "127.0.0.1:0", "--no-control-socket"]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(["src", *paths])}
    environ.pop("GUNICORN_CMD_ARGS", None)
    gunicorn = subprocess.Popen(
        [*command, f"myapp:create_app({settings!r})"],
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    assert gunicorn.stderr is not None
    try:
        lines = iter(gunicorn.stderr.readline, "")
        listening = next(line for line in lines if "Listening at: " in line)
        yield listening.partition("Listening at: ")[2].split(" ")[0]
    finally:
        gunicorn.terminate()
        gunicorn.communicate(timeout=30)


def test_preloaded_workers_see_a_flip(server: Any, tmp_path: Path) -> None:
    """Two workers forked from a preloaded app hear what is switched."""

    def workers(since: int) -> set[str]:
        """Give which processes asked twice since then."""
        asked = [who for who, _ in server.asked[since:]]
        return {who for who in asked if asked.count(who) > 1}

    with preloaded(server, tmp_path) as url:
        both = server.becomes_true(lambda: len(workers(0)) == 2)
        before = steps(url)
        server.percent[FLAG] = 100
        flipped = len(server.asked)
        heard = both and server.becomes_true(
            lambda: len(workers(flipped)) == 2
        )
        after = steps(url)

    assert (True, {"3"}) == (both, before)
    assert (True, {"1"}) == (heard, after)


def test_two_workers_make_the_folder(server: Any, tmp_path: Path) -> None:
    """On a first start both find no folder, and both serve."""
    Path(tmp_path, "sitecustomize.py").write_text(SLOW, encoding="utf-8")
    with preloaded(server, tmp_path, str(tmp_path)):
        both = server.becomes_true(lambda: len(dict(server.asked)) == 2)

    assert both


def test_the_usual_folder_has_the_name_of_the_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no directory is set, whoever makes the folder makes the same."""
    make = os.makedirs

    def after_another(path: str, **options: Any) -> None:
        make(path, **options)
        make(path, **options)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with monkeypatch.context() as first_start:
        first_start.setattr(os, "makedirs", after_another)
        unleash.remembered(None)

    assert [tmp_path / "myapp"] == list(tmp_path.iterdir())


def steps(url: str) -> set[str]:
    """Ask for the checkout some times, each on a connection of its own."""
    found = set()
    for _ in range(12):
        connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/checkout")
        page = connection.getresponse().read().decode()
        connection.close()
        found.add(page.split(" steps")[0][-1])
    return found


class Planted:
    """What somebody else put into the cache."""

    def __init__(self, path: Path) -> None:
        """Choose what is created when this is read."""
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path, int, bool]]:
        """Say what is called when this is read."""
        return os.makedirs, (self.path, 0o700, True)


def test_the_cache_is_unpickled(
    shop: Shop, server: Any, tmp_path: Path
) -> None:
    """Who writes to the cache chooses what the shop runs."""
    cache = tmp_path / "cache"
    cache.mkdir()
    first = shop(UNLEASH_CACHE=str(cache))
    unleash.client(first)
    unleash.stop(first)
    created = tmp_path / "created"
    for file in [found for found in cache.rglob("*") if found.is_file()]:
        file.write_bytes(pickle.dumps(Planted(created)))

    server.status = 500
    unleash.client(shop(UNLEASH_CACHE=str(cache)))

    assert created.is_dir()


def test_threads_share_one_client(shop: Shop) -> None:
    """Two first requests at once start one client, not two."""
    app = shop()
    barrier = Barrier(8)

    def ask(_: int) -> object:
        barrier.wait()
        return unleash.client(app)

    with ThreadPoolExecutor(8) as pool:
        assert 1 == len(set(map(id, pool.map(ask, range(8)))))


def test_growing_takes_nothing_from_anybody(shop: Shop, server: Any) -> None:
    """Unleash keeps its promise to a user as the settings do."""
    users = [f"user-{number}" for number in range(200)]
    found = []
    for percent in (30, 60):
        server.percent[FLAG] = percent
        with (app := shop()).app_context():
            found.append({user for user in users if is_on(FLAG, user)})
        unleash.stop(app)

    assert found[0] < found[1] < set(users)
    assert 30 < len(found[0]) < 90


def test_nonsense_of_a_server_changes_nothing(
    shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a proxy in the place of flags is no answer."""
    server.percent[FLAG] = 100
    app = shop()
    with app.app_context():
        before = is_on(FLAG, "1")
        monkeypatch.setattr(server, "features", lambda: "<html>")
        asked = len(server.asked)

        assert server.becomes_true(lambda: len(server.asked) > asked + 2)
        assert (True, True) == (before, is_on(FLAG, "1"))


def test_a_stopped_client_asks_no_more(shop: Shop, server: Any) -> None:
    """A test leaves no thread behind that asks for ever."""
    app: Flask = shop()
    client = unleash.client(app)
    assert client is not None
    before = client.is_initialized
    unleash.stop(app)

    assert (True, False) == (before, client.is_initialized)
    assert {} == app.extensions["unleash"]
    assert create_app({}).extensions["unleash"] == {}


def test_the_shop_gives_its_name(shop: Shop) -> None:
    """Unleash lists the shop by it, and the cache on the disk carries it."""
    client = unleash.client(shop())

    assert client is not None
    assert "myapp" == client.unleash_app_name


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_has_one_of_two_schemes(scheme: str) -> None:
    """Inside a cluster Unleash may well be asked without TLS."""
    url = f"{scheme}://unleash.example.com/api"
    environ = {"SECRET_KEY": "x" * 32, "UNLEASH_URL": url}

    assert url == from_environment(environ)["UNLEASH_URL"]


@pytest.mark.parametrize("mode", [0o700, 0o711, 0o755])
def test_a_directory_that_others_only_read_is_taken(
    tmp_path: Path, mode: int
) -> None:
    """Who cannot write to it can plant nothing in it."""
    tmp_path.chmod(mode)
    environ = {"SECRET_KEY": "x" * 32, "UNLEASH_CACHE": str(tmp_path)}

    assert str(tmp_path) == from_environment(environ)["UNLEASH_CACHE"]


def test_a_shop_that_is_told_nothing_has_no_unleash() -> None:
    """Every setting has a default, where no environment was read too."""
    settings = create_app({}).config
    names = ("UNLEASH_URL", "UNLEASH_TOKEN", "UNLEASH_CACHE")

    assert ["", "", None] == [settings[name] for name in names]


def test_what_nobody_set_is_off_for_everybody(app: Flask) -> None:
    """Without Unleash and without a setting nobody's place is low enough."""
    users = [str(number) for number in range(1000)]

    with app.app_context():
        assert [] == [user for user in users if is_on(FLAG, user)]


def test_a_second_client_of_a_shop_is_an_error_in_the_log(
    shop: Shop, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Who has another token is another shop, and may be there too."""
    told = []
    for secret in ("first.secret", "second.secret", "first.secret"):
        unleash.client(shop(UNLEASH_TOKEN=f"{tmp_path.name}:{secret}"))
        told.append(
            sum("You already have 1 instance" in m for m in caplog.messages)
        )

    assert [0, 0, 1] == told
