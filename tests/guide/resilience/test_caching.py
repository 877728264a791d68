"""What a cache may do to a shop, and what decorators do to a page."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import call, patch

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from flask_caching import Cache
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown
from werkzeug.exceptions import NotFound

import myapp
from myapp import create_app
from myapp.caching import keep, recall
from myapp.config import ConfigurationError, from_environment
from myapp.extensions import cache, db
from myapp.models import Product


@pytest.fixture
def tea(app: Flask) -> Iterator[None]:
    """Give the shop one product."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    yield


def sell_at(app: Flask, price: int) -> None:
    """Change the price of everything."""
    with app.app_context():
        db.session.execute(db.update(Product).values(price_cents=price))
        db.session.commit()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("/products", id="plain"),
        pytest.param("/products?page=1&per_page=20", id="full"),
        pytest.param("/products?per_page=20&page=1", id="other order"),
        pytest.param("/products?page=%31", id="escaped"),
        pytest.param("/products?per_page=7", id="other length"),
        pytest.param("/products?page=01", id="zero"),
        pytest.param("http://other.example/products", id="other host"),
    ],
)
def test_every_form_of_a_url_is_fresh(
    app: Flask, client: FlaskClient, tea: None, url: str
) -> None:
    """However a list is asked for, a write shows in it."""
    before = client.get(url).get_json()
    sell_at(app, 999)
    after = client.get(url).get_json()

    assert 450 == before[0]["price_cents"]
    assert 999 == after[0]["price_cents"]


@pytest.mark.usefixtures("tea")
def test_a_blueprint_mounted_twice_is_fresh_twice(app: Flask) -> None:
    """A second prefix for the same views changes nothing."""
    other = create_app({"SECRET_KEY": "only for tests"})
    other.register_blueprint(
        myapp.products.bp, name="v2", url_prefix="/v2/products"
    )
    with other.app_context():
        db.create_all()
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    client = other.test_client()
    before = [
        client.get(f"{prefix}/products/1").get_json()["price_cents"]
        for prefix in ("", "/v2")
    ]
    sell_at(other, 999)
    after = [
        client.get(f"{prefix}/products/1").get_json()["price_cents"]
        for prefix in ("", "/v2")
    ]
    with other.app_context():
        db.engine.dispose()

    assert ([450, 450], [999, 999]) == (before, after)


def test_a_product_that_comes_later_is_seen(
    app: Flask, client: FlaskClient
) -> None:
    """A 404 is not kept, and leaves no lock."""
    begin = time.monotonic()
    first = [client.get("/products/1").status_code for _ in range(3)]
    took = time.monotonic() - begin
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()

    assert [404] * 3 == first
    assert took < 1.5
    assert 200 == client.get("/products/1").status_code


def test_a_bug_leaves_no_lock(app: Flask) -> None:
    """Who comes after an exception computes at once."""
    with app.app_context(), patch("time.sleep") as waited:
        with pytest.raises(NotFound):
            recall("x", lambda: abort(404))

        assert 7 == recall("x", lambda: 7)
        assert not waited.called


@pytest.mark.usefixtures("tea")
def test_a_rollback_changes_nothing(app: Flask, client: FlaskClient) -> None:
    """What was never committed never shows."""
    before = client.get("/products").text
    with app.app_context():
        db.session.add(Product(name="cocoa", price_cents=500))
        db.session.flush()
        db.session.rollback()

    assert before == client.get("/products").text


@pytest.mark.usefixtures("tea")
def test_a_write_is_not_lost_with_the_cache(
    app: Flask, client: FlaskClient
) -> None:
    """Redis gone at the commit: written all the same, and old a minute."""
    now = time.time()
    assert 450 == client.get("/products/1").get_json()["price_cents"]
    with app.app_context():
        with patch.object(cache, "set", side_effect=RedisDown):
            sell_at(app, 999)
    old = client.get("/products/1").get_json()["price_cents"]
    with patch("time.time", lambda: now + 62):
        new = client.get("/products/1").get_json()["price_cents"]

    assert (450, 999) == (old, new)


def test_a_value_is_old_for_ten_minutes_at_most(app: Flask) -> None:
    """What nobody asked for so long is gone."""
    kept: list[int] = []
    with app.app_context():
        with patch.object(
            cache, "set", side_effect=lambda *_, timeout: kept.append(timeout)
        ):
            recall("x", lambda: 1)

    assert [0, 600] == kept


