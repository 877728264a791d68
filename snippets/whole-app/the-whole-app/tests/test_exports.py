"""A table is written as it is read, and let go when nobody reads it."""

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import text

from myapp.extensions import db
from myapp.models import Product


def sell(app: Flask, names: list[str]) -> None:
    """Put products into a shop's database."""
    with app.app_context():
        db.session.add_all(Product(name=n, price_cents=450) for n in names)
        db.session.commit()


def test_a_table_is_written_in_pages(app: Flask, client: FlaskClient) -> None:
    """A head, then five hundred rows at a time, in their order."""
    sell(app, ["tea"] * 1001)
    with app.app_context():
        db.session.execute(text("PRAGMA reverse_unordered_selects = ON"))

    response = client.get(PATH)
    pages = [page.decode() for page in response.iter_encoded()]

    assert "text/csv; charset=utf-8" == response.content_type
    assert "id,name,price_cents\r\n" == pages[0]
    assert [500, 500, 1] == [page.count("\r\n") for page in pages[1:]]
    assert "1001,tea,450\r\n" == pages[3]


def test_an_export_holds_no_context(client: FlaskClient) -> None:
    """A stream that nobody reads on leaves the thread as it was."""
    response = client.get(PATH)
    next(response.iter_encoded())
    held = has_app_context()
    response.close()

    assert not held, "the context stayed on the thread"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "\"'\r=1\""),
        ("tea =1", "tea =1"),
        ("1", "1"),
    ],
)
def test_no_name_is_a_formula(
    app: Flask, client: FlaskClient, name: str, expected: str
) -> None:
    """What a spreadsheet would compute is shown to it as text."""
    sell(app, [name])

    assert f"\r\n1,{expected},450\r\n" in client.get(PATH).text


PATH = "/exports/products.csv"


@pytest.fixture
def client(keeper: FlaskClient) -> FlaskClient:
    """Give the browser of who keeps the shop."""
    return keeper
