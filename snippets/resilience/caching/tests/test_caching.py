"""What is kept, for how long, and for whom."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import event, text

from myapp import create_app
from myapp.caching import recall
from myapp.config import ConfigurationError, from_environment
from myapp.extensions import cache, db
from myapp.models import Order, Product

Build = Callable[[str], Flask]
PAGES = ["/products", "/products?page=2", "/products/1", "/products/31"]


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """Give an empty Redis."""
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        redis.flushdb()
        yield redis


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Build shops of one database, with a cache somewhere."""
    shops: list[Flask] = []

    def build(cache_url: str) -> Flask:
        settings = {
            "SECRET_KEY": "only for tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
            "CACHE_REDIS_URL": cache_url,
        }
        shops.append(create_app(settings))
        return shops[-1]

    yield build
    for shop in shops:
        with shop.app_context():
            db.engine.dispose()


def sell(app: Flask) -> None:
    """Give a shop thirty products."""
    with app.app_context():
        db.create_all()
        names = [f"tea {number:02}" for number in range(30)]
        db.session.add_all(Product(name=n, price_cents=450) for n in names)
        db.session.commit()


def counted(app: Flask) -> list[str]:
    """Give the list that will hold each statement a shop sends."""
    sent: list[str] = []
    with app.app_context():
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *given: sent.append(given[2]),
        )
    return sent


def test_what_is_read_again_is_not_looked_up(
    app: Flask, client: FlaskClient
) -> None:
    """A second request costs no query; an order drops nothing."""
    sell(app)
    sent = counted(app)
    first = [client.get(page).text for page in PAGES[:3]]
    assert 3 == len(sent)
    with app.app_context():
        db.session.add(Order(product_id=1))
        db.session.commit()
    sent.clear()

    assert first == [client.get(page).text for page in PAGES[:3]]
    assert [] == sent


def dearer() -> None:
    """Change a price in a row."""
    for product in db.session.scalars(db.select(Product)):
        product.price_cents = 999


def one_more() -> None:
    """Add a row that stands first."""
    db.session.add(Product(name="a tea", price_cents=999))


def fewer() -> None:
    """Delete a row."""
    db.session.delete(db.session.get_one(Product, 1))


def all_dearer() -> None:
    """Change all prices by a statement."""
    db.session.execute(db.update(Product).values(price_cents=999))


def in_words() -> None:
    """Change all prices in SQL."""
    db.session.execute(text("UPDATE product SET price_cents = 999"))


@pytest.mark.parametrize(
    ("write", "pages"),
    [
        (dearer, PAGES[:3]),
        (one_more, [*PAGES[:2], PAGES[3]]),
        (fewer, PAGES[:3]),
        (all_dearer, PAGES[:3]),
        (in_words, PAGES[:3]),
    ],
)
def test_every_kind_of_write_shows_at_once(
    app: Flask,
    client: FlaskClient,
    write: Callable[[], None],
    pages: list[str],
) -> None:
    """Each page that a write changes is new after it."""
    sell(app)
    before = {page: client.get(page).text for page in pages}
    with app.app_context():
        write()
        db.session.commit()
    after = {page: client.get(page).text for page in pages}

    assert [] == [page for page in pages if before[page] == after[page]]


@pytest.mark.parametrize("given_redis", [""])
def test_no_redis_has_to_run(redis: Redis, stand_in: str) -> None:
    """Where the environment names none, the tests bring their own."""
    port = redis.get_connection_kwargs()["port"]

    assert f"redis://127.0.0.1:{port}/0" == stand_in


def test_a_read_that_was_overtaken_is_not_kept(app: Flask) -> None:
    """What was read before a write is not found after it."""
    sell(app)

    def overtaken() -> str:
        dearer()
        db.session.commit()
        return "old"

    with app.app_context():
        recall("price", overtaken)

        assert "new" == recall("price", lambda: "new")


