"""The offers as Quart serves them."""

import asyncio
from threading import Barrier
from typing import Any

import httpx
import pytest
from flask.typing import ResponseReturnValue

from myapp.asgi import create_api

Suppliers = dict[str, Any]


def answers(settings: dict[str, Any], *paths: str) -> list[tuple[int, Any]]:
    """Give what an app with these settings answers, asked all at once."""

    async def talk() -> list[tuple[int, Any]]:
        async with create_api(settings).test_app() as api:

            async def get(path: str) -> tuple[int, Any]:
                answer = await api.test_client().get(path)
                return answer.status_code, await answer.get_json()

            return await asyncio.gather(*map(get, paths))

    return asyncio.run(talk())


def test_one_client_serves_all_requests(
    suppliers: Suppliers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made once, and closed when the app is done."""
    made: list[httpx.AsyncClient] = []

    class Client(httpx.AsyncClient):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr(httpx, "AsyncClient", Client)
    addresses = {name: s.address for name, s in suppliers.items()}

    found = answers({"SUPPLIERS": addresses}, "/offers/1", "/offers/1")

    given = {"north": 300, "south": 301, "west": 302}
    assert [(200, {"offers": given, "failed": []})] * 2 == found
    assert [True] == [client.is_closed for client in made]


def test_requests_wait_together(suppliers: Suppliers) -> None:
    """One thread and one loop, and no request waits for another."""
    together = Barrier(4)

    def answer() -> ResponseReturnValue:
        together.wait(5)
        return {"price_cents": 300}

    suppliers["north"].answer = answer
    settings = {
        "SUPPLIERS": {"north": suppliers["north"].address},
        "SUPPLIER_SECONDS": 20.0,
    }

    found = answers(settings, *["/offers/1"] * 4)

    assert [(200, {"offers": {"north": 300}, "failed": []})] * 4 == found


def test_errors_have_the_one_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client reads them as it reads those of the shop."""
    monkeypatch.setenv("SUPPLIERS", '{"north": "http://127.0.0.1:9"}')

    outage, unknown = answers({}, "/offers/1", "/nowhere")

    assert (503, ["north"]) == (outage[0], outage[1]["failed"])
    assert "No supplier gave a price." == outage[1]["detail"]
    assert (404, "Not Found") == (unknown[0], unknown[1]["title"])
