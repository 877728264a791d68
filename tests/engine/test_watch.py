"""A page that changes is proven again."""

from pathlib import Path

import pytest

from mdproof import watch
from mdproof.settings import Settings


def test_each_change_is_followed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs at the start and after each change, not in between, and ends when interrupted."""
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("one", encoding="utf-8")
    ran: list[str] = []
    looks = iter([None, "two", None, "three", None])

    def change(_: float) -> None:
        text = next(looks, "end")
        if text == "end":
            raise KeyboardInterrupt
        if text:
            page.write_text(text, encoding="utf-8")

    monkeypatch.setattr(watch.time, "sleep", change)
    watch.watch(Settings(tmp_path), lambda: ran.append(page.read_text(encoding="utf-8")))

    assert ["one", "two", "three"] == ran


def test_pages_and_deeper_tests_are_looked_at(tmp_path: Path) -> None:
    """However deep they lie, with the time of their last change; one that is gone by then is not, and spares no other."""
    looked_at = [tmp_path / "docs/part/page.md", tmp_path / "tests/guide/part/test_page.py"]
    gone = [tmp_path / "docs/a.md", tmp_path / "docs/part/z.md"]
    for path in (*looked_at, tmp_path / "docs/page.txt", tmp_path / "page.md"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one", encoding="utf-8")
    for path in gone:
        path.symlink_to(tmp_path / "gone")

    assert {path: path.stat().st_mtime_ns for path in looked_at} == watch.stamps(Settings(tmp_path))
