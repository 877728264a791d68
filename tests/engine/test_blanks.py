"""What leaves a command out."""

from pathlib import Path

from mdproof.assemble.project import assemble
from mdproof.mutate.blanks import step_blanked
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
PAGE = f"""\
# Steps

{FENCE}console
$ export ONE=1
$ echo $ONE \\
> two
1 two
$ echo three
three
{FENCE}
"""


def test_a_command_that_is_left_out_can_be_run_alone(tmp_path: Path) -> None:
    """It stands on its line, with what it should print, and nothing else is in its block."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/steps.md").write_text(PAGE, encoding="utf-8")
    project = assemble(read_guide(load_settings(tmp_path)))["steps"]

    (block,) = project.page.blocks
    left_out = list(step_blanked(project, block))

    assert ["$ true", "\n$ true\n1 two", "\n\n\n\n$ true\nthree"] == [m.alone for m in left_out]
    assert [4, 5, 8] == [m.place.line for m in left_out]
    assert "$ export ONE=1\n$ true\n1 two\n$ echo three\nthree" == left_out[1].text
