"""What suppliers ask for a product, and what is booked with them."""

import asyncio
import logging
from collections.abc import Mapping

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FAILURES = (httpx.HTTPError, TimeoutError, ValidationError)

logger = logging.getLogger(__name__)


class Offer(BaseModel):
    """What a supplier answers."""

    model_config = ConfigDict(strict=True)

    price_cents: int = Field(ge=0)


async def prices(
    client: httpx.AsyncClient,
    suppliers: Mapping[str, str],
    product_id: int,
    seconds: float,
) -> tuple[dict[str, int], list[str]]:
    """Ask all suppliers at once; give the prices, and who gave none."""
    answers = await asyncio.gather(
        *(
            price(client, f"{address}/prices/{product_id}", seconds)
            for address in suppliers.values()
        )
    )
    asked = dict(zip(suppliers, answers, strict=True))
    given = {name: cents for name, cents in asked.items() if cents is not None}
    return given, [name for name in asked if name not in given]


async def send(
    client: httpx.AsyncClient, method: str, url: str, seconds: float
) -> bytes:
    """Give the whole answer, if it comes in time and says success."""
    async with asyncio.timeout(seconds):
        response = await client.request(method, url)
    return response.raise_for_status().content


async def price(
    client: httpx.AsyncClient, url: str, seconds: float
) -> int | None:
    """Give a supplier's price, or None where there is none to be had."""
    try:
        answer = await send(client, "GET", url, seconds)
        return Offer.model_validate_json(answer).price_cents
    except FAILURES as error:
        logger.warning("no price: %s: %r", url, error)
        return None


async def book(
    client: httpx.AsyncClient, url: str, seconds: float
) -> bool:
    """Book with a supplier; say whether that was confirmed."""
    try:
        await send(client, "POST", url, seconds)
    except FAILURES as error:
        logger.warning("not booked: %s: %r", url, error)
        return False
    return True
