"""The .env file: who reads it."""

import os
from pathlib import Path

import pytest
from flask.cli import load_dotenv

from myapp import create_app
from myapp.config import ConfigurationError


@pytest.fixture(autouse=True)
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start in a folder that has a .env file, with nothing set."""
    (tmp_path / ".env").write_text(
        "SECRET_KEY=only-for-this-page-and-longer-than-32\n"
        "DATABASE_URL=sqlite://\n"
    )
    monkeypatch.chdir(tmp_path)
    for name in ("SECRET_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_the_app_never_reads_a_dotenv_file() -> None:
    """The factory misses what only the file has."""
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        create_app()


def test_the_flask_command_reads_a_dotenv_file() -> None:
    """What flask does before any command puts the file in place."""
    assert load_dotenv()
    assert "sqlite://" == os.environ["DATABASE_URL"]


def test_what_is_set_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file fills gaps only."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:///other.db")
    load_dotenv()
    assert "sqlite:///other.db" == os.environ["DATABASE_URL"]
