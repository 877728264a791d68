"""The numbers of several processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from myapp import create_app, scrape

CODE = """
import sys
from myapp import create_app
client = create_app().test_client()
for _ in range(int(sys.argv[1])):
    client.get("/products", buffered=True)
"""


def test_two_processes_are_added_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What two workers counted is shown as one number, ended or not."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    workers = [
        subprocess.Popen([sys.executable, "-c", CODE, str(times)])
        for times in (3, 4)
    ]
    assert [0, 0] == [worker.wait(30) for worker in workers]

    found = Client(scrape.build()).get("/metrics").text

    assert 2 == len({path.name for path in tmp_path.iterdir()})
    assert (
        'shop_request_seconds_count{method="GET",route="/products",'
        'status="200"} 7.0'
    ) in found.split("\n")
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] not in found


def test_a_variable_set_later_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once prometheus_client is imported, a process counts for itself."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    create_app().test_client().get("/products", buffered=True)

    assert [] == list(tmp_path.iterdir())


def test_a_number_says_what_it_is(app: Flask) -> None:
    """Whoever finds it in Prometheus reads the same there."""
    (family,) = app.extensions["metrics"].collect()

    assert (
        "shop_request_seconds",
        "Time from the first word of a request to the last of its answer.",
    ) == (family.name, family.documentation)
