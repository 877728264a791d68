"""What the server is told."""

import runpy
from pathlib import Path

import pytest
from werkzeug.test import Client

from myapp.config import ConfigurationError

CONFIGURATION = Path(__file__).parents[1] / "gunicorn.conf.py"


def test_the_entry_is_the_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is enough to build what is served."""
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    client = Client(runpy.run_module("myapp.wsgi")["app"])

    assert 200 == client.get("/health/live").status_code


def test_the_entry_needs_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a secret nothing is served."""
    monkeypatch.delenv("SECRET_KEY", raising=False)

    with pytest.raises(ConfigurationError, match="^SECRET_KEY is not set$"):
        runpy.run_module("myapp.wsgi")


@pytest.mark.parametrize(
    ("environment", "workers"), [({}, 1), ({"WEB_CONCURRENCY": "7"}, 1)]
)
def test_the_server_has_limits(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], workers: int
) -> None:
    """One process, whatever a platform would have; its numbers are said."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = runpy.run_path(str(CONFIGURATION))

    assert ("gthread", workers, 100) == (
        found["worker_class"],
        found["workers"],
        found["threads"],
    )
    assert (30, 5) == (found["timeout"], found["graceful_timeout"])
    assert "" == found["forwarded_allow_ips"]
