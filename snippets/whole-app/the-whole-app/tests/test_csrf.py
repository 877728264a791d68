"""Requests begin on a page of the shop, or change nothing."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from myapp.extensions import db
from myapp.models import Order, Product, User

HTTPS = "https://shop.example"
NEW = "Tr0ub4dor & 3 friends"
PASSWORD = "correct horse battery staple"
META = re.compile(r'<meta name="csrf-token" content="(.+?)">')


class Inputs(HTMLParser):
    """What a form sends when its button is pressed at once."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        """Keep the name and the value of an input."""
        given = dict(attrs)
        if tag == "input":
            self.fields[str(given["name"])] = given.get("value") or ""


def bare(client: FlaskClient, path: str, **kwargs: Any) -> TestResponse:
    """Send what another site makes a browser send: cookies, no token."""
    return FlaskClient.open(client, path, **{"method": "POST", **kwargs})


def refusal(answer: TestResponse) -> tuple[int, object]:
    """Give the status, and what a problem says."""
    body = answer.get_json(silent=True) or {}
    return answer.status_code, body.get("detail")


def token_of(client: FlaskClient) -> str:
    """Give the token that scripts of the shop find."""
    found = META.search(client.get("/cart").text)
    assert found is not None
    return found[1]


def path_of(rule: Rule) -> str:
    """Give a path of a route, with 1 for every part that varies."""
    built = rule.build(dict.fromkeys(rule.arguments, 1))
    assert built is not None
    return built[1]


@pytest.fixture
def customer(production: Flask) -> FlaskClient:
    """Give the browser of Ada, who has logged in at the real shop."""
    client = production.test_client()
    form = {"email": "ada@example.org", "password": PASSWORD}
    client.post("/accounts/login", data=form, base_url=HTTPS)
    answer = client.get("/accounts/me", base_url=HTTPS)
    assert 200 == answer.status_code
    return client


def test_no_route_escapes(production: Flask, customer: FlaskClient) -> None:
    """As built for production, only tokens are had without a token."""
    tried = {}
    for rule in production.url_map.iter_rules():
        path = path_of(rule)
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            answer = bare(customer, path, method=method, base_url=HTTPS)
            tried[f"{method} {rule.endpoint}"] = refusal(answer)

    assert "POST accounts.change_password" in tried
    missing = (400, "The CSRF token is missing.")
    exempt = {name for name, found in tried.items() if found != missing}
    names = ("login", "refresh", "revoke")
    assert {f"POST tokens.{name}" for name in names} == exempt


def test_a_get_changes_nothing(
    production: Flask, customer: FlaskClient
) -> None:
    """No link, picture or prefetch alters a row, a session or a cart."""
    customer.post("/cart", data={"product_id": 1}, base_url=HTTPS)

    def state() -> list[object]:
        with production.app_context():
            rows = [
                [vars(row) | {"_sa_instance_state": 0} for row in found]
                for model in (Order, Product, User)
                for found in [db.session.scalars(db.select(model)).all()]
            ]
        cart = customer.get("/cart", base_url=HTTPS).text
        me = customer.get("/accounts/me", base_url=HTTPS).text
        return [rows, cart.count("<li>"), me]

    before = state()
    changed = []
    for rule in production.url_map.iter_rules():
        if "GET" in (rule.methods or set()):
            customer.get(path_of(rule), base_url=HTTPS)
            changed += [rule.endpoint] * (state() != before)

    assert [] == changed


def test_the_tests_run_with_protection(
    app: Flask, client: FlaskClient
) -> None:
    """The fixtures of the tests leave nothing switched off."""
    assert 400 == bare(client, "/cart").status_code
    assert app.config["WTF_CSRF_ENABLED"]
    assert app.config["WTF_CSRF_CHECK_DEFAULT"]


def test_a_form_needs_its_token(app: Flask, client: FlaskClient) -> None:
    """The fields the page holds are what gets the form through."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350))
        db.session.commit()
    fields = Inputs(client.get("/cart").text).fields | {"product_id": "1"}
    assert ["csrf_token", "product_id"] == sorted(fields)

    assert "/cart" == bare(client, "/cart", data=fields).location
    del fields["csrf_token"]
    answer = bare(client, "/cart", data=fields)
    assert (400, "The CSRF token is missing.") == refusal(answer)


def test_a_script_needs_the_header(ada: FlaskClient) -> None:
    """JSON of a customer is taken from pages of the shop only."""
    body = {"current": PASSWORD, "new": NEW}
    answer = bare(ada, "/accounts/password", json=body)
    assert (400, "The CSRF token is missing.") == refusal(answer)

    headers = {"X-CSRFToken": token_of(ada)}
    answer = bare(ada, "/accounts/password", json=body, headers=headers)
    assert 204 == answer.status_code


def test_a_token_ends_with_a_login(client: FlaskClient, user: int) -> None:
    """A page from before must be loaded again, and works then."""
    token = token_of(client)
    form = {"email": "ada@example.org", "password": PASSWORD}
    client.post("/accounts/login", data=form)
    headers = {"X-CSRFToken": token}

    answer = bare(client, "/cart", method="DELETE", headers=headers)
    assert (400, "The CSRF session token is missing.") == refusal(answer)
    headers = {"X-CSRFToken": token_of(client)}
    answer = bare(client, "/cart", method="DELETE", headers=headers)
    assert 204 == answer.status_code


def test_a_browser_can_use_the_forms(production: Flask) -> None:
    """What the headers let a browser send is what protection asks for."""
    client = production.test_client()
    page = client.get("/cart", base_url=HTTPS)
    fields = Inputs(page.text).fields | {"product_id": "1"}
    tells = page.headers["Referrer-Policy"] != "no-referrer"
    headers = {"Referer": f"{HTTPS}/cart"} if tells else {}

    answer = bare(
        client, "/cart", data=fields, headers=headers, base_url=HTTPS
    )
    assert (None, "/cart") == (refusal(answer)[1], answer.location)
