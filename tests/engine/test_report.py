"""What a command tells: faults with their reports, and the table of pages."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from mdproof.exercise.job import Outcome
from mdproof.fault import Fault, Place
from mdproof.proof.record import Record
from mdproof.report import say, summarise

FAULT = Fault(Place("docs/page.md", 41), "[b]no[/] 12 is 'nice' :smile: here. Mend the line, which is longer than a narrow window.")
OTHER = Fault(Place("docs/page.md", 50), "No test.")
RED = "\x1b[31m{}\x1b[0m\n"
PROOFS: dict[str, Record] = {
    "part/sums": {
        "proven": True,
        "blocks": [{"lines_run": 7, "lines_total": 9}, {"lines_run": 5, "lines_total": 5}, {"path": None}],
        "tests": [{}, {}],
        "rules": [{}, {}, {}, {}],
        "counterexamples": [{}],
        "seconds": 1.25,
    },
    "part/nothing": {},
}
TABLE = """\
┏━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━┳━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━┓
┃ page         ┃ blocks ┃ tests ┃ rules ┃ Don'ts ┃ lines run ┃ seconds ┃            ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━╇━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━┩
│ part/sums    │      3 │     2 │     4 │      1 │  12 of 14 │     1.2 │     proven │
│ part/nothing │      0 │     0 │     0 │      0 │    0 of 0 │     0.0 │ not proven │
└──────────────┴────────┴───────┴───────┴────────┴───────────┴─────────┴────────────┘
"""


def window() -> Console:
    """Give a narrow terminal that knows colours."""
    return Console(file=StringIO(), force_terminal=True, color_system="standard", width=30, no_color=False)


def shown(console: Console) -> str:
    """Give what was written to a terminal."""
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the variables of this machine say of its terminal."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def test_faults_are_red_and_word_for_word() -> None:
    """Each is one line, wherever the window ends; nothing in it is markup, and no part of it has a colour of its own."""
    console = window()

    say([FAULT, OTHER], console)

    assert RED.format(FAULT) + RED.format(OTHER) == shown(console)


def test_reports_are_below_their_faults() -> None:
    """A report and what was captured are indented and word for word; a fault of which there is no report stands alone."""
    console = window()
    text = "def test():\n    assert [b]12[/] == ':smile:' and no line of a report is ever broken"
    outcome = Outcome("t", "failed", text=text, sections=(("Captured stdout", "one\n2"), ("Captured log", "three")))

    say([FAULT, OTHER], console, {FAULT: outcome})

    report = [*text.splitlines(), "-- Captured stdout --", "one", "2", "-- Captured log --", "three"]
    indented = "".join(f"    {line}\n" for line in report)
    assert RED.format(FAULT) + indented + RED.format(OTHER) == shown(console)


def test_faults_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a console of the caller's they are no part of what a command prints."""
    say([OTHER])

    assert ("", f"{OTHER}\n") == capsys.readouterr()


def test_a_table_has_a_row_for_each_page(capsys: pytest.CaptureFixture[str]) -> None:
    """It counts what ran of a page, as nothing where the proof does not say, and ends with the verdict; numbers are on the right."""
    summarise(PROOFS)

    assert TABLE == capsys.readouterr().out


def test_a_table_in_a_file_is_wide(capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no window, its width is that of no window either."""
    summarise({"part/" + "long-" * 40 + "name": {}})

    assert {120} == {len(line) for line in capsys.readouterr().out.splitlines()}


def test_a_table_in_a_terminal_is_as_wide_as_that(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A page that is not proven is red there, and one that is proven is not."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")

    summarise(PROOFS | {"part/" + "long-" * 40 + "name": {"proven": True}})

    lines = capsys.readouterr().out.splitlines()
    assert {80} == {len(Text.from_ansi(line).plain) for line in lines}
    assert ["not", "proven"] == [word for line in lines for word in re.findall(r"\x1b\[31m(\w+)", line)]
