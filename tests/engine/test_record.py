"""Proofs as files: what is in them, when they hold, and their union."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import mdproof
from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import Caught
from mdproof.fault import Fault, Place, Refused
from mdproof.proof.credit import Credit
from mdproof.proof.judge import Judgement
from mdproof.proof.record import digest, page_hash, proof_path, read_proof, record, stands, versions, write_proof, write_union
from mdproof.proof.scores import source_hash, write_score
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

BASE = """\
---
title: The Bäse
---

# Base

```console
$ uv add Flask-Login made-gone
```

```python title="src/calc.py"
ZERO = 0
```
"""
PAGE = """\
---
builds_on: [base]
---

# Süms

!!! must "CA-001 Add"

    Because.

    Without exception.

    Proven by `tests/test_sums.py::test_add`.

```console
$ uv add pytest
```

```python title="src/more.py"
ONE = 1
TWO = 2
```

```python
assert 1
```

```console
$ echo one
one
```

```text title="src/told.txt"
ä
```

```text title="Project layout"
sums/
```

!!! failure "Don't ä"

    Bad.

    ```python
    ONE = 2
    ```

    Fails `tests/test_sums.py::test_add`: `x`.

!!! failure "Don't either"

    Bad.

    ```python title="src/more.py"
    ONE = 3
    ```

    Fails `tests/test_sums.py::test_add`: `x`.
