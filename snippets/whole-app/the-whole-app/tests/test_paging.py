"""Lists come in pages, and a page is a number."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Product


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of a shop with many products."""
    with app.app_context():
        for number in range(1, 26):
            product = Product(name=f"tea {number:02}", price_cents=1)
            db.session.add(product)
        db.session.commit()
    return app.test_client()


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("", 1, 20),
        ("page=1", 1, 20),
        ("page=2", 21, 5),
        ("page=2&per_page=3", 4, 3),
        ("per_page=1", 1, 1),
        ("per_page=100", 1, 25),
    ],
)
def test_pages_follow_each_other(
    query: str, first: int, count: int, client: FlaskClient
) -> None:
    """Each product stands on one page, in order."""
    expected = list(range(first, first + count))

    found = client.get(f"/products?{query}").get_json()
    assert expected == [product["id"] for product in found]


def test_a_page_after_the_last_is_empty(client: FlaskClient) -> None:
    """The last page that may be asked for holds nothing."""
    assert [] == client.get("/products?page=10000&per_page=100").get_json()


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("page=abc", ["/page", "int_parsing"]),
        ("page=", ["/page", "int_parsing"]),
        ("page=1.5", ["/page", "int_parsing"]),
        ("page=0", ["/page", "greater_than_equal"]),
        ("page=-1", ["/page", "greater_than_equal"]),
        ("page=10001", ["/page", "less_than_equal"]),
        ("page=1&page=2", ["/page", "int_type"]),
        ("per_page=0", ["/per_page", "greater_than_equal"]),
        ("per_page=101", ["/per_page", "less_than_equal"]),
        ("pgae=2", ["", "extra_forbidden"]),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(
    query: str, fault: list[str], client: FlaskClient
) -> None:
    """What is no page is a 422, never silently the first page."""
    response = client.get(f"/products?{query}")

    assert 422 == response.status_code
    (error,) = response.get_json()["errors"]
    assert fault == [error["field"], error["code"]]
