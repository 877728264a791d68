"""Unleash decides, and what decides when it does not."""

import os
import runpy
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from myapp import create_app, unleash
from myapp.config import ConfigurationError, from_environment
from myapp.flags import is_on

Shop = Callable[..., Flask]

FLAG = "new-checkout"
SECRET = "0123456789abcdef0123456789abcdef"
CONFIGURATION = Path(__file__).parents[1] / "gunicorn.conf.py"


def on(app: Flask) -> bool:
    """Tell whether a user of this shop has the new checkout."""
    with app.app_context():
        return is_on(FLAG, "1")


def polled_again(server: Any) -> bool:
    """Wait until the server was asked twice from now on."""
    target = len(server.asked) + 2
    found: bool = server.becomes_true(lambda: len(server.asked) >= target)
    return found


def test_a_flip_is_seen_without_a_restart(shop: Shop, server: Any) -> None:
    """What is switched in Unleash changes the running shop."""
    app = shop()
    before = on(app)
    server.percent[FLAG] = 100

    assert before is False
    assert server.becomes_true(lambda: on(app))
    assert "in 1 steps" in app.test_client().get("/checkout").text


def test_unleash_decides_over_the_settings(shop: Shop, server: Any) -> None:
    """Off in Unleash is off, whatever the settings say."""
    server.percent[FLAG] = 0

    assert on(shop(FLAGS={FLAG: 100})) is False


def test_an_unknown_flag_is_no_answer(shop: Shop, server: Any) -> None:
    """Unleash does not make a misspelt flag a known one."""
    server.percent["new-chekout"] = 100

    with shop().app_context(), pytest.raises(ValueError, match="chekout"):
        is_on("new-chekout", "1")


def test_down_at_the_start_the_settings_decide(
    shop: Shop, server: Any
) -> None:
    """A shop starts without Unleash, and hears it when it comes."""
    server.end()
    app = shop(FLAGS={FLAG: 100})
    without = on(app)
    late = server.another(server.server_port)
    late.percent[FLAG] = 0
    heard = server.becomes_true(lambda: not on(app))
    late.end()

    assert (True, True) == (without, heard)


def test_down_later_the_last_answer_holds(shop: Shop, server: Any) -> None:
    """An outage changes nothing for who is served."""
    server.percent[FLAG] = 100
    app = shop()
    before = on(app)
    server.status = 500

    assert polled_again(server)
    assert (True, True) == (before, on(app))


def test_a_restart_remembers_the_last_answer(
    shop: Shop, server: Any, tmp_path: Path
) -> None:
    """The disk knows what Unleash said, and another directory does not."""
    server.percent[FLAG] = 100
    before = on(shop())
    server.status = 500
    other = tmp_path / "other"
    other.mkdir()

    after = [on(shop()), on(shop(UNLEASH_CACHE=str(other)))]
    assert (True, [True, False]) == (before, after)


def test_another_worker_makes_the_folder(
    shop: Shop, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes second starts as well, and remembers in the same place."""
    make = os.makedirs

    def after_another(path: str) -> None:
        make(path)
        make(path)

    before = None
    server.percent[FLAG] = 100
    with monkeypatch.context() as first_start, suppress(FileExistsError):
        first_start.setattr(os, "makedirs", after_another)
        before = on(shop())
    server.status = 500

    assert (True, True) == (before, on(shop()))


def test_a_wrong_token_leaves_the_settings(shop: Shop, server: Any) -> None:
    """Who is not let in gets no answer, and the settings decide."""
    server.status = 401

    assert [True, False] == [on(shop(FLAGS={FLAG: p})) for p in (100, 0)]
    assert "default:test.secret" == server.asked[0][1]


def test_two_shops_have_servers_of_their_own(
    shop: Shop, server: Any, tmp_path: Path
) -> None:
    """Each asks its own, in one process."""
    server.percent[FLAG] = 100
    other = server.another()
    cache = tmp_path / "other"
    cache.mkdir()
    shops = [shop(), shop(UNLEASH_URL=other.url, UNLEASH_CACHE=str(cache))]
    found = [on(app) for app in shops]
    other.end()

    assert [True, False] == found


def test_each_process_has_a_client(
    shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the process is another one, a client is started."""
    app = shop()
    parent = unleash.client(app)
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: 290)
        child = unleash.client(app)
        again = unleash.client(app)
        unleash.stop(app)

    assert [False, True] == [child is parent, again is child]
    assert any(who.endswith("-290") for who, _ in server.asked)


def test_a_worker_starts_its_client(shop: Shop, server: Any) -> None:
    """No customer waits for the first answer of Unleash."""
    found = runpy.run_path(str(CONFIGURATION))
    found["post_worker_init"](SimpleNamespace(wsgi=shop()))

    assert (True, 2) == (found["preload_app"], found["workers"])
    assert [] != server.asked


def test_a_request_waits_no_longer_than_said(shop: Shop) -> None:
    """One try of two seconds: the next poll is the second try."""
    client = unleash.client(shop())

    assert client is not None
    assert (2, 0) == (
        client.unleash_request_timeout,
        client.unleash_request_retries,
    )


def test_without_an_address_nothing_is_started(app: Flask) -> None:
    """The settings alone decide, as before."""
    assert unleash.client(app) is None


def test_unleash_is_read_from_the_environment(tmp_path: Path) -> None:
    """Where it is, who we are, and where to remember."""
    given = {
        "UNLEASH_URL": "https://unleash.example.com/api",
        "UNLEASH_TOKEN": "default:production.secret",
        "UNLEASH_CACHE": str(tmp_path),
    }
    found = from_environment({"SECRET_KEY": SECRET} | given)
    empty = from_environment({"SECRET_KEY": SECRET})

    assert given == {name: found[name] for name in given}
    assert ["", "", None] == [empty[name] for name in given]
    assert 15 == create_app({}).config["UNLEASH_REFRESH"]


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o720, 0o702])
def test_a_directory_of_others_is_refused(tmp_path: Path, mode: int) -> None:
    """What is read there is code."""
    tmp_path.chmod(mode)
    environ = {"SECRET_KEY": SECRET, "UNLEASH_CACHE": str(tmp_path)}

    with pytest.raises(ConfigurationError, match="CACHE can be written by"):
        from_environment(environ)


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("UNLEASH_URL", "unleash:4242", "is no address"),
        ("UNLEASH_URL", "file:///etc/passwd", "is no address"),
        ("UNLEASH_CACHE", "/nowhere", "is no directory"),
    ],
)
def test_wrong_settings_stop_the_start(
    name: str, value: str, wrong: str
) -> None:
    """A shop that could never ask does not start."""
    with pytest.raises(ConfigurationError) as refused:
        from_environment({"SECRET_KEY": SECRET, name: value})

    assert f"{name} {wrong}" == str(refused.value)
