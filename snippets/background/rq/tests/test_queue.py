"""Where the queue is, and who starts what."""

import threading

import pytest

from myapp import create_app
from myapp.config import ConfigurationError, from_environment
from myapp.extensions import rq

ENVIRONMENT = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "DATABASE_URL": "sqlite://",
}


def test_the_environment_says_where_the_queue_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is set is what the queue connects to."""
    monkeypatch.setenv("SECRET_KEY", ENVIRONMENT["SECRET_KEY"])
    monkeypatch.setenv("REDIS_URL", "redis://queue:6380/5")

    with create_app().app_context():
        found = rq.queue.connection.connection_pool.connection_kwargs

    assert ("queue", 6380, 5) == (found["host"], found["port"], found["db"])


@pytest.mark.parametrize("address", [{}, {"REDIS_URL": ""}])
def test_a_shop_needs_a_queue(address: dict[str, str]) -> None:
    """Without an address there is no shop, and an empty one is none."""
    with pytest.raises(ConfigurationError, match="^REDIS_URL is not set$"):
        from_environment({**ENVIRONMENT, **address})


@pytest.mark.parametrize(
    "value", ["localhost:6379", "http://:hunter2@queue", "redis://queue:port"]
)
def test_an_address_nobody_understands_stops_the_start(value: str) -> None:
    """It is refused by name, and the password in it is not told."""
    with pytest.raises(ConfigurationError) as refused:
        from_environment({**ENVIRONMENT, "REDIS_URL": value})

    expected = "REDIS_URL is no address of a Redis"
    assert (expected, None) == (str(refused.value), refused.value.__cause__)


def test_building_a_shop_starts_nothing() -> None:
    """A web process has no thread that waits for a time of day."""
    before = threading.enumerate()
    create_app({})

    assert before == threading.enumerate()
