"""Projects as files, and proofs that stand or fall with what they depend on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mdproof.assemble.project import assemble
from mdproof.assemble.write import changed_since, stale, write_project, write_snippets
from mdproof.fault import Refused
from mdproof.proof.record import page_hash
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

FENCE = "```"
PAGE = f"""\
# Sums

{FENCE}python title="src/calc/__init__.py"
ZERO = 0
{FENCE}

--8<-- "docs/_includes/demo.md"
"""
DEMO = f"{FENCE}python\nfrom calc import ZERO\n\nassert ZERO == 0\n{FENCE}\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a guide of one page, and one line of it in a file of its own."""
    (tmp_path / "docs/_includes").mkdir(parents=True)
    (tmp_path / "docs/sums.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "docs/_includes/demo.md").write_text(DEMO, encoding="utf-8")
    return load_settings(tmp_path)


def written(settings: Settings) -> list[str]:
    """Write the projects; give the names of those that changed."""
    return write_snippets(settings, assemble(read_guide(settings)))


def faults(settings: Settings) -> list[str]:
    """Give what is stale."""
    return [str(fault) for fault in stale(settings, assemble(read_guide(settings)))]


def test_a_project_is_written_once(settings: Settings) -> None:
    """What is written is not written again, and is not stale."""
    assert [["sums"], []] == [written(settings), written(settings)]
    assert [] == faults(settings)


def test_a_stale_file_names_the_line_of_the_page(settings: Settings) -> None:
    """An edited project and an edited page are both told at the page's line."""
    written(settings)
    (settings.root / "snippets/sums/src/calc/__init__.py").write_text("ZERO = 1\n", encoding="utf-8")

    (fault,) = faults(settings)

    assert fault.startswith("docs/sums.md:4: snippets/sums/src/calc/__init__.py:1 is not what this page says. ")


def test_a_file_of_no_page_is_stale(settings: Settings) -> None:
    """A file that somebody put there is named, and gone after the next writing."""
    written(settings)
    extra = settings.root / "snippets/sums/src/more.py"
    extra.write_bytes(b"\xff")

    assert faults(settings)[0].startswith("docs/sums.md:1: snippets/sums/src/more.py is written on no page. ")
    assert (["sums"], False) == (written(settings), extra.exists())


def test_the_project_of_a_page_that_is_gone_goes_too(settings: Settings) -> None:
    """Only what we wrote is deleted: a folder of another hand stays."""
    written(settings)
    (settings.root / "docs/sums.md").rename(settings.root / "docs/more.md")
    other = settings.root / "snippets/other/pyproject.toml"
    other.parent.mkdir()
    other.touch()

    assert ["more", "sums"] == written(settings)
    assert ["more", "other"] == sorted(p.name for p in (settings.root / "snippets").iterdir())


def test_what_running_leaves_is_kept(settings: Settings) -> None:
    """An environment made in a project outlives the next writing, a file the page gives does not."""
    written(settings)
    for name in (".venv", "instance"):
        (settings.root / "snippets/sums" / name).mkdir()
    (settings.root / "snippets/sums/.env").write_text("OLD=1\n", encoding="utf-8")
    (settings.root / "docs/sums.md").write_text(f'{PAGE}\n{FENCE}ini title=".env"\nNEW=1\n{FENCE}\n', encoding="utf-8")

    assert ["sums"] == written(settings)
    assert [] == faults(settings)
    assert {".venv", "instance", ".env"} <= {p.name for p in (settings.root / "snippets/sums").iterdir()}


def test_a_folder_that_the_page_gives_is_not_kept(settings: Settings) -> None:
    """One that a run makes as well is the page's, whatever else was there."""
    written(settings)
    (settings.root / "snippets/sums/instance").mkdir()
    (settings.root / "snippets/sums/instance/left.txt").touch()
    (settings.root / "docs/sums.md").write_text(f'{PAGE}\n{FENCE}ini title="instance/shop.ini"\nNEW=1\n{FENCE}\n', encoding="utf-8")

    assert ["sums"] == written(settings)
    assert ["shop.ini"] == [p.name for p in (settings.root / "snippets/sums/instance").iterdir()]


def test_an_empty_file_that_is_not_there_is_stale(settings: Settings) -> None:
    """Told at the page's first line, for it has none of its own."""
    (settings.root / "docs/sums.md").write_text(f'{PAGE}\n{FENCE}text title="src/calc/py.typed"\n{FENCE}\n', encoding="utf-8")
    written(settings)
    (settings.root / "snippets/sums/src/calc/py.typed").unlink()

    (fault,) = faults(settings)

    assert fault.startswith("docs/sums.md:1: snippets/sums/src/calc/py.typed:1 is not what this page says. ")


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("src/calc/__init__.py", b"\xff", "docs/sums.md:4: {path}:1"),
        ("src/calc/__init__.py", b"", "docs/sums.md:4: {path}:1"),
        ("src/calc/__init__.py", b"ZERO = 0", "docs/sums.md:4: {path}:1"),
        ("src/calc/__init__.py", b"ZERO = 0\nONE = 1\n", "docs/sums.md:4: {path}:2"),
        ("README.md", b"# Sums\n\nMine.\n", "docs/sums.md:1: {path}:3"),
        ("pyproject.toml", None, "docs/sums.md:1: {path}:1"),
    ],
)
def test_each_line_that_differs_is_told_where_it_is_from(settings: Settings, path: str, content: bytes | None, expected: str) -> None:
    """A line that the page does not have is told at the last one that it has, and generated ones at its first line."""
    written(settings)
    there = settings.root / "snippets/sums" / path
    there.unlink()
    if content is not None:
        there.write_bytes(content)

    said = "is not what this page says. Run `python -m mdproof assemble` and commit what it writes."
    assert [f"{expected.format(path=f'snippets/sums/{path}')} {said}"] == faults(settings)


