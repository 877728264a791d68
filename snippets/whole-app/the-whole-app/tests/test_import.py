"""Imports of files that are not as they should be."""

from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

IMPORT = ["products", "import"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the path of a file to import."""
    return tmp_path / "products.csv"


def listed(runner: FlaskCliRunner) -> str:
    """List the products, by the command."""
    return runner.invoke(args=["products", "list"]).stdout


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "a line is a name and a price."),
        ("Milk", "a line is a name and a price."),
        ("Milk,1.00,fresh", "a line is a name and a price."),
        ("Milk,-1.00", "'-1.00' is not a price such as 4.50."),
        ("Milk,1e9", "'1e9' is not a price such as 4.50."),
        (",1.00", "'' is not 1 to 80 printable characters."),
        ("Mi\x00lk,1.00", r"'Mi\x00lk' is not 1 to 80 printable characters."),
        ("Cocoa ,1.00", "'Cocoa' comes twice."),
        ('"Milk,1.00', "unexpected end of data"),
        ('"Milk"x,1.00', "',' expected after '\"'"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_saved(
    line: str, reason: str, file: Path, runner: FlaskCliRunner
) -> None:
    """A line that cannot be read stops the import before it begins."""
    file.write_text(f"Cocoa,3.20\n{line}\nSalt,0.90\n", encoding="utf-8")
    result = runner.invoke(args=[*IMPORT, str(file)])
    assert "" == listed(runner)
    assert (1, "") == (result.exit_code, result.stdout)
    assert f"Error: Line 2: {reason}\n" == result.stderr


def test_a_file_that_is_not_utf_8_is_a_failure(
    file: Path, runner: FlaskCliRunner
) -> None:
    """A file in another encoding is refused, not guessed at."""
    file.write_bytes("Cocoa,3.20\nCrème,1.00\n".encode("latin-1"))
    result = runner.invoke(args=[*IMPORT, str(file)])
    assert (1, "") == (result.exit_code, result.stdout)
    assert "Error: The file is not UTF-8.\n" == result.stderr
    assert "" == listed(runner)


def test_a_dry_run_saves_nothing(file: Path, runner: FlaskCliRunner) -> None:
    """It counts what would happen, and the shop stays as it is."""
    file.write_text("Cocoa,3.20\n")
    result = runner.invoke(args=[*IMPORT, str(file), "--dry-run"])
    assert (0, "1 added, 0 changed.\n") == (result.exit_code, result.stdout)
    assert "" == listed(runner)


def test_a_dry_run_finds_bad_lines(file: Path, runner: FlaskCliRunner) -> None:
    """Its status is that of the real run."""
    file.write_text("Cocoa\n")
    result = runner.invoke(args=[*IMPORT, "--dry-run", str(file)])
    assert 1 == result.exit_code


def test_the_mark_of_a_spreadsheet_is_no_part_of_a_name(
    file: Path, runner: FlaskCliRunner
) -> None:
    """A byte order mark and Windows line ends are fine."""
    file.write_bytes("Crème,1.00\r\nSalt,0.90\r\n".encode("utf-8-sig"))
    runner.invoke(args=[*IMPORT, str(file)])
    assert "Crème,1.00\nSalt,0.90\n" == listed(runner)


def test_an_empty_file_changes_nothing(
    file: Path, runner: FlaskCliRunner
) -> None:
    """No lines, no products, no failure."""
    file.touch()
    result = runner.invoke(args=[*IMPORT, str(file)])
    assert (0, "0 added, 0 changed.\n") == (result.exit_code, result.stdout)


def test_standard_input_is_a_file(runner: FlaskCliRunner) -> None:
    """A dash reads what is piped in."""
    runner.invoke(args=[*IMPORT, "-"], input="Cocoa,3.20\n")
    assert "Cocoa,3.20\n" == listed(runner)


def test_a_list_can_be_imported(runner: FlaskCliRunner) -> None:
    """What list prints, import reads: quotes, commas and all."""
    rows = 'Cocoa,3.20\n"Sugar, ""brown""",0.05\n'
    runner.invoke(args=[*IMPORT, "-"], input=rows)
    assert rows == listed(runner)


@pytest.mark.parametrize("path", [".", "nowhere.csv"])
def test_an_unknown_file_is_a_usage_error(
    path: str, runner: FlaskCliRunner
) -> None:
    """What cannot be opened is a wrong argument."""
    result = runner.invoke(args=[*IMPORT, path])
    assert (2, "") == (result.exit_code, result.stdout)
    assert f"'{path}': " in result.stderr
