"""The list of settings is complete."""

from pathlib import Path

from dotenv import dotenv_values

from myapp.config import READERS

EXAMPLE = Path(__file__).parents[1] / ".env.example"


def test_the_example_names_every_setting() -> None:
    """Each setting that is read is listed, and no other."""
    assert list(READERS) == list(dotenv_values(EXAMPLE))


def test_the_example_holds_no_secret() -> None:
    """What is committed is empty, or no secret."""
    expected = {"SECRET_KEY": "", "ORDERS_OPEN": "true", "DATABASE_URL": ""}

    assert expected == dotenv_values(EXAMPLE)
