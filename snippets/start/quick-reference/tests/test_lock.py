"""Why a lock file is needed."""

from importlib.metadata import requires


def bounds(package: str, needed: str) -> str:
    """Give the versions of what it needs that a package allows."""
    lines = [line.lower() for line in requires(package) or []]
    (asked,) = [line for line in lines if line.startswith(needed)]
    return asked.removeprefix(needed)


def test_flask_names_no_highest_werkzeug() -> None:
    """Nothing but a lock file holds Werkzeug back."""
    found = bounds("flask", "werkzeug")

    assert [">=", False] == [found[:2], "<" in found]
