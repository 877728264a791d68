"""What it costs to send a product."""

from typing import NamedTuple

from flask import Flask


class Tariff(NamedTuple):
    """What a carrier asks for."""

    base_cents: int
    kilo_cents: int

    def cents(self, grams: int) -> int:
        """Give the price of sending something of that weight."""
        return self.base_cents + self.kilo_cents * grams // 1000


def init_app(app: Flask) -> None:
    """Let a shop send what it sells."""
    app.extensions["tariff"] = Tariff(base_cents=490, kilo_cents=80)
