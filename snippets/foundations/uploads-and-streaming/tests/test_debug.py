"""Debug mode is not a setting of the shop."""

import pytest
from flask.cli import ScriptInfo

from myapp import create_app

SECRET = "0123456789abcdef0123456789abcdef"


def test_debug_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop as a server builds it is not in debug mode."""
    monkeypatch.setenv("SECRET_KEY", SECRET)

    assert (False, False) == (create_app().debug, create_app().testing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLASK_DEBUG", "1"),
        ("FLASK_ENV", "development"),
        ("DEBUG", "1"),
        ("TESTING", "1"),
    ],
)
def test_the_environment_cannot_switch_debug_on(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """No variable of a server does, not even the one Flask reads."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv(name, value)

    assert (False, False) == (create_app().debug, create_app().testing)


def test_the_flask_command_switches_debug_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What `flask --debug` sets is heard by the flask command."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("FLASK_DEBUG", "1")

    assert ScriptInfo(create_app=create_app).load_app().debug
