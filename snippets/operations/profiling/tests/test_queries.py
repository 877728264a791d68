"""How often a page asks the database."""

import pytest
from flask import Flask
from flask_sqlalchemy.record_queries import get_recorded_queries

from myapp.extensions import db
from myapp.models import Product


@pytest.mark.parametrize("path", ["/products", "/products/like/tee"])
def test_a_page_takes_one_query(app: Flask, path: str) -> None:
    """However many products there are."""
    with app.app_context():
        for name in ("tea", "coffee", "cocoa"):
            db.session.add(Product(name=name, price_cents=450))
        db.session.commit()

    with app.test_client() as client:
        assert 200 == client.get(path).status_code
        assert 1 == len(get_recorded_queries())
