"""What a page's process opens, loads and starts, and by which test."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mdproof.exercise.job import Job, Measured
from mdproof.exercise.recorder import Recorder
from mdproof.exercise.steps import Stage

Hook = Callable[[str, tuple[Any, ...]], None]
ORIGINS = ("src/shop/__init__.py", "lone.py", "tea.txt", "cup.txt")


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Hook]:
    """Give what would hear of all that happens, which nothing can end."""
    found: list[Hook] = []
    monkeypatch.setattr(sys, "addaudithook", found.append)
    return found


def recorder(folder: Path, log: Path) -> tuple[Recorder, Stage]:
    """Give a recorder that counts no lines, and a stage on which a command was run."""
    origins = dict.fromkeys(ORIGINS, (("docs/page.md", 1),))
    environment = {"MDPROOF_OPENED": str(log)}
    job = Job(str(folder), str(folder / "output"), "page.md", "docs/page.md", (), origins, environment, {}, 1.0, measure=False)
    stage = Stage(job)
    stage.commands.append("echo tea")
    stage.compared["block-1"] = 2
    return Recorder(job), stage


def test_each_test_has_what_it_opened_and_started(tmp_path: Path, hooks: list[Hook]) -> None:
    """Of the project's own files; what the steps did, and what the session's others go on with, is told with it."""
    recording, stage = recorder(tmp_path, tmp_path / "none")
    (heard,) = hooks
    alone = recording.is_alone
    heard("open", (f"{tmp_path}/tea.txt", "r", 0))
    recording.switch("one")
    for event, path in (("open", f"{tmp_path}/src/../tea.txt"), ("open", 5), ("open", f"{tmp_path}"), ("open", f"{tmp_path}/none")):
        heard(event, (path, "r", 0))
    heard("shutil.rmtree", (f"{tmp_path}/cup.txt", "r", 0))
    heard("subprocess.Popen", ("tea", [], None, None))

    measured = recording.measured(stage, ["two"])

    expected = Measured(
        opened={"tea.txt": ("", "one")}, started=("one",), widening=("two",), commands=("echo tea",), compared={"block-1": 2}
    )
    assert (expected, True, False) == (measured, alone, recording.is_alone)


@pytest.mark.usefixtures("hooks")
def test_what_is_loaded_of_others_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its full name; what is the project's own is not."""
    recording, stage = recorder(tmp_path, tmp_path / "none")
    for name in ("shop", "shop.cups", "lone", "strange", "strange.cups"):
        monkeypatch.setitem(sys.modules, f"{name}", ModuleType(name))

    assert ("strange", "strange.cups") == recording.measured(stage, ()).modules


@pytest.mark.usefixtures("hooks")
def test_what_consoles_and_servers_opened_is_told(tmp_path: Path) -> None:
    """Whoever it was: a block, or a process of a test; a test may have any name."""
    log = tmp_path / "opened"
    lines = [f"block-1\t{tmp_path}/tea.txt", f"*one[ä]\t{tmp_path}/tea.txt", f"block-2\t{tmp_path}/a\tb", "block-3\t/elsewhere/tea.txt"]
    log.write_bytes("\n".join(lines).encode() + f"\n*\t{tmp_path}/cup.txt\nblock-4\t\udcff\n".encode("utf-8", "surrogateescape"))
    recording, stage = recorder(tmp_path, log)

    assert {"tea.txt": ("block-1", "one[ä]"), "cup.txt": ("",)} == recording.measured(stage, ()).opened
