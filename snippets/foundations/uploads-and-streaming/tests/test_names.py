"""Blueprints have names, and a name is one blueprint's."""

import pytest
from flask import Flask, url_for

from myapp import products


def test_a_name_is_taken_once(app: Flask) -> None:
    """Registering again under the same name is refused, by that name."""
    with pytest.raises(ValueError, match="'products' is already registered"):
        app.register_blueprint(products.bp)


def test_a_second_name_serves_the_same_views(app: Flask) -> None:
    """Under a name and a prefix of its own the same blueprint serves twice."""
    app.register_blueprint(products.bp, name="goods", url_prefix="/goods")

    with app.test_request_context():
        assert "/goods/1" == url_for("goods.show", product_id=1)
        assert "/products/1" == url_for("products.show", product_id=1)
    assert 200 == app.test_client().get("/goods").status_code
