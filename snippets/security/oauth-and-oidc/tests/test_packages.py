"""The packages the shop stands on."""

import importlib.metadata

import pytest


@pytest.mark.parametrize("name", ["flask", "flask-sqlalchemy", "sqlalchemy"])
def test_what_we_use_is_installed_with_wheels(name: str) -> None:
    """What the shop is built on came ready to run, none was compiled here."""
    wheel = importlib.metadata.distribution(name).read_text("WHEEL")

    assert wheel is not None
    assert "Wheel-Version: 1.0" in wheel
