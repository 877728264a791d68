"""All pages of a guide, and the deeper tests beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdproof.fault import Refused
from mdproof.read import guide
from mdproof.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a guide of one page."""
    for folder in ("docs", "tests/guide"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "docs/sums.md").write_text("# Sums\n", encoding="utf-8")
    return load_settings(tmp_path)


def test_pages_are_below_no_folder_that_is_hidden_or_shared(settings: Settings) -> None:
    """Nor is a file a page whose own name begins so."""
    for path in (".hidden/a.md", "_shared/a.md", "part/.a.md", "part/_a.md", "part/a.md"):
        (settings.root / "docs" / path).parent.mkdir(exist_ok=True)
        (settings.root / "docs" / path).write_text("# One\n", encoding="utf-8")

    assert ["docs/part/a.md", "docs/sums.md"] == [settings.relative(path) for path in guide.page_paths(settings)]


def test_a_page_that_cannot_be_opened(settings: Settings) -> None:
    """It is said at its first line, with the system's words."""
    (settings.root / "docs/lost.md").symlink_to("nowhere.md")

    with pytest.raises(Refused) as refused:
        guide.read_guide(settings)

    assert "docs/lost.md:1: the page cannot be read: No such file or directory. Mend the file." == str(refused.value)


def said_of(settings: Settings, deeper: bytes) -> str:
    """Give what is wrong with a guide whose page has further tests."""
    (settings.root / "tests/guide/test_sums.py").write_bytes(deeper)
    with pytest.raises(Refused) as refused:
        guide.read_guide(settings)
    return str(refused.value)


@pytest.mark.parametrize(
    ("deeper", "line", "said"),
    [
        (b'"""Sums."""\n\nx: f(a=1, a=2)\n', 3, "keyword argument repeated: a"),
        (b'"""Sums."""\n\nx = 1\0\n', 1, "source code string cannot contain null bytes"),
        (b'# coding: nowhere\n"""Sums."""\n', 1, "unknown encoding: nowhere"),
    ],
    ids=["annotation", "null byte", "encoding"],
)
def test_deeper_tests_are_read_as_python_reads_them(settings: Settings, deeper: bytes, line: int, said: str) -> None:
    """What Python would refuse in a module of its own is said of the page, with the line in the tests, the first if there is none."""
    expected = f"docs/sums.md:1: tests/guide/test_sums.py:{line}: this Python does not parse: {said}. Mend the line."

    assert expected == said_of(settings, deeper)


def test_a_null_byte_in_an_older_python(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """That one raises an error that knows no line."""

    def compile_as_before(*_: object, **__: object) -> None:
        message = "source code string cannot contain null bytes"
        raise ValueError(message)

    monkeypatch.setattr(guide, "compile", compile_as_before, raising=False)

    said = "this Python does not parse: source code string cannot contain null bytes. Mend the line."
    assert f"docs/sums.md:1: tests/guide/test_sums.py:1: {said}" == said_of(settings, b"x = 1\0")
