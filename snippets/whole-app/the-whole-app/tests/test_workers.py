"""Event loops and threads, which is what workers differ in."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from myapp.extensions import db
from myapp.models import Product


@pytest.fixture(autouse=True)
def tea(app: Flask) -> None:
    """Let the shop sell tea."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()


def test_a_thread_has_one_event_loop(client: FlaskClient) -> None:
    """Where one is running, an async view cannot be."""

    async def second() -> None:
        client.get("/offers/1")

    with pytest.raises(RuntimeError) as failed:
        asyncio.run(second())

    assert "You cannot use AsyncToSync in the same thread" in str(failed.value)


def test_each_thread_has_a_loop_of_its_own(
    app: Flask, suppliers: dict[str, Any]
) -> None:
    """Two threads wait for one supplier together."""
    together = Barrier(2)

    def answer() -> ResponseReturnValue:
        together.wait(5)
        return {"price_cents": 300}

    suppliers["north"].answer = answer

    def get(path: str) -> int:
        return app.test_client().get(path).status_code

    with ThreadPoolExecutor(2) as pool:
        assert [200, 200] == list(pool.map(get, ["/offers/1"] * 2))
    assert not together.broken
