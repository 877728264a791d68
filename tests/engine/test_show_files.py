"""A project's files as the site shows them."""

from pathlib import Path

import pytest

from mdproof.show.files import changed_lines, first_text, generated


def test_generated_files_are_coloured(tmp_path: Path) -> None:
    """They are UTF-8, whatever the machine's locale; control characters are replaced."""
    (tmp_path / "README.md").write_text("ü\x02", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("a = 1", encoding="utf-8")
    (tmp_path / "other.toml").write_text("a = 1", encoding="utf-8")

    number = '<span class="n">a</span><span class="w"> </span><span class="o">=</span><span class="w"> </span><span class="mi">1</span>'
    expected = {
        "pyproject.toml": f"<pre data-proof><code>{number}\n</code></pre>",
        "README.md": "<pre data-proof><code>ü\ufffd\n</code></pre>",
    }
    assert expected == generated(tmp_path)


@pytest.mark.parametrize(("path", "expected"), [("a", "1"), ("b", "ü \ufffd"), ("c", None)], ids=["both", "second", "neither"])
def test_a_file_is_looked_for_in_one_project_after_another(tmp_path: Path, path: str, expected: str | None) -> None:
    """What is not UTF-8 in it is replaced."""
    first, second = tmp_path / "first", tmp_path / "second"
    for project, name, content in ((first, "a", b"1"), (second, "a", b"2"), (second, "b", b"\xc3\xbc \xff")):
        project.mkdir(exist_ok=True)
        (project / name).write_bytes(content)

    assert expected == first_text([first, second], path)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\n\nc\n", "a\nb\n\nc\nd\n", "2 5"),
        ("a\nc\n", "a\n\nc\n", ""),
        ("a\n" * 200, "b\n" + "a\n" * 200, "1"),
    ],
    ids=["two", "an empty one", "after it one line many times"],
)
def test_lines_that_were_not_there_before(before: str, after: str, expected: str) -> None:
    """Empty ones do not count, and lines that a file has many times are known again."""
    assert expected == changed_lines(before, after)
