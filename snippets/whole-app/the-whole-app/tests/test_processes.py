"""The chat in several processes."""

import json
import time
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from myapp import create_app
from myapp.config import ConfigurationError, from_environment
from myapp.extensions import db
from myapp.models import Chat

from .conftest import logged_in

SETTINGS = {"SECRET_KEY": "0123456789abcdef0123456789abcdef"}
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture
def shops(tmp_path: Path, queue_url: str) -> list[Flask]:
    """Build two shops with one database and one queue."""
    settings = SETTINGS | {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
        "MESSAGE_QUEUE": queue_url,
    }
    shops = [create_app(settings) for _ in range(2)]
    with shops[0].app_context():
        db.create_all()
        db.session.add(Chat(customer_id=1, agent_id=2))
        db.session.commit()
    return shops


def begin(client: FlaskClient) -> str:
    """Shake hands, and give the URL of the session begun."""
    opened = json.loads(client.get(HANDSHAKE).text[1:])
    return f"{HANDSHAKE}&sid={opened['sid']}"


class Poller:
    """A client that is polling, by hand."""

    def __init__(self, shop: Flask, user_id: int) -> None:
        """Connect to the chat as a user."""
        self.browser = shop.test_client()
        logged_in(shop, self.browser, user_id)
        self.url = begin(self.browser)
        self.send("40/support,", "40/support")

    def send(self, packet: str, answer: str) -> None:
        """Send a packet, and see it answered."""
        self.browser.post(self.url, data=packet)
        self.receive(answer)

    def receive(self, beginning: str) -> None:
        """See the next packet begin so."""
        packet = self.browser.get(self.url).text
        assert beginning == packet[: len(beginning)]


def is_alone(redis: Any) -> bool:
    """Tell, a moment later, whether one process listens or none."""
    time.sleep(0.02)
    found: bool = redis.pubsub_numsub("flask-socketio")[0][1] < 2
    return found


def wait_for_both(queue_url: str) -> None:
    """Wait some seconds until two processes listen to the queue."""
    redis = Redis.from_url(queue_url)
    list(takewhile(lambda _: is_alone(redis), range(250)))
    redis.close()


@pytest.mark.parametrize("given_redis", [""])
def test_no_redis_has_to_run(queue_url: str, stand_in: str) -> None:
    """Where the environment names none, the tests bring their own."""
    with Redis.from_url(queue_url) as redis:
        assert redis.ping()

    assert queue_url.startswith(stand_in.removesuffix("/0"))


def test_a_session_is_in_one_process(shops: list[Flask]) -> None:
    """Another process does not know it, queue or no queue."""
    url = begin(shops[0].test_client())
    answers = [
        shop.test_client().post(url, data="40/support,") for shop in shops
    ]

    assert [200, 400] == [answer.status_code for answer in answers]
    assert "Invalid session" in answers[1].text


def test_what_is_said_crosses(shops: list[Flask], queue_url: str) -> None:
    """The agent's process hears what is said in the customer's."""
    customer, agent = (
        Poller(shop, user_id) for user_id, shop in enumerate(shops, 1)
    )
    agent.send('42/support,0["join",{"chat":1}]', "43/support,0[{}]")
    wait_for_both(queue_url)
    saying = '42/support,0["say",{"chat":1,"text":"Is it fresh?"}]'
    customer.send(saying, "43/support,0[{}]")

    said = '42/support,["said",{"chat":1,"by":1,"text":"Is it fresh?"}]'
    agent.receive(said)


def test_the_queue_comes_from_the_environment() -> None:
    """It is the Redis that the shop must have."""
    given = SETTINGS | {"DATABASE_URL": "sqlite://"}
    urls = ["redis://queue", "rediss://queue/1"]
    found = [
        from_environment(given | {"REDIS_URL": url})["MESSAGE_QUEUE"]
        for url in urls
    ]

    assert urls == found


def test_what_is_no_queue_stops_the_start() -> None:
    """Another address is refused by name."""
    given = SETTINGS | {"DATABASE_URL": "sqlite://", "REDIS_URL": "queue:6379"}

    wrong = "^REDIS_URL is no address of a Redis"
    with pytest.raises(ConfigurationError, match=wrong):
        from_environment(given)