"""
LINKED = "# Table\n\n[`CA-001`](sums.md)\n"
ADD = "tests/test_sums.py::test_add"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a guide of a page, of one that builds on it, of one that refers to that, and of one without anything."""
    (tmp_path / "docs").mkdir()
    for name, text in {"base": BASE, "sums": PAGE, "table": LINKED, "words": "# Words\n"}.items():
        (tmp_path / f"docs/{name}.md").write_text(text, encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def projects(settings: Settings) -> dict[str, Project]:
    """Give the projects of its pages."""
    return assemble(read_guide(settings))


def test_versions(projects: dict[str, Project]) -> None:
    """Python's, pytest's and that of all that is declared and installed, by name."""
    known = {"pytest": metadata.version("pytest"), "python": platform.python_version()}

    assert list(known.items()) == list(versions({}).items())
    assert [("flask-login", metadata.version("flask-login")), *known.items()] == list(versions(projects).items())


def test_the_hash_is_of_all_a_proof_depends_on(settings: Settings, projects: dict[str, Project]) -> None:
    """Versions, files, the page and what was read of it, what stands beside it, and the engine but for what shows."""
    project = projects["sums"]
    package = Path(mdproof.__file__).parent
    shows = {package / "show", package / "mutate", package / "command.py", package / "check.py"}
    parts = [path for path in sorted(package.rglob("*.py")) if not shows & {path, *path.parents}]
    engine = hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()
    read = repr([project.page.blocks, project.page.rules, project.page.counterexamples])

    outside = []
    for path in ("tests/guide/test_sums.py", "uv.lock", "pyproject.toml"):
        (settings.root / path).parent.mkdir(parents=True, exist_ok=True)
        (settings.root / path).write_text(f"# ä {path}\n", encoding="utf-8")
        outside.append(f"# ä {path}\n")
        parts_of = [versions({"": project}), project.texts, project.page.text, read, outside, engine]
        expected = hashlib.sha256(json.dumps(parts_of, sort_keys=True).encode()).hexdigest()
        assert expected == page_hash(settings, project)
        assert expected == page_hash(settings, replace(project, files=dict(reversed(project.files.items()))))


def test_the_digest_is_of_a_text_as_it_is_stored() -> None:
    """As the site takes it: SHA-256 of UTF-8."""
    assert hashlib.sha256("ä".encode()).hexdigest() == digest("ä")


def exercise_of(project: Project) -> Exercise:
    """Give an exercise of the page in which all ran."""
    first, second = project.page.counterexamples
    outcomes = {
        ADD: Outcome(ADD, "passed", seconds=1.23456),
        "block-4": Outcome("block-4", "failed"),
        "block-3": Outcome("block-3", "passed"),
    }
    caught = {second.number: Caught(second, (), "", ()), first.number: Caught(first, (ADD, "block-4"), "ä said", ())}
    return Exercise(project, tuple(outcomes), (), outcomes, caught)


def judgement_of(project: Project, *faults: Fault) -> Judgement:
    """Give what was judged of it."""
    measured = Measured(
        statements={"src/more.py": (1, 2)},
        missing={"src/more.py": (2,)},
        contexts={"src/more.py": {1: (ADD, "block-3")}},
        opened={"src/told.txt": (ADD,)},
    )
    return Judgement(faults, {ADD: 2, "block-4": 3}, Credit(project, measured, [ADD]))


def test_a_record(settings: Settings, projects: dict[str, Project]) -> None:
    """It says of each block, rule, Don't and test what is known of it."""
    project = projects["sums"]
    place = Place("docs/sums.md", 7)

    assert {
        "page": "docs/sums.md",
        "title": "Süms",
        "builds_on": ["base"],
        "project": "snippets/sums",
        "hash": page_hash(settings, project),
        "text": digest(project.page.text),
        "proven": False,
        "blocks": [
            {"number": 1, "place": "docs/sums.md:15", "role": "dependencies", "path": None, "tests": ["proof"]},
            {
                "number": 2,
                "place": "docs/sums.md:19",
                "role": "file",
                "path": "src/more.py",
                "lines_total": 2,
                "lines_run": 1,
                "tests": ["block-3", ADD],
            },
            {"number": 3, "place": "docs/sums.md:24", "role": "demonstration", "path": None, "tests": ["block-3"]},
            {"number": 4, "place": "docs/sums.md:28", "role": "console", "path": None, "tests": ["block-4"]},
            {
                "number": 5,
                "place": "docs/sums.md:33",
                "role": "file",
                "path": "src/told.txt",
                "lines_total": 1,
                "lines_run": 1,
                "tests": [ADD],
            },
            {"number": 6, "place": "docs/sums.md:37", "role": "layout", "path": None, "tests": ["proof"]},
            {"number": 7, "place": "docs/sums.md:45", "role": "counterexample", "path": None, "tests": [ADD, "block-4"]},
            {"number": 8, "place": "docs/sums.md:55", "role": "counterexample", "path": "src/more.py", "tests": ["dont-2"]},
        ],
        "rules": [{"id": "CA-001", "title": "Add", "level": "MUST", "place": "docs/sums.md:7", "tests": [ADD]}],
        "counterexamples": [
            {"title": "Don't ä", "place": "docs/sums.md:41", "caught_by": [ADD, "block-4"], "message": "ä said"},
            {"title": "Don't either", "place": "docs/sums.md:51", "caught_by": [], "message": ""},
        ],
        "tests": [
            {"id": ADD, "outcome": "passed", "seconds": 1.235, "assertions": 2},
            {"id": "block-4", "outcome": "failed", "seconds": 0.0, "assertions": 3},
            {"id": "block-3", "outcome": "passed", "seconds": 0.0, "assertions": 0},
        ],
        "faults": ["docs/sums.md:7: wrong."],
    } == record(settings, exercise_of(project), judgement_of(project, Fault(place, "wrong.")))


def test_a_record_of_a_page_that_is_proven(settings: Settings, projects: dict[str, Project]) -> None:
    """Nothing is wrong, and nothing is left to run."""
    project = projects["sums"]
    exercise, judgement = exercise_of(project), judgement_of(project)

    proven = record(settings, exercise, judgement)["proven"]
    exercise.caught.popitem()

    assert [True, False] == [proven, record(settings, exercise, judgement)["proven"]]


def test_a_record_of_a_page_without_a_project(settings: Settings, projects: dict[str, Project]) -> None:
    """It has no folder."""
    words = projects["words"]

    assert record(settings, Exercise(words, (), ()), Judgement((), {}, Credit(words, Measured(), [])))["project"] is None


def test_a_proof_is_a_file_that_reads_well(settings: Settings) -> None:
    """A line each value, in letters as they are; nothing else is left there."""
    write_proof(settings, "part/sums", {"title": "old"})
    write_proof(settings, "part/sums", {"title": "ä", "proven": True})

    path = settings.root / "build/proof/part/sums.json"
    assert path == proof_path(settings, "part/sums")
    assert '{\n "title": "ä",\n "proven": true\n}\n' == path.read_text(encoding="utf-8")
    assert {"title": "ä", "proven": True} == read_proof(settings, "part/sums")
    assert [path] == list(path.parent.iterdir())


def test_a_proof_with_what_is_no_text(settings: Settings) -> None:
    """A test may say what UTF-8 cannot; it is read as it was said."""
    write_proof(settings, "sums", {"message": "\udce4"})

    assert {"message": "\udce4"} == read_proof(settings, "sums")


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"title": ', b'{"title": "\xff"}'])
def test_a_proof_that_cannot_be_read(content: bytes, settings: Settings) -> None:
    """It is no proof."""
    assert read_proof(settings, "sums") is None
    write_proof(settings, "sums", {})
    proof_path(settings, "sums").write_bytes(content)

    assert read_proof(settings, "sums") is None


@pytest.mark.parametrize(("blocked", "reason"), [("build", "Not a directory"), ("build/proof/sums.json", "Is a directory")])
def test_a_proof_that_cannot_be_written(blocked: str, reason: str, settings: Settings) -> None:
    """It is said why, and nothing is left of it."""
    path = settings.root / blocked
    if path.suffix:
        path.mkdir(parents=True)
    else:
        path.touch()

    with pytest.raises(Refused) as refused:
        write_proof(settings, "sums", {})

    told = settings.root / "build/proof/sums.json"
    assert [f"{told}:1: it could not be written: {reason}. Make room, or allow writing there."] == [str(f) for f in refused.value.faults]
    assert [path] == list(path.parent.glob(".*")) + list(path.parent.glob(path.name))


@pytest.mark.parametrize(
    ("changed", "holds"), [({}, True), ({"proven": False}, False), ({"hash": "another"}, False), ({"proven": None, "hash": None}, False)]
)
def test_a_proof_stands(changed: dict[str, Any], holds: bool, settings: Settings, projects: dict[str, Project]) -> None:  # noqa: FBT001 - a table
    """It says yes, and of the page as it is."""
    project = projects["sums"]
    assert not stands(settings, project)
    proof = {"proven": True, "hash": page_hash(settings, project)} | changed
    write_proof(settings, "sums", {key: value for key, value in proof.items() if value is not None})

    assert holds is stands(settings, project)


def unproven(settings: Settings, project: Project) -> dict[str, Any]:
    """Give what the union says of a page that was not proven."""
    path = project.page.path
    return {
        "page": path,
        "project": None,
        "hash": page_hash(settings, project),
        "text": digest(project.page.text),
        "proven": False,
        "faults": [f"{path}:1: this page was not proven. Run `python -m mdproof prove {path}`."],
        "blocks": [],
        "rules": [],
        "counterexamples": [],
        "tests": [],
        "name": project.page.name,
        "mutation": None,
    }


def test_the_union_of_proofs(settings: Settings, projects: dict[str, Project]) -> None:
    """A proof that is missing or stale proves nothing, nor does one that refers to such a page."""
    for name in ("base", "table"):
        write_proof(settings, name, {"proven": True, "hash": page_hash(settings, projects[name]), "faults": ["ä"]})
    write_proof(settings, "sums", {"proven": True, "hash": "old", "faults": []})
    score = {"hash": source_hash(settings, projects["base"]), "mutants": 1, "justified": 0, "killed": 1}
    write_score(settings, projects, "base", score)
    alike = {"proven": True, "mutation": None}
    faulty = "docs/table.md:3: CA-001 is on the page sums, which is not proven. Prove that first."

    assert {"base": True, "sums": False, "table": False, "words": False} == write_union(settings, projects)
    union = json.loads((settings.root / "build/proof.json").read_text(encoding="utf-8"))
    assert ["versions", "pages"] == list(union)
    assert versions(projects) == union["versions"]
    assert [
        alike
        | {"name": "base", "hash": page_hash(settings, projects["base"]), "faults": ["ä"]}
        | {"mutation": {**score, "percent": 100, "stale": False}},
        unproven(settings, projects["sums"]),
        alike | {"name": "table", "hash": page_hash(settings, projects["table"]), "proven": False, "faults": ["ä", faulty]},
        unproven(settings, projects["words"]),
    ] == union["pages"]


def test_a_union_of_pages_that_are_proven(settings: Settings, projects: dict[str, Project]) -> None:
    """What refers to a proven page is proven."""
    for name, project in projects.items():
        write_proof(settings, name, {"proven": True, "hash": page_hash(settings, project), "faults": []})

    assert dict.fromkeys(projects, True) == write_union(settings, projects)
