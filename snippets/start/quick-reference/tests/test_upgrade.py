"""What an upgrade must not change, and what others took away."""

from importlib import import_module

import pytest
from flask.json.provider import DefaultJSONProvider
from flask.testing import FlaskClient

from myapp import create_app


def test_dates_stay_iso(client: FlaskClient) -> None:
    """A customer's program reads the date the way it always did."""
    response = client.get("/orders/7")

    assert response.json
    assert "2026-11-02" == response.json["placed"]


def test_amounts_stay_exact(client: FlaskClient) -> None:
    """Cents survive: the amount is a string, and keeps its last zero."""
    response = client.get("/orders/7")

    assert response.json
    assert 7 == response.json["number"]
    assert "25.80" == response.json["total"]


def test_settings_reach_the_shop() -> None:
    """What a test asks for is set, and nothing else is."""
    assert create_app({"TESTING": True}).testing
    assert not create_app().testing


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("flask", "Markup"),
        ("flask", "escape"),
        ("flask.json", "JSONEncoder"),
        ("werkzeug.security", "safe_str_cmp"),
        ("werkzeug.urls", "url_quote"),
    ],
)
def test_name_is_gone(module: str, name: str) -> None:
    """A name of the table above is no longer there to import."""
    assert not hasattr(import_module(module), name)


@pytest.mark.parametrize("name", ["before_first_request", "env"])
def test_attribute_is_gone(name: str) -> None:
    """An app no longer has it."""
    assert not hasattr(create_app(), name)


def test_sorting_is_the_providers_business() -> None:
    """The removed setting changes nothing; the attribute does."""
    app = create_app({"JSON_SORT_KEYS": False})
    assert isinstance(app.json, DefaultJSONProvider)
    unsorted = {"b": 1, "a": 2}

    assert app.json.dumps({"a": 2, "b": 1}) == app.json.dumps(unsorted)

    app.json.sort_keys = False

    assert '{"b": 1, "a": 2}' == app.json.dumps(unsorted)