def test_no_client_fills_the_store(
    build: Build, redis: Redis, redis_url: str
) -> None:
    """Whatever is asked for, few things are kept."""
    app = build(redis_url)
    sell(app)
    client = app.test_client()
    for number in range(1, 31):
        client.get(f"/products?page={number}")
        client.get(f"/products?page=1&per_page={number}")
        client.get(f"/products?page=1&x={number}")
        client.get(f"/products/{number + 30}")
    client.get("/products?per_page=20&page=1")

    names = {str(key).split(":")[1] for key in redis.scan_iter()}
    assert {"version", "products"} == names
    assert 6 == redis.dbsize()


def test_one_computes_for_all(
    build: Build, redis: Redis, redis_url: str
) -> None:
    """Eight requests at once cost one computation."""
    app = build(redis_url)
    together = Barrier(8)
    made: list[int] = []
    got: list[object] = []

    def make() -> int:
        made.append(1)
        time.sleep(0.2)
        return 7

    def ask() -> None:
        with app.app_context():
            recall("warm", lambda: 1)
            together.wait(20)
            got.append(recall("dear", make))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert ([1], [7] * 8) == (made, got)


def test_the_old_value_serves_while_one_computes(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its minute a value is made anew, by one."""
    now = time.time()
    with app.app_context():
        recall("price", lambda: "old")
        monkeypatch.setattr("time.time", lambda: now + 59)
        assert "old" == recall("price", lambda: "new")
        monkeypatch.setattr("time.time", lambda: now + 62)
        seen: list[str] = []

        def make() -> str:
            seen.append(recall("price", lambda: "twice"))
            return "new"

        assert "new" == recall("price", make)
        assert ["old"] == seen


def test_nobody_waits_for_ever(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited two seconds computes by himself."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    with app.app_context():
        found = recall("price", lambda: recall("price", lambda: "mine"))

    assert ("mine", 2) == (found, round(sum(waited), 3))


def test_the_shop_answers_without_its_cache(build: Build) -> None:
    """Reading and writing go on when Redis is gone."""
    app = build("redis://127.0.0.1:9/0")
    sell(app)
    client = app.test_client()

    assert [200, 200] == [client.get(p).status_code for p in PAGES[1:3]]


def test_a_write_shows_in_every_process(
    build: Build, redis: Redis, redis_url: str
) -> None:
    """Another process's write drops what this one kept."""
    one, other = build(redis_url), build(redis_url)
    sell(one)
    client = other.test_client()
    assert 450 == client.get("/products/1").get_json()["price_cents"]
    with one.app_context():
        all_dearer()
        db.session.commit()

    assert 999 == client.get("/products/1").get_json()["price_cents"]


def test_the_environment_says_where_the_cache_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the platform sets is what the cache connects to."""
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6380/5")
    app = create_app()

    with app.app_context():
        found = type(cache.cache).__name__

    assert ("RedisCache", "redis://cache:6380/5") == (
        found,
        app.config["CACHE_REDIS_URL"],
    )


@pytest.mark.parametrize("value", ["", "cache:6379", "r:hunter2@x"])
def test_a_shop_needs_a_cache(value: str) -> None:
    """No shop starts whose workers would not hear of each other."""
    with pytest.raises(ConfigurationError) as refused:
        from_environment({"REDIS_URL": value})

    assert "REDIS_URL is no" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_browser_is_told_that_nothing_changed(
    app: Flask, client: FlaskClient
) -> None:
    """What a browser has is not sent again, until it changed."""
    sell(app)
    first = client.get("/products/1")
    headers = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/products/1", headers=headers)
    with app.app_context():
        all_dearer()
        db.session.commit()
    changed = client.get("/products/1", headers=headers)

    assert "private, no-cache" == first.headers["Cache-Control"]
    assert (304, b"") == (again.status_code, again.data)
    assert 999 == changed.get_json()["price_cents"]
