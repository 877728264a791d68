"""What it costs to send a product."""

import pytest
from flask import Flask

from myapp.current import orders_open, tariff
from myapp.doors import while_open
from myapp.extensions import db
from myapp.models import Order, Product


def shipping(app: Flask, grams: int | None) -> object:
    """Tell what the shop says of a product of some weight."""
    product = Product(name="tea", price_cents=450, weight_grams=grams)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        db.session.add(product)
        db.session.commit()
    return app.test_client().get("/products/1/shipping").json


@pytest.mark.parametrize(
    ("grams", "cents"), [(0, 490), (12, 490), (13, 491), (2500, 690)]
)
def test_shipping_is_by_weight(app: Flask, grams: int, cents: int) -> None:
    """There is a price to begin with, and one for each kilogram."""
    assert {"cents": cents} == shipping(app, grams)


def test_what_was_not_weighed_has_no_price(app: Flask) -> None:
    """Nothing is guessed."""
    assert {"cents": None} == shipping(app, None)


def test_what_is_not_sold_is_not_sent(app: Flask) -> None:
    """An unknown product has no price either."""
    found = app.test_client().get("/products/1/shipping")

    assert 404 == found.status_code


def test_two_products_of_one_name_are_two() -> None:
    """A model is a row, and not what is written in it."""
    first, second = (Product(name="tea", price_cents=450) for _ in range(2))

    assert first != second
    assert 2 == len({first, second})


def test_two_orders_of_one_product_are_two() -> None:
    """Nor is an order what was ordered."""
    first, second = (Order(product_id=1) for _ in range(2))

    assert first != second


def test_a_decorator_hands_on_what_it_is_given(app: Flask) -> None:
    """By place and by name, and back comes what the view gave."""
    with app.app_context():
        assert 17 == while_open(int)("11", base=16)


def test_what_is_no_tariff_is_refused(app: Flask) -> None:
    """A wrong type is found where it comes in, and named."""
    app.extensions["tariff"] = (490, 80)

    with app.app_context():
        with pytest.raises(TypeError, match=r"^\(490, 80\) is no Tariff$"):
            tariff()


def test_what_is_no_switch_is_refused(app: Flask) -> None:
    """A setting that a test or a platform got wrong is named too."""
    app.config["ORDERS_OPEN"] = "false"

    with app.app_context():
        with pytest.raises(TypeError, match="^'false' is no bool$"):
            orders_open()
