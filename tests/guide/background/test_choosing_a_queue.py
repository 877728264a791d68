"""The name of a feature."""

from flask import Flask


def test_each_feature_has_its_name(app: Flask) -> None:
    """A blueprint can be found, and a second one of its name is refused."""
    assert {"orders", "packing", "products"} == set(app.blueprints)
