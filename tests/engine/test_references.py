"""Links to what other pages prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.proof.references import unfounded, unproven
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

LINKED = """\
# Sums

```python title="tests/test_sums.py"
def test_add() -> None: ...
```

```text title="tests/told.txt"
def test_told() -> None: ...
```
"""
NAMES = ("tests/test_sums.py::test_add", "tests/guide/test_sums.py::test_deep", "tests/test_sums.py::test_sub", "tests/told.txt::test_told")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a guide of a page with tests, deeper tests, and a page that links to all there might be."""
    links = [f"[`{name}`](../part/sums.md)\n" for name in NAMES]
    for path, text in {
        "docs/part/sums.md": LINKED,
        "docs/other/tells.md": "# Tells\n\n" + "\n".join(links),
        "tests/guide/part/test_sums.py": 'def test_deep() -> None:\n    """Add ä."""\n',
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def projects(settings: Settings) -> dict[str, Project]:
    """Give the projects of its pages."""
    return assemble(read_guide(settings))


def test_a_link_leads_to_a_test(settings: Settings, projects: dict[str, Project]) -> None:
    """A test of the page and one of its deeper tests are there; what pytest does not collect is not."""
    said = "docs/part/sums.md has no {!r}. Mind the spelling, or link what proves it."

    assert [
        f"docs/other/tells.md:7: {said.format(NAMES[2])}",
        f"docs/other/tells.md:9: {said.format(NAMES[3])}",
    ] == [str(fault) for fault in unfounded(settings, projects)]


def test_a_link_leads_to_a_page(settings: Settings, projects: dict[str, Project]) -> None:
    """A page that is not there is named as it would be."""
    del projects["part/sums"]

    first, *others = (str(fault) for fault in unfounded(settings, projects))

    assert f"docs/other/tells.md:3: docs/part/sums.md has no {NAMES[0]!r}. Mind the spelling, or link what proves it." == first
    assert 3 == len(others)


@pytest.mark.parametrize("proven", [{}, {"part/sums": False}])
def test_a_link_leads_to_a_proof(projects: dict[str, Project], proven: dict[str, bool]) -> None:
    """A page whose proof is missing or says no proves nothing of what is linked there."""
    page = projects["other/tells"].page

    first, *others = (str(fault) for fault in unproven(page, proven))

    assert f"docs/other/tells.md:3: {NAMES[0]} is on the page part/sums, which is not proven. Prove that first." == first
    assert 3 == len(others)
    assert [] == list(unproven(page, {"part/sums": True}))
