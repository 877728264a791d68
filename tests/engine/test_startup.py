"""What every Python notes that a page's consoles and servers run."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def startup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give what is loaded as Python starts, as if it had been told where to note and for which test."""
    module = importlib.import_module("mdproof.exercise.startup.sitecustomize")
    monkeypatch.setattr(module, "_LOG", str(tmp_path / "opened"))
    monkeypatch.setattr(module, "_CONTEXT", "block-2")
    monkeypatch.chdir(tmp_path)
    return module


def test_each_file_that_is_opened_is_noted_with_the_test(startup: ModuleType, tmp_path: Path) -> None:
    """By its whole path, whatever its name is made of."""
    for name in ("tea.txt", f"{tmp_path}/shop/cup.txt", "\udcff", "ä"):
        startup.note("open", (name,))

    expected = b"".join(b"block-2\t%s/%s\n" % (bytes(tmp_path), name) for name in (b"tea.txt", b"shop/cup.txt", b"\xff", b"\xc3\xa4"))
    assert expected == Path("opened").read_bytes()
    assert 0o600 == Path("opened").stat().st_mode & 0o777


def test_nothing_else_is_noted(startup: ModuleType, tmp_path: Path) -> None:
    """Neither what is no file by name, nor what is not opened, nor the notes themselves."""
    for event, argument in (("open", 3), ("import", "tea"), ("open", str(tmp_path / "opened"))):
        startup.note(event, (argument, "r"))

    assert not Path("opened").exists()
