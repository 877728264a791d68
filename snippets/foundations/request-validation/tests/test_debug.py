"""Debug mode is not a setting of the shop."""

import pytest

from myapp import create_app

SECRET = "0123456789abcdef0123456789abcdef"


def test_debug_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop as a server builds it is not in debug mode."""
    monkeypatch.setenv("SECRET_KEY", SECRET)

    assert (False, False) == (create_app().debug, create_app().testing)


@pytest.mark.parametrize("name", ["DEBUG", "TESTING", "FLASK_ENV"])
def test_the_environment_cannot_switch_debug_on(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No variable that looks like it does; FLASK_ENV is gone since 2.3."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv(name, "1" if name != "FLASK_ENV" else "development")

    assert (False, False) == (create_app().debug, create_app().testing)
