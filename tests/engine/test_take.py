"""A page's project, taken under a name of one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.assemble.take import take
from mdproof.fault import Place
from mdproof.model import Block, Guide, Page, Role
from tests.engine.conftest import Run

GUIDE = Path(__file__).parent / "cases/taken"


def project(*blocks: tuple[str, Role, str]) -> Project:
    """Give the project of a page of a package ``calc`` and of further blocks, each a title, a role and its source."""
    made = tuple(
        Block(n, Place("docs/sums.md", 10 * n), 10 * n + 9, role, "text", title, (), source, tuple(range(10 * n + 1, 10 * n + 9)))
        for n, (title, role, source) in enumerate((("src/calc/__init__.py", Role.FILE, "NAME = 'calc'\nCALCIUM = 20"), *blocks), 1)
    )
    return assemble(Guide({"sums": Page("docs/sums.md", "sums", "Sums of calc", (), "", made)}))["sums"]


def texts(folder: Path) -> dict[str, str]:
    """Give the text of each file of a folder but that of its settings."""
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "pyproject.toml")
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in found}


def test_a_package_is_renamed_in_every_file(tmp_path: Path) -> None:
    """As a whole word, in paths, texts and the commands of its README, which is no longer one of ours."""
    server = ("Server", Role.SERVER, "$ uv run calc\nListening")
    worker = ("Server", Role.SERVER, "$ uv run python -m calc.calculus")

    assert "own" == take(project(server, worker, ("calc/calc.ini", Role.FILE, "[calc]")), tmp_path / "own")

    commands = "$ uv run pytest\n$ uv run own\n$ uv run python -m own.calculus\n"
    assert {
        "README.md": f"# own\n\nTaken from the page “Sums of calc” (docs/sums.md), its package renamed.\n\n```console\n{commands}```\n",
        "own/own.ini": "[own]\n",
        "src/own/__init__.py": "NAME = 'own'\nCALCIUM = 20\n",
    } == texts(tmp_path / "own")
    assert 'name = "own"\n' in (tmp_path / "own/pyproject.toml").read_text("utf-8")


def test_settings_that_a_project_needs_are_spoken_of(tmp_path: Path) -> None:
    """A file with an example of them says that there are any; a name that is given is taken, and so is a folder that is empty."""
    (tmp_path / "own").mkdir()

    assert "abacus" == take(project((".env.example", Role.FILE, "KEY=")), tmp_path / "own", "abacus")

    example = "To run it, copy `.env.example` to `.env` and fill it in; the tests need no settings.\n"
    assert texts(tmp_path / "own")["README.md"] == (
        "# abacus\n\nTaken from the page “Sums of calc” (docs/sums.md), its package renamed.\n"
        f"{example}\n```console\n$ uv run pytest\n```\n"
    )


def test_a_folder_that_is_no_name_of_a_package_lends_it_one(tmp_path: Path) -> None:
    """Each character that no name can have is an underscore."""
    assert "my_own_sums" == take(project(), tmp_path / "my-own.sums")


@pytest.mark.processes
def test_a_project_is_taken_under_another_name(run: Run, tmp_path: Path) -> None:
    """The package is renamed in paths, imports, settings and strings, and only as a whole word; its tests pass there."""
    own = tmp_path / "out/small-sums"

    ran = run(GUIDE, "take", "docs/sums.md", str(own))

    files = sorted(p.relative_to(own).as_posix() for p in own.rglob("*") if p.is_file())
    said = f"{own}: the project of docs/sums.md (not proven here yet: run `prove` for that), its package now small_sums. "
    assert (0, said) == (ran.status, ran.output[: len(said)])
    assert ["README.md", "pyproject.toml", "src/small_sums/__init__.py", "tests/test_sums.py"] == files
    assert 'name = "small_sums"' in (own / "pyproject.toml").read_text("utf-8")
    assert "Do not edit" not in (own / "README.md").read_text("utf-8")
    assert ['NAME = "small_sums"', "CALCIUM = 20"] == (own / "src/small_sums/__init__.py").read_text("utf-8").splitlines()[2:]
    done = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=own, capture_output=True, text=True, check=False)
    assert (0, "1 passed") == (done.returncode, done.stdout.splitlines()[-1][:8])


@pytest.mark.parametrize(
    ("folder", "options", "said"),
    [
        ("out/1st", (), "'1st' cannot be the name of a package. Give another with --name."),
        ("out/class", (), "'class' cannot be the name of a package. Give another with --name."),
        ("out/sums", ("--name", "a.b"), "'a.b' cannot be the name of a package. Give another with --name."),
        ("out/json", (), "'json' is the name of another package already. Give another with --name."),
        ("out/pytest", (), "'pytest' is the name of another package already. Give another with --name."),
        ("out/tests", (), "'tests' is the name of another package already. Give another with --name."),
        ("docs", (), "there is something here already, and nothing was written. Name a folder that is new or empty."),
        (
            "docs/sums.md",
            ("--name", "own"),
            "there is something here already, and nothing was written. Name a folder that is new or empty.",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused(run: Run, tmp_path: Path, folder: str, options: tuple[str, ...], said: str) -> None:
    """A name that would shadow, or a folder that holds something: nothing is written."""
    ran = run(GUIDE, "take", "docs/sums.md", str(tmp_path / folder), *options)

    assert (1, f"{tmp_path / folder}:1: {said}\n") == (ran.status, ran.faults)
    assert not (tmp_path / "out").exists()


def test_a_page_without_a_package_is_refused(run: Run, tmp_path: Path) -> None:
    """There is nothing to take of a page of prose; a page that is not there is wrong usage."""
    prose = run(GUIDE, "take", "docs/prose.md", str(tmp_path / "own"))
    unknown = run(GUIDE, "take", "docs/no.md", str(tmp_path / "own"))

    said = "docs/prose.md:1: this page's project has no package below src/ that could be taken. Name another page.\n"
    assert (1, said) == (prose.status, prose.faults)
    assert (2, "mdproof: there is no page docs/no.md. Name pages as docs/part/page.md.\n") == (unknown.status, unknown.errors)
