"""The flags behind OpenFeature."""

import pytest
from flask import Flask

from myapp import create_app
from myapp.flags import is_on
from myapp.openfeature_flags import FlagError, has_feature

SECRET = "0123456789abcdef0123456789abcdef"


def shop(percent: int) -> Flask:
    """Build a shop with one flag."""
    flags = {"new-checkout": percent}
    return create_app({"SECRET_KEY": SECRET, "FLAGS": flags})


def test_openfeature_asks_the_settings() -> None:
    """It gives a feature to the users who have it, and to no others."""
    users = [f"user-{number}" for number in range(20)]

    with shop(50).app_context():
        expected = [is_on("new-checkout", user) for user in users]
        assert expected == [has_feature("new-checkout", u) for u in users]


@pytest.mark.parametrize(
    ("name", "user", "wrong"),
    [
        ("new-chekout", "1", "new-chekout: FLAG_NOT_FOUND"),
        ("new-checkout", "", "new-checkout: TARGETING_KEY_MISSING"),
    ],
)
def test_openfeature_says_why(name: str, user: str, wrong: str) -> None:
    """What its client only notes is an error here."""
    with shop(100).app_context(), pytest.raises(FlagError) as refused:
        has_feature(name, user)

    assert wrong == str(refused.value)


def test_two_shops_have_a_provider() -> None:
    """The provider belongs to the process, what it answers to a shop."""
    shops = [shop(100), shop(0)]
    found = []
    for app in shops:
        with app.app_context():
            found.append(has_feature("new-checkout", "1"))

    assert [True, False] == found
