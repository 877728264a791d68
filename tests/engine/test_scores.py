"""The record of scores: what is in it, and when it no longer holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.fault import Place
from mdproof.model import Rule
from mdproof.proof.scores import is_complete, percent, read_scores, scores_path, shown, source_hash, stands, write_score
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

PAGE = """\
# Sums

```text title="src/told.txt"
ä
```

```console
$ echo one
one
```
"""
RULE = Rule("CA-001", "Add", "MUST", Place("docs/sums.md", 1), (3, 9), ("tests/test_sums.py::test_add",))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a guide of one page."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(PAGE, encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def project(settings: Settings) -> Project:
    """Give the page's project, with a rule."""
    project = assemble(read_guide(settings))["sums"]
    return replace(project, page=replace(project.page, rules=(RULE,)))


def test_the_record_is_a_file_that_reads_well(settings: Settings, project: Project) -> None:
    """Pages are in order, a line each value; what is written is what is read, and stays unless its page goes."""
    assert {} == read_scores(settings)

    for name, mutants in (("b", 2), ("gone", 1), ("a", 1), ("a", 3)):
        pages = dict.fromkeys(("a", "b", name), project)
        write_score(settings, pages, name, {"mutants": mutants})

    assert settings.root / "tests/mutation/scores.json" == scores_path(settings)
    expected = '{\n "a": {\n  "mutants": 3\n },\n "b": {\n  "mutants": 2\n }\n}\n'
    assert expected == scores_path(settings).read_text(encoding="utf-8")
    assert {"a": {"mutants": 3}, "b": {"mutants": 2}} == read_scores(settings)
    assert ["scores.json"] == [path.name for path in scores_path(settings).parent.iterdir()]


def test_the_hash_is_of_all_a_score_depends_on(settings: Settings, project: Project) -> None:
    """The files, the length of a rule's section, the steps and the deeper tests; not where on the page all that is."""
    deeper = settings.deeper_tests("sums")
    deeper.parent.mkdir(parents=True)
    parts: list[Any] = [project.texts, [("CA-001", 6, RULE.tests)], ["$ echo one\none"], ""]
    hashes = []
    for text in ("", '"""Ä."""\n'):
        deeper.write_text(text, encoding="utf-8")
        hashes.append(hashlib.sha256(json.dumps([*parts[:3], text], sort_keys=True).encode()).hexdigest())
        assert hashes[-1] == source_hash(settings, project)
    deeper.unlink()

    assert hashes[0] == source_hash(settings, project)
    backwards = replace(project, files=dict(reversed(project.files.items())))
    assert hashes[0] == source_hash(settings, backwards)
    assert [True, False, False] == [stands(settings, one, project) for one in ({"hash": hashes[0]}, {"hash": hashes[1]}, None)]


@pytest.mark.parametrize(
    ("survived", "noticed", "complete"), [(0, ["a", "b"], True), (0, [], True), (1, ["a"], False), (0, ["a", ""], False)]
)
def test_a_page_is_done_when_nothing_is_left(survived: int, noticed: list[str], complete: bool) -> None:  # noqa: FBT001 - a table
    """Neither a mutant, nor a rule that nobody saw broken."""
    rules = {f"CA-00{n}": {"noticed": by} for n, by in enumerate(noticed)}

    assert complete == is_complete({"survived": survived, "rules": rules})


@pytest.mark.parametrize(
    ("mutants", "justified", "killed", "share"),
    [(20, 0, 18, 90), (20, 2, 18, 100), (3, 0, 2, 200 / 3), (0, 0, 0, 100), (1, 0, 0, 0)],
)
def test_the_share_is_of_what_can_be_killed(mutants: int, justified: int, killed: int, share: float) -> None:
    """What is justified counts neither way; where nothing can be killed, all is."""
    assert share == percent({"mutants": mutants, "justified": justified, "killed": killed})


def test_what_the_site_says_of_a_score(settings: Settings, project: Project) -> None:
    """Whole percents, never rounded up, and whether the page is still the same."""
    score = {"hash": source_hash(settings, project), "mutants": 3, "justified": 0, "killed": 2}

    assert shown(settings, {}, project) is None
    assert {**score, "percent": 66, "stale": False} == shown(settings, {"sums": score}, project)
    assert {**score, "hash": "", "percent": 66, "stale": True} == shown(settings, {"sums": score | {"hash": ""}}, project)
