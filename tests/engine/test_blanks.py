"""Mutants that leave something out."""

from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.fault import Place
from mdproof.mutate.blanks import blanked, step_blanked
from mdproof.mutate.mutant import Mutant
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

PAGE = '''\
# Notes

```text title="src/notes/told.txt"
One.
Two.
```

```text {title="src/notes/told.txt" .append}
Three.
```

```python title="src/notes/__init__.py"
def told():
    """Say nothing."""


def add(notes, note):
    """Add a note."""
    notes = [
        *notes,
        note,
    ]
    return sorted(
        notes,
    )


def last(notes):
    return notes[-1]
```

```console title="Worker"
$ python -m notes
Waiting.
```

```console title="Server"
$ python -m notes.server
```

```console
$ true
$ uv add flask
$ printf one \\
>   two
onetwo
$ echo three
three
```
'''


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give the project of the page."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/notes.md").write_text(PAGE, encoding="utf-8")
    return assemble(read_guide(load_settings(tmp_path)))["notes"]


def test_of_a_file_that_is_no_python_each_block_is_blanked(project: Project) -> None:
    """Its lines are empty, and those of other blocks stay."""
    path, place, what = "src/notes/told.txt", "docs/notes.md", "blank: the block"
    blocks = [b for b in project.page.files() if b.path == path]

    expected = [
        Mutant(path, Place(place, 3), (1, 2), what, "", "\n\nThree.\n"),
        Mutant(path, Place(place, 8), (3,), what, "", "One.\nTwo.\n\n"),
    ]
    assert expected == list(blanked(project, path, blocks))


def test_of_python_each_function_has_its_body_blanked(project: Project) -> None:
    """A docstring stays, and a function that has nothing else is left alone."""
    path, page = "src/notes/__init__.py", "docs/notes.md"
    lines = project.texts[path].splitlines()

    expected = [
        Mutant(
            path,
            Place(page, 17),
            (7, 8, 9, 10, 11, 12, 13),
            "blank: the body of add",
            "",
            "\n".join([*lines[:6], "    pass", *lines[13:], ""]),
            range(7, 14),
        ),
        Mutant(path, Place(page, 28), (17,), "blank: the body of last", "", "\n".join([*lines[:16], "    pass", ""]), range(17, 18)),
    ]
    assert expected == list(blanked(project, path, []))


def test_each_command_of_a_console_and_each_worker_is_left_out(project: Project) -> None:
    """A command that does nothing is not, nor one that declares what the project needs, nor a server."""
    worker, server, console = project.page.steps()
    commands = console.source.splitlines()
    two_lines = Mutant(
        "docs/notes.md",
        Place("docs/notes.md", 44),
        (),
        "blank: the command printf one \\",
        str(console.number),
        "\n".join([*commands[:2], "$ true", *commands[4:]]),
        block=console.number,
        alone="\n\n$ true\nonetwo",
    )
    one_line = Mutant(
        "docs/notes.md",
        Place("docs/notes.md", 47),
        (),
        "blank: the command echo three",
        str(console.number),
        "\n".join([*commands[:5], "$ true", *commands[6:]]),
        block=console.number,
        alone="\n\n\n\n\n$ true\nthree",
    )

    assert [two_lines, one_line] == list(step_blanked(project, console))
    whole = Mutant("docs/notes.md", worker.place, (), "blank: the worker", worker.source, "", block=worker.number)
    assert [whole] == list(step_blanked(project, worker))
    assert [] == list(step_blanked(project, server))
