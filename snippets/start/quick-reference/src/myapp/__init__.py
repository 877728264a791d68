"""A shop with one order, written the same way after every upgrade."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider


class ShopJSON(DefaultJSONProvider):
    """JSON as the shop's customers know it: dates as in ISO 8601."""

    def default(self, o: Any) -> Any:
        """Write what JSON has no form of its own for."""
        if isinstance(o, date):
            return o.isoformat()
        return DefaultJSONProvider.default(o)


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Build one shop."""
    app = Flask(__name__)
    app.config.from_mapping(test_config or {})
    app.json = ShopJSON(app)

    @app.get("/orders/<int:number>")
    def order(number: int) -> dict[str, Any]:
        """Tell when an order was placed, and what it cost."""
        placed = date(2026, 11, 2)
        return {"number": number, "placed": placed, "total": Decimal("25.80")}

    return app
