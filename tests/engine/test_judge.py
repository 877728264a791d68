"""What keeps a page from being proven, said of runs that are written down here instead of run."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from mdproof.assemble.dependencies import Dependency
from mdproof.assemble.project import assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import Caught
from mdproof.fault import Fault, Place, Refused
from mdproof.proof.judge import NOT_RUN, judge, place_of
from mdproof.proof.record import digest, page_hash, proof_path, read_proof, record, stands, versions, write_proof, write_union
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

PAGE = '''\
# Sums

## Add

!!! must "CA-001 Add"

    Numbers, and no words.

    Except: for fun.

    Proven by `tests/test_sums.py::test_add`.

```python title="src/calc/__init__.py"
"""Sums, in €."""


def add(a: int, b: int) -> int:
    """Add."""
    return a + b
```

!!! failure "Don't subtract"

    It is less.

    ```python
    def add(a: int, b: int) -> int:
        """Add."""
        return a - b
    ```

    Fails `tests/test_sums.py::test_add`: `assert 3 == -1`.

## Tell

```python title="tests/test_sums.py"
from calc import add


def test_add() -> None:
    assert 3 == add(1, 2)


class TestMore:
    async def test_zero(self) -> None:
        assert 1 == add(1, 0)
```

```text title="src/calc/told.txt"
The sum is €
```

```python
from calc import add

assert 4 == add(2, 2)
```

```console
$ echo one
one
```

```text title="Project layout"
calc-shop/
├── README.md
├── pyproject.toml
├── src/
│   └── calc/
│       ├── __init__.py
│       └── told.txt
└── tests/
    └── test_sums.py
```
'''
DEEPER = '''\
"""Ä."""

from calc import add


def test_far() -> None:
    """Far."""
    assert 5 == add(2, 3)
'''
CODE, TESTS, TOLD = "src/calc/__init__.py", "tests/test_sums.py", "src/calc/told.txt"
ADD, ZERO, FAR = f"{TESTS}::test_add", f"{TESTS}::TestMore::test_zero", "tests/guide/test_sums.py::test_far"
SHOWN, SAID = "block-5", "block-6"
ITEMS = (ADD, ZERO, FAR, SHOWN, SAID)
MEASURED = Measured(
    statements={CODE: (4, 6), TESTS: (1, 4, 5, 8, 9, 10)},
    missing={CODE: (), TESTS: ()},
    contexts={
        CODE: {4: ("",), 6: (ADD, ZERO, SHOWN)},
        TESTS: {1: ("",), 4: ("",), 5: (ADD,), 8: ("",), 9: ("",), 10: (ZERO,)},
        "tests/guide/test_sums.py": {8: (FAR,)},
        "tests/sums.md": {54: (SHOWN,), 56: (SHOWN,)},
    },
    opened={TOLD: (ADD,)},
    compared={SAID: 1},
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a guide of one page, with a deeper test."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(PAGE, encoding="utf-8")
    settings = load_settings(tmp_path)
    deeper = settings.deeper_tests("sums")
    deeper.parent.mkdir(parents=True)
    deeper.write_text(DEEPER, encoding="utf-8")
    return settings


@pytest.fixture
def exercise(settings: Settings) -> Exercise:
    """Give a run in which all of it held."""
    project = assemble(read_guide(settings))["sums"]
    (box,) = project.page.counterexamples
    outcomes = {test: Outcome(test, "passed", seconds=0.12345) for test in ITEMS}
    caught = {box.number: Caught(box, (ADD,), "assert 3 == -1", ())}
    return Exercise(project, ITEMS, (), outcomes, caught, MEASURED)


def test_a_page_that_holds(settings: Settings, exercise: Exercise) -> None:
    """It has no fault, and each test its assertions: in its file, in its deeper file, on the page, in a comparison."""
    judgement = judge(settings, exercise)

    assert ((), dict.fromkeys(ITEMS, 1)) == (judgement.faults, judgement.assertions)


Change = Callable[[Exercise], Exercise]


def outcome(**how: object) -> Change:
    """Give a run whose first test ended otherwise."""
    return lambda e: replace(e, outcomes=e.outcomes | {ADD: Outcome(ADD, **{"outcome": "failed", **how})})  # type: ignore[arg-type]


def measured(**what: object) -> Change:
    """Give a run in which something else was measured."""
    return lambda e: replace(e, measured=replace(MEASURED, **what))  # type: ignore[arg-type]


NOT_PROVEN = f"docs/sums.md:5: CA-001 is not proven, for {ADD} failed."
ASSERT = "passed without executing an assertion, so it proves nothing. Assert what it is about."


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (outcome(message="assert 3 == 4"), [NOT_PROVEN, f"docs/sums.md:40: {ADD} failed: assert 3 == 4"]),
        (outcome(message="no", place=("docs/sums.md", 19)), [NOT_PROVEN, f"docs/sums.md:19: {ADD} failed: no"]),
        (outcome(place=("tests/guide/test_sums.py", 6)), [f"docs/sums.md:1: tests/guide/test_sums.py:6: {ADD} failed", NOT_PROVEN]),
        (outcome(outcome="skipped"), [NOT_PROVEN, f"docs/sums.md:40: {ADD} is skipped, and a skipped test proves nothing"]),
        (outcome(outcome="hung", message="2 s"), [NOT_PROVEN, f"docs/sums.md:40: {ADD} hung: 2 s"]),
        (outcome(outcome="died"), [NOT_PROVEN, f"docs/sums.md:40: {ADD} died"]),
        (outcome(outcome="died", message=f"{NOT_RUN}so"), []),
        (
            lambda e: replace(e, measured=None),
            ["docs/sums.md:1: the page's process ended before it said what ran. Let it come to its end."],
        ),
        (
            lambda e: replace(e, broken=(Outcome(TESTS, "failed", message="no module"),), items=(), outcomes={}, measured=None),
            [f"docs/sums.md:37: {TESTS} failed: no module"],
        ),
        (
            lambda e: replace(e, items=(), outcomes={}),
            ['docs/sums.md:13: this page has blocks and not a single test. Add one: ```python title="tests/test_x.py".'],
        ),
        (
            lambda e: replace(e, items=(ADD, SHOWN, SAID)),
            [
                f"docs/sums.md:1: tests/guide/test_sums.py:6: {FAR} is not collected, so it proves nothing. Let pytest find it.",
                f"docs/sums.md:45: {ZERO} is not collected, so it proves nothing. Let pytest find it.",
            ],
        ),
        (measured(contexts=MEASURED.contexts | {TESTS: {10: (ZERO,)}}), [f"docs/sums.md:40: {ADD} {ASSERT}"]),
        (
            measured(contexts=MEASURED.contexts | {"tests/guide/test_sums.py": {6: (FAR,)}}),
            [f"docs/sums.md:1: tests/guide/test_sums.py:6: {FAR} {ASSERT}"],
        ),
        (measured(contexts=MEASURED.contexts | {"tests/sums.md": {54: (SHOWN,), 57: (SHOWN,)}}), [f"docs/sums.md:53: {SHOWN} {ASSERT}"]),
        (measured(compared={SAID: 0}), [f"docs/sums.md:59: {SAID} {ASSERT}"]),
        (measured(missing={CODE: (6,)}), [f"docs/sums.md:19: no test runs this line of {CODE}. Test it, or delete it."]),
        (
            measured(partial={CODE: ((6, 7),)}),
            [f"docs/sums.md:19: a branch of this line of {CODE} is taken by no test. Test it, or simplify the line."],
        ),
        (measured(opened={}), [f"docs/sums.md:49: nothing imports or opens {TOLD} in a test. Use it, or drop the block."]),
        (
            measured(contexts=MEASURED.contexts | {CODE: {6: (ZERO, SHOWN)}}),
            [f"docs/sums.md:5: {ADD} runs no line of the section that CA-001 speaks of. Name a test that does."],
        ),
    ],
)
def test_what_keeps_a_page_from_being_proven(settings: Settings, exercise: Exercise, change: Change, expected: list[str]) -> None:
    """Each with its place, in the order of the lines."""
    assert expected == [str(fault) for fault in judge(settings, change(exercise)).faults]


def test_what_comes_beside(settings: Settings, exercise: Exercise) -> None:
    """A Don't that does not count, a tree that lacks a file, and what is declared for nothing, all at once."""
    fault = Fault(Place("docs/sums.md", 22), "it passes.")
    (box,) = exercise.caught.values()
    spoilt = replace(exercise, caught={1: replace(box, faults=(fault,))})
    (settings.root / "docs/sums.md").write_text(PAGE.replace("│       └── told.txt\n", ""), encoding="utf-8")
    project = assemble(read_guide(settings))["sums"]

    faults = judge(settings, replace(spoilt, project=project)).faults

    assert ["docs/sums.md:22: it passes.", "docs/sums.md:64: the tree lacks src/calc/told.txt. Draw it."] == [str(f) for f in faults]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (ADD, 40),
        (f"{ADD}[1-2]", 40),
        (ZERO, 45),
        (SHOWN, 53),
        ("block-6-stop", 59),
        ("block-99", 1),
        (f"{TESTS}::test_unknown", 37),
        ("tests/test_unknown.py::test_x", 1),
    ],
)
def test_the_place_of_a_test(exercise: Exercise, test: str, expected: int) -> None:
    """Its definition, or its block; where there is neither, the page."""
    assert Place("docs/sums.md", expected) == place_of(exercise.project, test)


