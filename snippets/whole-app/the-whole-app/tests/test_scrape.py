"""Where the numbers are shown, and where not."""

import runpy
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from myapp import scrape

CONFIGURATION = Path(__file__).parents[1] / "web.conf.py"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def test_a_customer_finds_no_numbers(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program inside has the page, and the shop has not."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    inside = Client(scrape.build())

    assert 200 == inside.get("/metrics").status_code
    assert 404 == client.get("/metrics").status_code


def test_without_a_folder_there_is_no_scrape(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing to read is no empty answer, but no start."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "missing"))

    with pytest.raises(ValueError, match=FOLDER):
        scrape.build()


def test_a_start_begins_at_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Numbers of an earlier run are gone, and no other file is."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    for name in ("counter_7.db", "histogram_7.db", "notes.txt"):
        (tmp_path / name).write_text("left")

    runpy.run_path(str(CONFIGURATION))["on_starting"](None)

    assert ["notes.txt"] == [path.name for path in tmp_path.iterdir()]
    assert b"" == Client(scrape.build()).get("/metrics").data


def test_a_start_makes_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The folder need not be there, and more than one worker counts."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "numbers"))

    found = runpy.run_path(str(CONFIGURATION))
    found["on_starting"](None)

    assert (True, 2) == ((tmp_path / "numbers").is_dir(), found["workers"])


def test_a_start_needs_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop that would count for nobody does not start."""
    monkeypatch.delenv(FOLDER, raising=False)

    with pytest.raises(KeyError, match=FOLDER):
        runpy.run_path(str(CONFIGURATION))["on_starting"](None)
