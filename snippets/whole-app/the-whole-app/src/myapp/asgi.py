"""The offers in Quart: one event loop and one client for all requests."""

import os
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
from quart import Quart, current_app
from werkzeug.exceptions import HTTPException

from . import config, errors, suppliers
from .offers import NoOffer


def create_api(test_config: Mapping[str, Any] | None = None) -> Quart:
    """Build the part of the shop that waits for others."""
    api = Quart(__name__)
    api.config["SUPPLIER_SECONDS"] = config.DEFAULTS["SUPPLIER_SECONDS"]
    api.config["SUPPLIERS"] = config.addresses(os.environ.get("SUPPLIERS"))
    api.config.from_mapping(test_config)
    api.register_error_handler(HTTPException, errors.problem)
    api.while_serving(client)
    api.add_url_rule("/offers/<int:product_id>", view_func=offered)
    return api


async def client() -> AsyncGenerator[None, None]:
    """Keep one client open for as long as the app serves."""
    async with httpx.AsyncClient() as client:
        current_app.extensions["client"] = client
        yield


async def offered(product_id: int) -> dict[str, object]:
    """Show what each supplier asks."""
    given, failed = await suppliers.prices(
        current_app.extensions["client"],
        current_app.config["SUPPLIERS"],
        product_id,
        current_app.config["SUPPLIER_SECONDS"],
    )
    if not given:
        raise NoOffer("No supplier gave a price.", failed=failed)
    return {"offers": given, "failed": failed}
