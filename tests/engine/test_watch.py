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
