"""Visitors are told apart, and forgotten after each request."""

import pytest
from flask import Flask, has_app_context, session, url_for
from flask.testing import FlaskClient

from myapp import create_app
from myapp.visitors import current_visitor


@pytest.fixture
def ann(app: Flask) -> FlaskClient:
    """Give the browser of a visitor who is known."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["visitor"] = "Ann"
    return client


def test_a_known_visitor_is_named(ann: FlaskClient) -> None:
    """Who is in the session is who asks."""
    assert {"name": "Ann"} == ann.get("/visitors/me").get_json()


def test_a_stranger_is_refused(client: FlaskClient) -> None:
    """An empty session is nobody's."""
    assert 401 == client.get("/visitors/me").status_code


def test_a_second_client_is_a_stranger(
    ann: FlaskClient, client: FlaskClient
) -> None:
    """One visitor's request leaves nothing to the next visitor's."""
    assert 200 == ann.get("/visitors/me").status_code
    assert 401 == client.get("/visitors/me").status_code


def test_who_logs_out_is_a_stranger(ann: FlaskClient) -> None:
    """One request leaves nothing to the next one of the same client."""
    assert 200 == ann.get("/visitors/me").status_code
    with ann.session_transaction() as cookie:
        cookie.clear()
    assert 401 == ann.get("/visitors/me").status_code


def test_a_second_shop_knows_nobody(ann: FlaskClient) -> None:
    """A cookie means nothing to a shop with another secret."""
    cookie = ann.get_cookie("session")
    assert cookie is not None
    other = create_app({"SECRET_KEY": "another", "TESTING": True})
    client = other.test_client()
    client.set_cookie("session", cookie.value)
    assert 401 == client.get("/visitors/me").status_code


def test_the_view_has_the_name_of_its_feature(app: Flask) -> None:
    """Links to the view are written with its blueprint's name."""
    with app.test_request_context():
        assert "/visitors/me" == url_for("visitors.me")


def test_a_visitor_is_looked_up_once_a_request(app: Flask) -> None:
    """Within a request the first answer stands."""
    with app.test_request_context():
        session["visitor"] = "Ann"
        assert "Ann" == current_visitor()
        session["visitor"] = "Bob"
        assert "Ann" == current_visitor()


def test_no_context_is_open(app: Flask, client: FlaskClient) -> None:
    """A test begins outside every context, and a request leaves none."""
    assert not has_app_context()
    client.get("/visitors/me")
    assert not has_app_context()
