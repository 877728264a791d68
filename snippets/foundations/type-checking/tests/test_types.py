"""What mypy says of the shop."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def test_mypy_finds_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The types of the shop and of its tests fit together."""
    cache = tmp_path_factory.getbasetemp().parent / "mypy"
    command = [sys.executable, "-m", "mypy", "--no-sqlite-cache"]
    command += ["--cache-dir", str(cache)]
    done = subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True
    )

    assert 0 == done.returncode, done.stdout


def test_nothing_is_ignored() -> None:
    """No line asks not to be looked at."""
    texts = [path.read_text("utf-8") for path in PROJECT.glob("src/**/*.py")]

    assert [] == [text for text in texts if "type: ignore" in text]