def test_the_record_of_a_page(settings: Settings, exercise: Exercise) -> None:
    """All that the site shows of it, and the hash of what it depends on."""
    lines = {"lines_total": 2, "lines_run": 2, "tests": [ADD, ZERO, SHOWN]}

    found = record(settings, exercise, judge(settings, exercise))

    assert {
        "page": "docs/sums.md",
        "title": "Sums",
        "builds_on": [],
        "project": "snippets/sums",
        "hash": page_hash(settings, exercise.project),
        "text": digest(PAGE),
        "proven": True,
        "blocks": [
            {"number": 1, "place": "docs/sums.md:13", "role": "file", "path": CODE} | lines | {"tests": sorted(lines["tests"])},  # type: ignore[call-overload]
            {"number": 2, "place": "docs/sums.md:26", "role": "counterexample", "path": None, "tests": [ADD]},
            {
                "number": 3,
                "place": "docs/sums.md:36",
                "role": "test",
                "path": TESTS,
                "lines_total": 6,
                "lines_run": 6,
                "tests": sorted([ADD, ZERO]),
            },
            {"number": 4, "place": "docs/sums.md:49", "role": "file", "path": TOLD, "lines_total": 1, "lines_run": 1, "tests": [ADD]},
            {"number": 5, "place": "docs/sums.md:53", "role": "demonstration", "path": None, "tests": [SHOWN]},
            {"number": 6, "place": "docs/sums.md:59", "role": "console", "path": None, "tests": [SAID]},
            {"number": 7, "place": "docs/sums.md:64", "role": "layout", "path": None, "tests": ["proof"]},
        ],
        "rules": [{"id": "CA-001", "title": "Add", "level": "MUST", "place": "docs/sums.md:5", "tests": [ADD]}],
        "counterexamples": [{"title": "Don't subtract", "place": "docs/sums.md:22", "caught_by": [ADD], "message": "assert 3 == -1"}],
        "tests": [{"id": test, "outcome": "passed", "seconds": 0.123, "assertions": 1} for test in ITEMS],
        "faults": [],
    } == found