def test_the_lock_ends_by_itself(app: Flask) -> None:
    """A process that dies while it computes locks nobody out for long."""
    with app.app_context():
        with patch.object(cache, "add", return_value=True) as added:
            recall("x", lambda: 1)
        lock = f"x:{cache.get('version')}:lock"

    assert call(lock, "taken", timeout=10) == added.call_args


def test_a_redis_that_hangs_is_given_up_soon() -> None:
    """A Redis that answers nothing costs parts of a second."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        app = create_app({"SECRET_KEY": "tests", "CACHE_REDIS_URL": url})
        begin = time.monotonic()
        with app.app_context():
            found = recall("x", lambda: 7)
        took = time.monotonic() - begin

    assert 7 == found
    assert 0.1 < took < 10


def test_two_shops_share_no_cache(app: Flask) -> None:
    """Without Redis each shop keeps its own."""
    other = create_app({"SECRET_KEY": "only for tests"})
    with app.app_context():
        recall("x", lambda: "one")
    with other.app_context():
        found = recall("x", lambda: "other")

    assert "other" == found


def test_the_prefix_keeps_other_shops_apart(
    redis_url: str,
) -> None:
    """All that is kept bears the shop's name."""
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        redis.flushdb()
        app = create_app({"SECRET_KEY": "tests", "CACHE_REDIS_URL": redis_url})
        with app.app_context():
            recall("x", lambda: 1)
        names = [str(name) for name in redis.scan_iter()]

    assert 2 == len(names)
    assert [True, True] == [name.startswith("shop:") for name in names]


def test_another_process_reads_what_this_one_kept(
    redis_url: str, tmp_path: Path
) -> None:
    """A value kept here is found by a real second process."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    app = create_app({"SECRET_KEY": "tests", "CACHE_REDIS_URL": redis_url})
    with app.app_context():
        recall("x", lambda: "from the first")
    code = (
        "from myapp import create_app; from myapp.caching import recall\n"
        "with create_app().app_context(): print(recall('x', lambda: 'own'))"
    )
    given = {
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "DATABASE_URL": "sqlite://",
        "REDIS_URL": redis_url,
        "PYTHONPATH": str(Path(str(myapp.__file__)).parents[1]),
    }
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | given,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert (0, "from the first\n") == (run.returncode, run.stdout)


def test_what_redis_keeps_is_a_pickle(redis_url: str) -> None:
    """Whoever writes to that Redis chooses what the shop unpickles."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
        app = create_app({"SECRET_KEY": "tests", "CACHE_REDIS_URL": redis_url})
        with app.app_context():
            recall("x", lambda: 1)
        raw = [redis.get(name) for name in redis.scan_iter("shop:x:*")]

    assert [b"!\x80"] == [bytes(value or b"")[:2] for value in raw]


def small(kind: str) -> tuple[Flask, Cache]:
    """Build an app with a cache of a kind."""
    shop = Flask("shop")
    settings = {"CACHE_TYPE": kind, "CACHE_NO_NULL_WARNING": True}
    return shop, Cache(shop, config=settings)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("SimpleCache", ["ann", "ann"]), ("NullCache", ["ann", "bob"])],
)
def test_what_null_cache_hides(kind: str, expected: list[str]) -> None:
    """The same wrong page is right under the cache of many tests."""
    shop, store = small(kind)

    @shop.get("/me")
    @store.cached()
    def me() -> str:
        return request.headers["Customer"]

    visitor = shop.test_client()
    found = [
        visitor.get("/me", headers={"Customer": name}).text
        for name in ("ann", "bob")
    ]

    assert expected == found


def test_the_decorator_keeps_a_404() -> None:
    """Since Flask-Caching 2.5 an error raised in a view is kept as well."""
    shop, store = small("SimpleCache")
    there: list[int] = []

    @shop.get("/tea")
    @store.cached()
    def tea() -> str:
        return "tea" if there else abort(404)

    visitor = shop.test_client()
    found = [visitor.get("/tea").status_code]
    there.append(1)
    found.append(visitor.get("/tea").status_code)

    assert [404, 404] == found


