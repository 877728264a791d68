"""Flags in views and templates."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app

SECRET = "0123456789abcdef0123456789abcdef"


def shop(**percentages: int) -> Flask:
    """Build a shop with these flags."""
    flags = {name.replace("_", "-"): n for name, n in percentages.items()}
    return create_app({"SECRET_KEY": SECRET, "FLAGS": flags})


def test_flags_are_off_unless_switched_on(client: FlaskClient) -> None:
    """A shop without the setting is the shop of yesterday."""
    page = client.get("/checkout").text

    assert (True, True) == ("in 3 steps" in page, 'class="light"' in page)


def test_a_flag_changes_a_view_and_a_template() -> None:
    """What is on for all is on for this visitor."""
    page = shop(new_checkout=100, dark_mode=100).test_client().get("/checkout")

    assert "in 1 steps" in page.text
    assert 'class="dark"' in page.text


@pytest.mark.parametrize(("percent", "status"), [(0, 404), (100, 200)])
def test_a_view_that_is_off_is_not_there(percent: int, status: int) -> None:
    """Only who has the feature finds its view."""
    client = shop(gift_notes=percent).test_client()

    assert status == client.get("/checkout/gift-note").status_code


def test_two_shops_have_flags_of_their_own() -> None:
    """The view asks the shop that answers."""
    found = [
        shop(gift_notes=percent).test_client().get("/checkout/gift-note")
        for percent in (100, 0)
    ]

    assert [200, 404] == [answer.status_code for answer in found]


def test_a_visitor_keeps_what_he_got() -> None:
    """Reloading changes nothing, and visitors differ."""
    clients = [shop(new_checkout=50).test_client() for _ in range(30)]
    pages = [{c.get("/checkout").text for _ in range(8)} for c in clients]

    assert 1 == max(map(len, pages))
    assert 2 == len(set.union(*pages))
