"""One change of a project."""

from pathlib import Path

from mdproof.assemble.project import assemble
from mdproof.exercise.job import Job
from mdproof.fault import Place
from mdproof.model import Block, Role
from mdproof.mutate.mutant import Mutant, own_place
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
SUMS = f"""\
# Sums

{FENCE}python title="src/sums/__init__.py"
ONE = 1
{FENCE}
"""
MORE = f"""\
---
builds_on: [sums]
---

# More sums

{FENCE}python {{title="src/sums/__init__.py" .append}}
TWO = 2
{FENCE}
"""


def console(number: int, source: str) -> Block:
    """Give a console of a page."""
    return Block(number, Place("docs/sums.md", 9), 12, Role.CONSOLE, "console", "", (), source, (10, 11))


def sources(job: Job) -> list[tuple[int, str]]:
    """Give the steps of a job by number."""
    return [(block.number, block.source) for block in job.blocks]


def test_a_job_has_its_step_changed_or_is_without_it() -> None:
    """The other steps stay as they are."""
    place = Place("docs/sums.md", 9)
    job = Job("run", "out", "tests/sums.md", "docs/sums.md", (console(1, "$ ls"), console(2, "$ cat a")), {}, {}, {}, 1.0)

    assert [(1, "$ ls"), (2, "$ true")] == sources(Mutant("docs/sums.md", place, (), "", "", "$ true", block=2).changed(job))
    assert [(1, "$ ls")] == sources(Mutant("docs/sums.md", place, (), "", "", "", block=2).changed(job))


def test_a_command_is_changed_alone() -> None:
    """Its step is the only one, and holds nothing else."""
    job = Job("run", "out", "tests/sums.md", "docs/sums.md", (console(1, "$ ls"), console(2, "$ cat a\n$ cat b")), {}, {}, {}, 1.0)
    mutant = Mutant("docs/sums.md", Place("docs/sums.md", 10), (), "", "", "$ cat b", block=2, alone="$ cat a")

    assert [(2, "$ cat a")] == sources(mutant.changed(job, alone=True))


def test_only_lines_that_the_page_itself_gives_have_a_place_there(tmp_path: Path) -> None:
    """Those of a page that it builds on, and those beyond the file, have none."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(SUMS, encoding="utf-8")
    (tmp_path / "docs/more.md").write_text(MORE, encoding="utf-8")
    project = assemble(read_guide(load_settings(tmp_path)))["more"]

    assert [None, Place("docs/more.md", 8), None] == [own_place(project, "src/sums/__init__.py", line) for line in (1, 4, 5)]
