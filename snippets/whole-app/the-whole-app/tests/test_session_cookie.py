"""What lies in the browser."""

import json
import zlib
from base64 import urlsafe_b64decode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Product

HTTPS = "https://shop.example"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def stocked(app: Flask) -> Flask:
    """Give a shop with 22 products of the longest numbers there are."""
    with app.app_context():
        for number in range(2**31 - 22, 2**31):
            product = Product(id=number, name="tea", price_cents=350)
            db.session.add(product)
        db.session.commit()
    return app


def read(cookie: str) -> dict[str, object]:
    """Read a session as anybody can who sees the cookie."""
    packed = cookie.startswith(".")
    text = cookie.strip(".").split(".")[0]
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    content = json.loads(zlib.decompress(data) if packed else data)
    assert isinstance(content, dict)
    return content


@pytest.mark.filterwarnings(
    # Flask-Login 0.6.3 sets the remember cookie with it
    "ignore:datetime.datetime.utcnow:DeprecationWarning"
)
def test_every_cookie_is_protected(production: Flask) -> None:
    """Whatever the shop sets has the prefix and the flags that go with it."""
    form = {
        "email": "ada@example.org",
        "password": PASSWORD,
        "remember": "on",
    }
    answer = production.test_client().post(
        "/accounts/login", data=form, base_url=HTTPS
    )

    names = []
    for cookie in answer.headers.getlist("Set-Cookie"):
        pair, *flags = cookie.split("; ")
        names.append(pair.partition("=")[0])
        kept = {f for f in flags if not f.startswith(("Expires", "Max-Age"))}
        assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} == kept
    assert ["__Host-remember", "__Host-session"] == sorted(names)


def test_the_session_is_read_without_the_secret(ada: FlaskClient) -> None:
    """So it holds who is logged in and a token, and nothing of theirs."""
    ada.get("/cart")
    cookie = ada.get_cookie("session")
    assert cookie is not None
    content = read(cookie.value)

    expected = ["_fresh", "_id", "_user_id", "csrf_token"]
    assert expected == sorted(content)
    for private in ("ada@", PASSWORD, "scrypt", "only for tests"):
        assert private not in str(content)


def test_all_that_is_added_is_kept(
    stocked: Flask, client: FlaskClient
) -> None:
    """The second product does not go missing, nor the hundredth of one."""
    first, second = 2**31 - 2, 2**31 - 1
    for number in [first, second] + [second] * 100:
        client.post("/cart", data={"product_id": number})

    with client.session_transaction() as session:
        kept = session["cart"]
    assert {str(first): 1, str(second): 99} == kept
    page = client.get("/cart").text
    assert ["<li>1 × tea</li>", "<li>99 × tea</li>"] == [
        line.strip() for line in page.splitlines() if "<li>" in line
    ]


def test_a_full_cart_fits(stocked: Flask, ada: FlaskClient) -> None:
    """Twenty products of a customer stay far below 4 kB, and are the most."""
    answers = []
    for number in range(2**31 - 22, 2**31):
        answers.append(ada.post("/cart", data={"product_id": number}))

    assert [None, None] == [a.location for a in answers[20:]]
    assert "The cart is full." in answers[20].text
    with ada.session_transaction() as session:
        assert 20 == len(session["cart"])
    cookie = ada.get_cookie("session")
    assert cookie is not None
    assert 4093 / 4 > len(cookie.value)
    again = ada.post("/cart", data={"product_id": 2**31 - 22})
    assert "/cart" == again.location
