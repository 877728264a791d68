"""Flags are known, and a user keeps what a flag gave."""

import os
import subprocess
import sys

import pytest
from flask import Flask, render_template_string

from myapp import create_app
from myapp.config import ConfigurationError, from_environment
from myapp.flags import is_on, place

SECRET = "0123456789abcdef0123456789abcdef"
USERS = [f"user-{number}" for number in range(2000)]
CODE = """
from myapp.flags import place
print(*[place("new-checkout", f"user-{n}") for n in range(20)])
"""


def on(percent: int, flag: str = "new-checkout") -> set[str]:
    """Give who has a feature at a percentage."""
    app = create_app({"SECRET_KEY": SECRET, "FLAGS": {flag: percent}})
    with app.app_context():
        return {user for user in USERS if is_on(flag, user)}


def from_flags(value: str) -> object:
    """Read this setting of flags."""
    return from_environment({"SECRET_KEY": SECRET, "FLAGS": value})["FLAGS"]


def test_flags_come_from_the_environment() -> None:
    """What is not named is off."""
    expected = {"new-checkout": 0, "dark-mode": 100}

    assert expected == from_flags("new-checkout=0 dark-mode=100")
    assert {} == from_environment({"SECRET_KEY": SECRET})["FLAGS"]


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("=", "no percentage for "),
        ("new-checkout", "no percentage for new-checkout"),
        ("new-checkout=101", "no percentage for new-checkout"),
        ("new-checkout=-1", "no percentage for new-checkout"),
        ("new-checkout=true", "no percentage for new-checkout"),
    ],
)
def test_wrong_flags_stop_the_start(value: str, wrong: str) -> None:
    """Neither a flag nor a percentage is guessed."""
    with pytest.raises(ConfigurationError) as refused:
        from_flags(value)

    assert f"FLAGS has {wrong}" == str(refused.value)


def test_unknown_flags_stop_the_start() -> None:
    """A misspelt setting is refused, from a mapping too."""
    flags = {"new-chekout": 25, "dark-mode": 100, "beta": 1}

    with pytest.raises(ConfigurationError, match=": beta, new-chekout$"):
        create_app({"SECRET_KEY": SECRET, "FLAGS": flags})


def test_an_unknown_flag_is_an_error(app: Flask) -> None:
    """Who asks for a misspelt flag gets no answer."""
    with app.app_context(), pytest.raises(ValueError, match="new-chekout"):
        is_on("new-chekout", "user-1")


def test_a_misspelt_flag_in_a_template_is_an_error(app: Flask) -> None:
    """A template cannot misspell a flag either."""
    page = "{% if has('drak-mode') %}dark{% endif %}"

    with app.test_request_context(), pytest.raises(ValueError, match="drak"):
        render_template_string(page)


def test_places_are_the_same_in_every_process() -> None:
    """A process with another seed of its hashes agrees with this one."""
    command = [sys.executable, "-c", CODE]
    environ = os.environ | {"PYTHONHASHSEED": "280", "PYTHONPATH": "src"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environ, check=True
    )

    here = [str(place("new-checkout", user)) for user in USERS[:20]]
    assert here == done.stdout.split()


def test_places_are_the_same_after_every_release() -> None:
    """A change to these numbers takes features from users who have them."""
    found = [place("new-checkout", user) for user in ("1", "2", "Zoë")]

    assert [63, 41, 4] == found


def test_growing_takes_nothing_from_anybody() -> None:
    """Who has a feature at one percentage has it at all that are higher."""
    sizes = [on(percent) for percent in (0, 1, 10, 50, 99, 100)]

    assert all(few < many for few, many in zip(sizes, sizes[1:], strict=False))
    assert (set(), set(USERS)) == (sizes[0], sizes[-1])


def test_the_share_is_about_what_is_said() -> None:
    """A quarter of the places is a quarter of many users."""
    assert 400 < len(on(25)) < 600


def test_flags_choose_other_users() -> None:
    """Who tries one feature first is not who tries all of them first."""
    both = on(50) & on(50, "gift-notes")

    assert 400 < len(both) < 600