def test_what_has_changed_since_a_page_was_proven(settings: Settings) -> None:
    """Its own files, at their lines; not what is generated, nor what was never written."""
    project = assemble(read_guide(settings))["sums"]
    assert [] == list(changed_since(settings, project))
    written(settings)
    assert [] == list(changed_since(settings, project))
    for path in ("src/calc/__init__.py", "README.md"):
        (settings.root / "snippets/sums" / path).write_bytes(b"\xff")

    said = "src/calc/__init__.py has changed here since this page was proven last. Look whether this is what went wrong."
    assert [f"docs/sums.md:4: {said}"] == [str(fault) for fault in changed_since(settings, project)]


def test_a_letter_that_is_not_ascii_is_no_change(settings: Settings) -> None:
    """A proven file is read as it was written, whatever the locale, and told where its first change is."""
    (settings.root / "docs/sums.md").write_text(PAGE.replace("ZERO = 0", "ZERO = 0  # €\nONE = 1"), encoding="utf-8")
    project = assemble(read_guide(settings))["sums"]
    written(settings)
    assert [] == list(changed_since(settings, project))

    (settings.root / "snippets/sums/src/calc/__init__.py").write_text("ZERO = 0  # €\nONE = 2\n", encoding="utf-8")

    assert ["docs/sums.md:5"] == [str(fault.place) for fault in changed_since(settings, project)]


def test_only_what_is_asked_for_is_written(settings: Settings) -> None:
    """Pages below folders as well, each in folders of its own."""
    (settings.root / "docs/part/deep").mkdir(parents=True)
    (settings.root / "docs/_includes/demo.md").write_text("", encoding="utf-8")
    for name in ("sums", "part/one", "part/deep/two"):
        (settings.root / f"docs/{name}.md").write_text(PAGE.replace("ZERO = 0", '"""€"""'), encoding="utf-8")
    projects = assemble(read_guide(settings))

    assert ["part/deep/two"] == write_snippets(settings, projects, ["part/deep/two"])
    assert {"part/one", "sums"} == set(write_snippets(settings, projects))
    kept = settings.root / "snippets/part/deep/two/src/calc/__init__.py"
    assert '"""€"""\n' == kept.read_text(encoding="utf-8")


def test_folders_of_another_hand_stay(settings: Settings) -> None:
    """A README that is no text, and one of ours in somebody's environment."""
    written(settings)
    ours = (settings.root / "snippets/sums/README.md").read_bytes()
    for path, content in (("other/README.md", b"\xff"), (".venv/lib/README.md", ours), ("gone/README.md", ours + b"\xff")):
        there = settings.root / "snippets" / path
        there.parent.mkdir(parents=True)
        there.write_bytes(content)

    assert ["gone"] == written(settings)
    assert [".venv", "other", "sums"] == sorted(p.name for p in (settings.root / "snippets").iterdir())


def test_no_room_for_a_project_is_said(tmp_path: Path) -> None:
    """With what could not be written, and nothing is left behind."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(Refused) as refused:
        write_project(tmp_path / "file/project", {"a/b.txt": "€"})

    path = tmp_path / "file/.project.new/a"
    assert f"{path}:1: it could not be written: Not a directory. Make room, or allow writing there." == str(refused.value)
    assert ["file"] == [p.name for p in tmp_path.iterdir()]


@pytest.mark.parametrize("path", ["docs/sums.md", "docs/_includes/demo.md", "tests/guide/test_sums.py", "uv.lock", "pyproject.toml"])
def test_a_proof_falls_with_what_it_depends_on(path: str, settings: Settings) -> None:
    """A change of the page, of what it includes, of its deeper tests or of the lock file is a change of its hash."""
    before = page_hash(settings, assemble(read_guide(settings))["sums"])
    target = settings.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    text = target.read_text(encoding="utf-8") if target.exists() else ""

    target.write_text(text.replace("ZERO = 0", "ZERO = 1").replace("ZERO == 0", "0 == ZERO") + "\n# more\n", encoding="utf-8")

    assert before != page_hash(settings, assemble(read_guide(settings))["sums"])


@pytest.mark.processes
def test_an_unchanged_page_is_not_run_again(run: Callable[..., Any]) -> None:
    """A proof that stands is taken as it is; ``--again`` makes it anew; a change undoes it."""
    guide = Path(__file__).parent / "cases/proven/byte-order-mark"
    first = run(guide, "prove")
    proof = first.root / "build/proof/sums.json"
    made = proof.stat().st_mtime_ns

    assert (0, made) == (run(guide, "prove").status, proof.stat().st_mtime_ns)
    assert (0, True) == (run(guide, "prove", "--again").status, made < proof.stat().st_mtime_ns)