def test_a_proof_is_a_file_and_stands_while_nothing_changes(settings: Settings, exercise: Exercise) -> None:
    """It is written whole, and as it reads."""
    assert (None, False) == (read_proof(settings, "sums"), stands(settings, exercise.project))
    proof = record(settings, exercise, judge(settings, exercise))

    write_proof(settings, "sums", proof)

    path = settings.root / "build/proof/sums.json"
    assert path == proof_path(settings, "sums")
    assert json.dumps(proof, indent=1, ensure_ascii=False) + "\n" == path.read_text(encoding="utf-8")
    assert [path] == list(path.parent.iterdir())
    assert stands(settings, exercise.project)
    write_proof(settings, "sums", proof | {"proven": False})
    assert not stands(settings, exercise.project)
    for damaged in ("[]", "{"):
        path.write_text(damaged, encoding="utf-8")
        assert read_proof(settings, "sums") is None


def test_the_union_of_the_proofs(settings: Settings, exercise: Exercise) -> None:
    """Every page as it stands: proven, or not yet, or changed since."""
    project = exercise.project
    nothing: dict[str, list[str]] = {key: [] for key in ("blocks", "rules", "counterexamples", "tests")}
    state = {"page": "docs/sums.md", "project": None, "hash": page_hash(settings, project), "text": digest(PAGE), "proven": False}
    why = "docs/sums.md:1: this page was not proven. Run `python -m mdproof prove docs/sums.md`."
    unproven = state | {"faults": [why]} | nothing | {"name": "sums", "mutation": None}
    union = settings.root / "build/proof.json"

    assert {"sums": False} == write_union(settings, {"sums": project})
    assert {"versions": versions({"sums": project}), "pages": [unproven]} == json.loads(union.read_text(encoding="utf-8"))

    proof = record(settings, exercise, judge(settings, exercise))
    write_proof(settings, "sums", proof)
    assert {"sums": True} == write_union(settings, {"sums": project})
    assert [proof | {"name": "sums", "mutation": None}] == json.loads(union.read_text(encoding="utf-8"))["pages"]

    (settings.root / "uv.lock").write_text("", encoding="utf-8")
    assert {"sums": False} == write_union(settings, {"sums": project})


def test_the_versions_of_a_proof(exercise: Exercise) -> None:
    """Python's, pytest's, and those of what the pages declare, by name; what is not installed has none."""
    wanted = [Dependency(name, development=False, place=Place("docs/sums.md", 1)) for name in ("rich", "no-such-package", "coverage")]
    project = replace(exercise.project, dependencies=tuple(wanted))

    found = versions({"sums": project})

    assert ["coverage", "pytest", "python", "rich"] == list(found)
    assert (platform.python_version(), metadata.version("rich")) == (found["python"], found["rich"])


def test_no_room_for_a_proof_is_said(settings: Settings) -> None:
    """With the file, and what to do."""
    (settings.root / "build").write_text("", encoding="utf-8")

    with pytest.raises(Refused) as refused:
        write_proof(settings, "sums", {})

    path = settings.root / "build/proof/sums.json"
    assert f"{path}:1: it could not be written: Not a directory. Make room, or allow writing there." == str(refused.value)
