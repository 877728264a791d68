"""Each shop has its queue."""

import datetime
import runpy
from pathlib import Path

import pytest

from myapp import create_app
from myapp.config import ConfigurationError, from_environment

ENVIRONMENT = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "DATABASE_URL": "sqlite://",
}


def test_two_shops_have_two_queues(tmp_path: Path) -> None:
    """What one shop is asked for is not in the queue of the other."""
    places = [
        create_app({"QUEUE_FILE": str(tmp_path / name)}).extensions["place"]
        for name in ("one.db", "other.db")
    ]
    places[0]("some basket")

    assert [1, 0] == [place.huey.pending_count() for place in places]
    for place in places:
        place.huey.storage.close()


def test_the_consumer_starts_from_the_factory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It reads the settings of the shop, and sweeps every five minutes."""
    monkeypatch.setenv("SECRET_KEY", ENVIRONMENT["SECRET_KEY"])
    monkeypatch.setenv("QUEUE_FILE", str(tmp_path / "other.db"))

    huey = runpy.run_module("myapp.consumer")["huey"]

    assert (tmp_path / "other.db").exists()
    minutes = [datetime.datetime(2026, 11, 22, 3, n) for n in (4, 5)]
    due = [[t.name for t in huey.read_periodic(at)] for at in minutes]
    assert [[], ["sweep"]] == due


def test_the_environment_says_where_the_queue_is() -> None:
    """What is set is what the shop is given."""
    found = from_environment({**ENVIRONMENT, "QUEUE_FILE": "/srv/queue.db"})

    assert "/srv/queue.db" == found["QUEUE_FILE"]


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ({}, "is not set"),
        ({"QUEUE_FILE": ""}, "is not set"),
        ({"QUEUE_FILE": "queue.db"}, "is no absolute path"),
        ({"QUEUE_FILE": ":memory:"}, "is no absolute path"),
    ],
)
def test_a_shop_needs_a_queue(address: dict[str, str], wrong: str) -> None:
    """Without a queue that others find too there is no shop."""
    with pytest.raises(ConfigurationError, match=f"^QUEUE_FILE {wrong}$"):
        from_environment({**ENVIRONMENT, **address})
