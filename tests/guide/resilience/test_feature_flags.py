"""Flags, attacked."""

from importlib import import_module
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from myapp import openfeature_flags
from myapp.config import from_environment
from myapp.flags import Flag, has, is_on, only_with, place

flask_featureflags: Any = import_module("flask_featureflags")

USERS = ["", "0", "Zoë", "a:b", "\x00", "x" * 10_000, "🛒"]


@pytest.mark.parametrize("user", USERS)
def test_every_user_has_a_place(user: str) -> None:
    """No name of a user is outside the hundred, or an error."""
    assert place("new-checkout", user) in range(100)


def test_no_user_is_on_at_zero_and_none_off_at_a_hundred(app: Flask) -> None:
    """The ends of the scale hold for every place there is."""
    app.config["FLAGS"] = {Flag.NEW_CHECKOUT: 100, Flag.GIFT_NOTES: 0}
    users = [str(number) for number in range(1000)]

    with app.app_context():
        assert all(is_on("new-checkout", user) for user in users)
        assert not any(is_on("gift-notes", user) for user in users)
        assert not any(is_on("dark-mode", user) for user in users)
    for flag in Flag:
        assert set(range(100)) == {place(flag, user) for user in users}


def test_a_guarded_view_gets_what_its_rule_gives(app: Flask) -> None:
    """Values of the URL reach the view, by place and by name."""
    app.config["FLAGS"] = {Flag.GIFT_NOTES: 100}

    @only_with(Flag.GIFT_NOTES)
    def note(order: int, *, page: int) -> str:
        return f"page {page} of order {order}"

    with app.test_request_context():
        assert "page 2 of order 7" == note(7, page=2)


def test_who_has_the_feature_sees_the_note(
    app: Flask, client: FlaskClient
) -> None:
    """The guard hands on what the view says."""
    app.config["FLAGS"] = {Flag.GIFT_NOTES: 100}

    assert "Your note" == client.get("/checkout/gift-note").text


def test_the_shop_has_a_domain_of_its_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks OpenFeature elsewhere is told off, as if without a shop."""
    app.config["FLAGS"] = {Flag.NEW_CHECKOUT: 100}
    shop = api.get_provider_metadata("myapp").name
    others = api.get_provider_metadata().name

    with app.app_context():
        inside = openfeature_flags.has_feature("new-checkout", "1")
        monkeypatch.setattr(openfeature_flags, "DOMAIN", "elsewhere")
        outside = openfeature_flags.has_feature("new-checkout", "1")

    assert ("In-Memory Provider", "No-op Provider") == (shop, others)
    assert (True, False) == (inside, outside)


def test_openfeature_says_whom_it_missed(app: Flask) -> None:
    """The message of the error is one that a person understands."""
    client = api.get_client("myapp")
    nobody = EvaluationContext("")

    with app.app_context():
        found = client.get_boolean_details("new-checkout", False, nobody)

    assert "no user" == found.error_message


@pytest.mark.parametrize("wrong", ["", "NEW_CHECKOUT", "new-checkout ", "*"])
def test_what_only_resembles_a_flag_is_none(app: Flask, wrong: str) -> None:
    """Neither case nor space nor the name of the constant is forgiven."""
    with app.app_context(), pytest.raises(ValueError, match="is not a valid"):
        is_on(wrong, "1")


def test_outside_a_request_has_is_an_error(app: Flask) -> None:
    """Flask-FeatureFlags answers off there; a script must name its user."""
    with app.app_context(), pytest.raises(RuntimeError, match="request"):
        has("new-checkout")


def test_a_client_cannot_choose_its_number(client: FlaskClient) -> None:
    """The number stands in a signed cookie, and another one is drawn."""
    client.set_cookie("session", "eyJ2aXNpdG9yIjoiMSJ9.aaaa.bbbb")
    client.get("/checkout")

    with client.session_transaction() as session:
        assert 16 == len(session["visitor"])
        assert "1" != session["visitor"]


def test_a_cache_is_told_what_a_page_depends_on(client: FlaskClient) -> None:
    """Pages with flags differ by their cookie, and say so."""
    assert "Cookie" == client.get("/checkout").headers["Vary"]


def test_the_last_of_two_percentages_counts() -> None:
    """A flag given twice is a setting like any other: the last one wins."""
    environ = {"SECRET_KEY": "x" * 32, "FLAGS": "dark-mode=1 dark-mode=2"}

    assert {"dark-mode": 2} == from_environment(environ)["FLAGS"]


@pytest.fixture
def old() -> Flask:
    """Give an app with the package of the older guides."""
    old = Flask("old")
    old.config["FEATURE_FLAGS"] = {"new-checkout": True}
    old.config["RAISE_ERROR_ON_MISSING_FEATURES"] = True
    return old


def test_the_old_package_can_be_told_to_raise(old: Flask) -> None:
    """In debug mode, and only if it is told to."""
    flask_featureflags.FeatureFlag(old)
    old.debug = True
    page = "{% if 'new-chekout' is active_feature %}on{% else %}off{% endif %}"

    with old.test_request_context():
        with pytest.raises(KeyError, match="new-chekout"):
            flask_featureflags.is_active("new-chekout")
        old.config["RAISE_ERROR_ON_MISSING_FEATURES"] = False
        assert "off" == render_template_string(page)


def test_a_handler_that_gives_none_hides_what_is_missing(old: Flask) -> None:
    """Even told to raise, the old package then calls every typo off."""
    flask_featureflags.FeatureFlag(old).add_handler(lambda _: None)

    with old.test_request_context():
        assert not flask_featureflags.is_active("new-chekout")