@pytest.mark.parametrize(("given", "entries"), [(False, 1), (True, 50)])
def test_each_query_string_is_an_entry(given: bool, entries: int) -> None:
    """With query_string a client writes as many entries as he likes."""
    shop, store = small("SimpleCache")
    computed: list[str] = []

    @shop.get("/tea")
    @store.cached(query_string=given)
    def tea() -> str:
        computed.append("tea")
        return "tea"

    visitor = shop.test_client()
    for number in range(50):
        visitor.get(f"/tea?nobody-knows-this={number}")

    assert entries == len(computed)


def test_delete_memoized_at_import_fails() -> None:
    """Before there is an app there is nothing to delete from."""
    store = Cache()

    @store.memoize()
    def sales(product_id: int) -> int:
        return product_id

    with pytest.raises(AttributeError):
        store.delete_memoized(sales, 1)


def test_products_are_told_apart(app: Flask, client: FlaskClient) -> None:
    """What is kept of one product is not shown for another."""
    with app.app_context():
        for name in ("tea", "cocoa"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()
    found = [client.get(f"/products/{n}").get_json()["name"] for n in (1, 2)]

    assert ["tea", "cocoa"] == found


def test_a_value_is_fresh_for_a_minute(app: Flask) -> None:
    """At the sixtieth second it is made anew, and not before."""
    with app.app_context(), patch("time.time") as clock:
        clock.return_value = 1_000.0
        recall("price", lambda: "old")
        clock.return_value = 1_059.75
        assert "old" == recall("price", lambda: "new")
        clock.return_value = 1_060.0
        assert "new" == recall("price", lambda: "new")


def test_the_log_says_that_the_cache_is_gone(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """Who reads it learns why the database is asked more often."""
    with app.app_context():
        with patch.object(cache, "get", side_effect=RedisDown("refused")):
            assert 7 == recall("x", lambda: 7)

    told = ("myapp", logging.WARNING, "no cache: refused")
    assert [told] == caplog.record_tuples


def test_the_log_says_that_old_prices_may_show(
    app: Flask, tea: None, caplog: pytest.LogCaptureFixture
) -> None:
    """A write that could drop nothing is told of."""
    with patch.object(cache, "set", side_effect=RedisDown("refused")):
        sell_at(app, 999)

    told = ("myapp", logging.WARNING, "old prices may show: refused")
    assert [told] == caplog.record_tuples


def test_reading_drops_nothing(app: Flask) -> None:
    """A commit after a query alone leaves all as it is."""
    with app.app_context():
        recall("price", lambda: "kept")
        db.session.scalars(db.select(Product)).all()
        db.session.commit()

        assert "kept" == recall("price", lambda: "new")


def test_no_request_waits_long_for_redis() -> None:
    """The connection of the shop gives up after a fifth of a second."""
    url = "redis://127.0.0.1:9/0"
    with patch("redis.from_url") as connected:
        create_app({"SECRET_KEY": "tests", "CACHE_REDIS_URL": url})

    assert call(url, db=0, socket_timeout=0.2) == connected.call_args


def test_a_wrong_address_of_a_redis_is_named() -> None:
    """Who starts the shop reads which setting it is, and what it lacks."""
    environ = {
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "DATABASE_URL": "sqlite://",
        "REDIS_URL": "cache:6379",
    }
    with pytest.raises(ConfigurationError) as refused:
        from_environment(environ)

    assert "REDIS_URL is no address of a Redis" == str(refused.value)


def test_the_lock_is_no_leave_to_compute_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gets it late finds what another made in the meantime."""
    add = cache.add

    def late(key: str, *value: object, **options: object) -> object:
        keep(key.removesuffix(":lock"), "made")
        return add(key, *value, **options)

    with app.app_context():
        recall("warm", lambda: 1)
        monkeypatch.setattr(cache, "add", late)
        assert "made" == recall("dear", lambda: "made again")


def test_what_is_fresh_needs_no_lock(app: Flask) -> None:
    """Reading what is kept asks the store for nothing else."""
    with app.app_context():
        assert 1 == recall("dear", lambda: 1)
        with patch.object(cache, "add") as add:
            assert 1 == recall("dear", lambda: 2)
    assert [] == add.mock_calls
