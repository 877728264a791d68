"""Where a blueprint's handlers end."""

from http import HTTPStatus

import pytest
from flask import Blueprint, Flask, abort
from flask.testing import FlaskClient


@pytest.fixture
def client() -> FlaskClient:
    """Give a client of an app with one blueprint that handles its errors."""
    bp = Blueprint("inner", __name__, url_prefix="/inner")
    bp.add_url_rule("/", view_func=lambda: abort(404), endpoint="raising")
    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        bp.register_error_handler(status, lambda error: ("inner", error.code))
    app = Flask(__name__)
    app.register_blueprint(bp)
    return app.test_client()


def test_its_own_errors_are_handled(client: FlaskClient) -> None:
    """What a view of the blueprint raises goes to its handler."""
    assert "inner" == client.get("/inner/").text


def test_an_unknown_url_belongs_to_no_blueprint(client: FlaskClient) -> None:
    """Below the prefix, but no view of it: not the blueprint's handler."""
    found = client.get("/inner/unknown")

    assert (404, False) == (found.status_code, "inner" == found.text)


def test_a_wrong_method_belongs_to_no_blueprint(client: FlaskClient) -> None:
    """The view is the blueprint's, and still its handler is not called."""
    found = client.post("/inner/")

    assert (405, False) == (found.status_code, "inner" == found.text)
