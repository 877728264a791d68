"""Where the counts are kept."""

import pytest
from flask import Flask
from redis import Redis

from myapp import create_app
from myapp.config import ConfigurationError, from_environment


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """Give the address of an empty Redis."""
    with Redis.from_url(redis_server) as redis:
        redis.flushdb()
    return redis_server


@pytest.mark.parametrize("given_redis", [""])
def test_no_redis_has_to_run(redis_server: str, stand_in: str) -> None:
    """Where the environment names none, the tests bring their own."""
    with Redis.from_url(redis_server) as redis:
        assert [stand_in, True] == [redis_server, redis.ping()]


def tries(app: Flask, number: int) -> list[int]:
    """Give the answers to so many tries to log in."""
    client = app.test_client()
    return [client.post("/tokens").status_code for _ in range(number)]


def counting(url: str) -> Flask:
    """Build a shop that counts somewhere."""
    return create_app(
        {"SECRET_KEY": "only for tests", "RATELIMIT_STORAGE_URI": url}
    )


def test_a_restart_forgets_nothing(redis_url: str) -> None:
    """A shop that is started anew goes on counting."""
    first = tries(counting(redis_url), 6)
    second = tries(counting(redis_url), 5)

    assert [415] * 10 + [429] == first + second


def test_without_redis_each_process_counts() -> None:
    """A limit holds without its storage, and nothing breaks."""
    found = tries(counting("redis://127.0.0.1:9/0"), 11)

    assert [415] * 10 + [429] == found


def test_the_environment_says_where_the_counts_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the platform sets is what the limiter connects to."""
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("REDIS_URL", "redis://counts:6380/5")

    found = create_app().config["RATELIMIT_STORAGE_URI"]

    assert "redis://counts:6380/5" == found


@pytest.mark.parametrize("value", ["", "memory://", "r:hunter2@x"])
def test_a_shop_needs_a_place_for_its_counts(value: str) -> None:
    """No shop starts that would count in memory without being told."""
    with pytest.raises(ConfigurationError) as refused:
        from_environment({"REDIS_URL": value})

    assert "REDIS_URL is no" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
