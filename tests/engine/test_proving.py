"""What the pages of one pytest session share."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mdproof.outer.proving import proving_of


@pytest.mark.parametrize(
    ("services", "worker", "expected"),
    [
        ("embedded", {}, ("build", "run")),
        ("embedded", {"workerinput": {"workerid": "gw1"}}, ("build", "run-gw1")),
        ("real", {}, ("build/real", "run")),
    ],
    ids=["alone", "worker", "real services"],
)
def test_a_session_has_folders_of_its_own(
    services: str, worker: dict[str, Any], expected: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for each worker of xdist, one for real services; a session that a worker starts is none of its workers."""
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw2")
    config: Any = SimpleNamespace(stash={}, rootpath=tmp_path, getoption={"services": services}.get, **worker)

    proving = proving_of(config)

    assert expected == (proving.settings.build, proving.settings.run)
    assert proving is proving_of(config)
