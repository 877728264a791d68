"""Why a lock file is needed."""

from importlib.metadata import requires


def test_flask_names_no_highest_werkzeug() -> None:
    """Nothing but a lock file holds Werkzeug back."""
    lines = [line.lower() for line in requires("flask") or []]
    (asked,) = [line for line in lines if line.startswith("werkzeug")]

    assert ">=" in asked
    assert "<" not in asked
