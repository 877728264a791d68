"""The run copy of a page's project, and what its process is given."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise import copy
from mdproof.exercise.copy import copy_run, prepare
from mdproof.exercise.job import Job
from mdproof.read.guide import read_guide
from mdproof.settings import Service, Settings, load_settings

FENCE = "```"
PAGE = f"""\
# Bücher

{FENCE}console
$ uv add --dev pytest-xdist
{FENCE}

{FENCE}python title="src/books/__init__.py"
import os

URL = os.environ["BOOKS_URL"]
{FENCE}

{FENCE}python title="tests/test_books.py"
def test_books():
    assert "ü"
{FENCE}
"""
DEEPER = 'def test_deep():\n    assert "ü"\n'
BARE = f"# Notes\n\n{FENCE}text title='notes/notes.txt'\nOne.\n{FENCE}\n"
BOOKS = Service("BOOKS_URL", "http://localhost:{port}")
STARTUP = str(Path(copy.__file__).with_name("startup"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a guide of two pages, one of which has deeper tests."""
    root = tmp_path / "Bücher"
    for path, text in {"docs/part/books.md": PAGE, "docs/notes.md": BARE, "tests/guide/part/test_books.py": DEEPER}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    services = (Service("BOOKS", "http://localhost"), BOOKS, Service("URL_OF_BOOKS", "http://localhost"))
    return replace(
        load_settings(root),
        services=services,
        limit=7.0,
        ports={"AT": "{port}"},
        environment={"BOOKS_FOLDER": "{folder}/more"},
    )


def project(settings: Settings, name: str) -> Project:
    """Give the project of a page."""
    return assemble(read_guide(settings))[name]


def surroundings(folder: Path, source: Path) -> dict[str, str]:
    """Give the environment of each process of a page."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": f"{folder}.home",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": f"{source}{os.pathsep}{STARTUP}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "BOOKS_FOLDER": f"{folder}/more",
    }


def test_a_page_is_given_its_project_with_its_text_and_deeper_tests(settings: Settings) -> None:
    """Each line is known by where it was written; what generated files hold, by themselves."""
    page = project(settings, "part/books")
    folder = settings.root / "build/run/part/books"

    job = prepare(settings, page, blocks=page.page.blocks[:1])

    shown, deeper = "docs/part/books.md", "tests/guide/part/test_books.py"
    written = {
        "src/books/__init__.py": ((shown, 8), (shown, 9), (shown, 10)),
        "tests/test_books.py": ((shown, 14), (shown, 15)),
        "tests/books.md": tuple((shown, n) for n in range(1, 17)),
        "tests/guide/test_books.py": ((deeper, 1), (deeper, 2)),
    }
    generated = {p: tuple((p, n) for n in range(1, len(lines) + 1)) for p, lines in page.files.items() if p not in written}
    assert (
        Job(
            folder=str(folder),
            output=f"{folder}.output",
            page="tests/books.md",
            shown=shown,
            blocks=page.page.blocks[:1],
            origins={**generated, **written},
            environment={
                **surroundings(folder, folder / "src"),
                "COVERAGE_PROCESS_START": f"{folder}.coveragerc",
                "MDPROOF_OPENED": f"{folder}.opened",
            },
            ports={"AT": "{port}"},
            limit=7.0,
            services=(BOOKS,),
            plugins=("xdist.looponfail", "xdist.plugin"),
        )
        == job
    )
    texts = {**page.texts, "tests/books.md": PAGE, "tests/guide/test_books.py": DEEPER}
    assert texts == {path: (folder / path).read_text(encoding="utf-8") for path in job.origins}
    measured = Path(f"{folder}.coveragerc").read_text(encoding="utf-8").splitlines()
    assert {f"data_file = {folder}.output.coverage", f"source = {folder}", "plugins = mdproof.exercise.templates"} < set(measured)


def test_a_copy_beside_is_not_measured(settings: Settings) -> None:
    """It has a folder of its own; without a package its modules are looked for in that, and no plugin or service is needed."""
    page = project(settings, "notes")
    folder = settings.root / "build/run/notes.dont-1"

    job = prepare(settings, page, suffix=".dont-1", blocks=())

    assert (str(folder), "tests/notes.dont-1.md", "docs/notes.md", False) == (job.folder, job.page, job.shown, job.measure)
    assert surroundings(folder, folder) == job.environment
    assert ((), (), ()) == (job.blocks, job.services, job.plugins)
    assert {*page.files, "tests/notes.dont-1.md"} == set(job.origins)


def test_nothing_is_left_of_another_run(settings: Settings) -> None:
    """Neither in the home of its processes, nor of what was measured; other pages' files stay."""
    page = project(settings, "notes")
    folder = settings.root / "build/run/notes"
    prepare(settings, page, blocks=())
    others = {"notes.output", "notes2.output.coverage.1", "notes2.opened"}
    for name in ("notes.home/.history", "notes/more.txt", "notes.output.coverage", "notes.output.coverage.1", "notes.opened", *others):
        (folder.parent / name).write_text("", encoding="utf-8")

    prepare(settings, page, blocks=())

    assert {"notes", "notes.home", "notes.coveragerc", *others} == {path.name for path in folder.parent.iterdir()}
    assert ([], False) == (list(folder.with_name("notes.home").iterdir()), (folder / "more.txt").exists())


def test_a_run_is_copied_with_its_home(tmp_path: Path) -> None:
    """Over what is there; a link stays one, though it leads nowhere, and what cannot be copied is left."""
    folder, into = tmp_path / "run", tmp_path / "before/1"
    for path, text in {"run/all.txt": "new", "run.home/.history": "ls", "before/1/all.txt": "old", "before/1.home/.kept": ""}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (folder / "link").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")

    copy_run(folder, into)

    assert {"1/all.txt", "1/link", "1.home/.history", "1.home/.kept"} == {
        f"{path.parent.name}/{path.name}" for path in tmp_path.glob("before/*/*")
    }
    assert ("new", Path("nowhere")) == ((into / "all.txt").read_text(encoding="utf-8"), (into / "link").readlink())
