"""What is judged of runs that went wrong in one thing: its words, its places, its order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import Caught
from mdproof.fault import Fault, Place
from mdproof.proof.judge import fault_of, judge, place_of
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

PAGE = '''\
# Sums

## Add

!!! must "CA-001 Add with a function"

    Because.

    Without exception.

    Proven by `tests/test_sums.py::test_add`, and by `tests/test_sums.py::TestMore::test_zero`.

```python title="src/calc.py"
"""Add ä."""


def add(a: int, b: int) -> int:
    """Add."""
    return a + b if a else b
```

## Tests

```python title="tests/test_sums.py"
from calc import add


def test_add_more() -> None:
    assert add(2, 3) == 5
    assert add(0, 3) == 3


def test_add(a: int) -> None:
    assert add(a, 1) == a + 1


class TestMore:
    async def test_zero(self) -> None:
        assert add(0, 0) == 0
```

```python title="tests/helper.py"
def test_helper(thing) -> None:
    assert thing
```

```text title="tests/test_told.txt"
no Python, and no test
```

```python
from calc import add

assert add(1, 1) == 2
```

```console
$ echo one
one
```

!!! failure "Don't subtract"

    Bad.

    ```python
    def add(a: int, b: int) -> int:
        """Add."""
        return a - b
    ```

    Fails `tests/test_sums.py::test_add`: `assert 0 == 2`.
'''
TREE = """
```text title="Project layout"
sums/
├── src/
│   └── calc.py
├── tests/
│   ├── helper.py
│   ├── test_sums.py
│   └── test_told.txt
├── README.md
└── more.py
```
"""
DEEPER = '"""Deeper tests of ä.\f"""\n\n\ndef test_deep() -> None:\n    assert thing\n\n\nclass TestDeep:\n    def test_deeper(self): ...\n'
ADD, MORE, ZERO = (f"tests/test_sums.py::{name}" for name in ("test_add[1]", "test_add_more", "TestMore::test_zero"))
DEEP, DEEPEST = "tests/guide/test_sums.py::test_deep", "tests/guide/test_sums.py::TestDeep::test_deeper"
ITEMS = (ADD, MORE, ZERO, "block-5", "block-6")
MEASURED: dict[str, Any] = {
    "statements": {"src/calc.py": (4, 6), "tests/test_sums.py": (1, 4, 5, 6, 9, 10, 13, 14, 15), "tests/helper.py": (1, 2)},
    "contexts": {
        "src/calc.py": {4: ("",), 6: (ADD, MORE, ZERO, "block-5")},
        "tests/test_sums.py": {**dict.fromkeys((1, 4, 9, 13, 14), ("",)), 5: (MORE,), 6: (MORE,), 10: (ADD,), 15: (ZERO,)},
        "tests/helper.py": {1: (ADD,), 2: (ADD, "block-5")},
        "tests/sums.md": {52: ("block-5",), 54: ("block-5",)},
    },
    "opened": {"tests/test_told.txt": (ADD,)},
    "compared": {"block-6": 3},
}


def faults(settings: Settings, exercise: Exercise) -> list[str]:
    """Give what keeps a page from being proven."""
    return [str(fault) for fault in judge(settings, exercise).faults]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give a guide of one page."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(PAGE, encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def project(settings: Settings) -> Project:
    """Give the project of the page."""
    return assemble(read_guide(settings))["sums"]


@pytest.fixture
def deeper(settings: Settings) -> Path:
    """Give the file of the page's deeper tests."""
    path = settings.deeper_tests("sums")
    path.parent.mkdir(parents=True)
    path.write_text(DEEPER, encoding="utf-8")
    return path


def ran(project: Project, *others: Outcome, without: str = "", **measured: Any) -> Exercise:
    """Give an exercise in which all went well that is not told."""
    items = dict.fromkeys(i for i in (*ITEMS, *(o.id for o in others)) if i != without)
    outcomes = {i: Outcome(i, "passed") for i in items} | {o.id: o for o in others}
    return Exercise(project, tuple(items), (), outcomes, {}, Measured(**{**MEASURED, **measured}))


def test_a_page_that_is_proven(settings: Settings, project: Project) -> None:
    """The assertions that a test executed count, wherever they are; so do comparisons, and the end of a server."""
    judgement = judge(settings, ran(project, Outcome("block-6-stop", "passed")))

    assert () == judgement.faults
    assert [(ADD, 2), (MORE, 2), (ZERO, 1), ("block-5", 2), ("block-6", 3), ("block-6-stop", 1)] == list(judgement.assertions.items())


def test_a_demonstration_that_is_not_collected(settings: Settings, project: Project) -> None:
    """What was not run has no assertions to be counted."""
    judgement = judge(settings, ran(project, without="block-5"))

    assert "block-5" not in judgement.assertions


def test_tests_without_an_assertion(settings: Settings, project: Project, deeper: Path) -> None:
    """Each is named at its own line, or that of its file; a deeper one has the page before it."""
    said = "passed without executing an assertion, so it proves nothing. Assert what it is about."
    further = (Outcome(f"{DEEP}[a::b]", "passed"), Outcome(f"{DEEPEST}[c[d]]", "passed"), Outcome(f"{DEEPEST}_still", "passed"))

    assert [
        f"docs/sums.md:1: tests/guide/test_sums.py:1: {DEEPEST}_still {said}",
        f"docs/sums.md:1: tests/guide/test_sums.py:4: {DEEP}[a::b] {said}",
        f"docs/sums.md:1: tests/guide/test_sums.py:9: {DEEPEST}[c[d]] {said}",
        f"docs/sums.md:28: {MORE} {said}",
        f"docs/sums.md:33: {ADD} {said}",
        f"docs/sums.md:38: {ZERO} {said}",
        f"docs/sums.md:51: block-5 {said}",
        f"docs/sums.md:57: block-6 {said}",
    ] == [f for f in faults(settings, ran(project, *further, contexts={}, compared={"block-6": 0})) if said in f]
    assert deeper.is_file()


@pytest.mark.parametrize("name", ["test_sums.py", "test_more.py"])
def test_a_test_of_the_page_where_deeper_ones_are(name: str, settings: Settings, request: pytest.FixtureRequest) -> None:
    """What the page gives is told at the page."""
    text = f'# Sums\n\n```python title="tests/guide/{name}"\nclass TestIt:\n    def test_it(self): ...\n```\n'
    (settings.root / "docs/sums.md").write_text(text, encoding="utf-8")
    if name == "test_more.py":
        request.getfixturevalue("deeper").write_text("def helper(): ...\n", encoding="utf-8")
    test = f"tests/guide/{name}::TestIt::test_it"
    exercise = Exercise(assemble(read_guide(settings))["sums"], (test,), (), {test: Outcome(test, "passed")}, measured=Measured())

    assert f"docs/sums.md:5: {test} passed without" in "".join(faults(settings, exercise))


def test_an_assertion_of_a_deeper_test(settings: Settings, project: Project, deeper: Path) -> None:
    """It counts, at the line it has in the run copy."""
    deeper.write_text(DEEPER.partition("class")[0], encoding="utf-8")
    contexts = {**MEASURED["contexts"], "tests/guide/test_sums.py": {5: (DEEP,)}}

    judgement = judge(settings, ran(project, Outcome(DEEP, "passed"), contexts=contexts))

    assert ((), 1) == (judgement.faults, judgement.assertions[DEEP])


@pytest.mark.parametrize(
    ("test", "line"),
    [
        ("block-5", 51),
        ("block-6-stop", 57),
        ("block-99", 1),
        (MORE, 28),
        (ADD, 33),
        ("tests/test_sums.py::test_add[a::b]", 33),
        ("tests/test_sums.py::test_add[a[b::c]]", 33),
        (ZERO, 38),
        ("tests/test_sums.py::TestMore::test_zero[a]", 38),
        ("tests/test_sums.py::test_gone", 25),
        ("tests/test_sums.py", 25),
        ("tests/test_gone.py::test_add", 1),
    ],
)
def test_the_place_of_a_test(test: str, line: int, project: Project) -> None:
    """It is its definition, else its file, else the page."""
    assert Place("docs/sums.md", line) == place_of(project, test)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(ADD, "failed", message="assert 1 == 2\nmore"), f"docs/sums.md:33: {ADD} failed: assert 1 == 2"),
        (Outcome(ADD, "failed", place=("docs/sums.md", 34)), f"docs/sums.md:34: {ADD} failed"),
        (Outcome(ADD, "hung", message="it hung:"), f"docs/sums.md:33: {ADD} hung: it hung"),
        (Outcome(ADD, "died", message="it died X"), f"docs/sums.md:33: {ADD} died: it died X"),
        (Outcome(ADD, "skipped", message="late"), f"docs/sums.md:33: {ADD} is skipped, and a skipped test proves nothing: late"),
        (Outcome(DEEP, "failed", place=("tests/guide/test_sums.py", 5)), f"docs/sums.md:1: tests/guide/test_sums.py:5: {DEEP} failed"),
    ],
)
def test_a_failure(outcome: Outcome, said: str, project: Project) -> None:
    """It is told where it happened, or where its test is, in the first of its words."""
    assert said == str(fault_of(project, outcome))


def test_failures_end_the_judgement(settings: Settings, project: Project) -> None:
    """Of a page that failed nothing further is said but which rules fell; what did not get its turn is not named."""
    failed = Outcome(ADD, "failed", message="assert 1 == 2")
    waiting = [Outcome(i, "died", message="not run: its process ended") for i in (ZERO, "block-5")]

    judgement = judge(settings, ran(project, failed, *waiting, contexts={}))

    assert [
        f"docs/sums.md:5: CA-001 is not proven, for {ADD} failed.",
        f"docs/sums.md:33: {ADD} failed: assert 1 == 2",
    ] == [str(fault) for fault in judgement.faults]


def test_a_failed_test_gets_no_credit(settings: Settings, project: Project) -> None:
    """It imported the file and does not prove it."""
    failed = judge(settings, ran(project, Outcome(ADD, "failed"), contexts={"src/calc.py": {4: ("",)}}))

    assert (ZERO, MORE) == failed.credit.ran(project.page.files()[0]).tests


@pytest.mark.parametrize("outcome", ["died", "hung", "failed"])
def test_a_process_that_said_nothing(outcome: str, settings: Settings, project: Project) -> None:
    """It is told unless a test says why."""
    exercise = ran(project, Outcome(MORE, outcome))
    exercise.measured = None
    said = "docs/sums.md:1: the page's process ended before it said what ran. Let it come to its end."

    assert [said] * (outcome == "failed") + [f"docs/sums.md:28: {MORE} {outcome}"] == faults(settings, exercise)


def test_what_could_not_be_collected(settings: Settings, project: Project) -> None:
    """It is all that is said."""
    broken = Outcome("tests/test_sums.py", "failed", message="NameError: x")

    assert ["docs/sums.md:25: tests/test_sums.py failed: NameError: x"] == faults(settings, Exercise(project, (), (broken,)))
    assert ["docs/sums.md:25: tests/test_sums.py failed: NameError: x"] == faults(settings, Exercise(project, (ADD,), (broken,)))


def test_a_page_without_tests(settings: Settings, project: Project) -> None:
    """It is told at its first block, and once."""
    assert ['docs/sums.md:13: this page has blocks and not a single test. Add one: ```python title="tests/test_x.py".'] == faults(
        settings, Exercise(project, (), (), measured=Measured())
    )


def test_a_page_without_blocks(settings: Settings) -> None:
    """It has nothing to prove, and nobody who would have said what ran."""
    (settings.root / "docs/sums.md").write_text("# Sums\n", encoding="utf-8")

    assert [] == faults(settings, Exercise(assemble(read_guide(settings))["sums"], (), ()))


def test_tests_that_are_not_collected(settings: Settings, project: Project, deeper: Path) -> None:
    """Each is named at its line, be it on the page or deeper; other files than those of tests may name functions as they like."""
    said = "is not collected, so it proves nothing. Let pytest find it."

    assert [
        f"docs/sums.md:1: tests/guide/test_sums.py:4: {DEEP} {said}",
        f"docs/sums.md:1: tests/guide/test_sums.py:9: {DEEPEST} {said}",
        f"docs/sums.md:33: tests/test_sums.py::test_add {said}",
    ] == faults(settings, ran(project, without=ADD))
    assert deeper.is_file()


def test_lines_that_no_test_runs(settings: Settings, project: Project) -> None:
    """Lines, branches and files are told at the page's line; a file whose lines are told is not told again."""
    measured = {
        "missing": {"src/calc.py": (6,), "tests/helper.py": (1,)},
        "partial": {"src/calc.py": ((4, 6), (4, -1), (6, 4))},
        "contexts": {k: v for k, v in MEASURED["contexts"].items() if k != "tests/helper.py"},
        "opened": {},
    }
    part = faults(settings, ran(project, **measured))

    assert [
        "docs/sums.md:17: a branch of this line of src/calc.py is taken by no test. Test it, or simplify the line.",
        "docs/sums.md:19: no test runs this line of src/calc.py. Test it, or delete it.",
        "docs/sums.md:43: no test runs this line of tests/helper.py. Test it, or delete it.",
        "docs/sums.md:47: nothing imports or opens tests/test_told.txt in a test. Use it, or drop the block.",
    ] == part


@pytest.mark.parametrize(("statements", "told"), [((1, 2), True), ((), False)])
def test_a_module_that_nothing_imports(statements: tuple[int, ...], told: bool, settings: Settings, project: Project) -> None:  # noqa: FBT001 - a table
    """It is told unless it has no lines that run."""
    measured = {
        "statements": {**MEASURED["statements"], "tests/helper.py": statements},
        "contexts": {k: v for k, v in MEASURED["contexts"].items() if k != "tests/helper.py"},
    }
    said = "docs/sums.md:42: nothing imports or opens tests/helper.py in a test. Use it, or drop the block."

    assert [said] * told == faults(settings, ran(project, **measured))


def test_rules_that_name_no_test_of_theirs(settings: Settings, project: Project) -> None:
    """A test must be there and run a line of the rule's section."""
    contexts = {**MEASURED["contexts"], "src/calc.py": {6: (MORE, ADD)}}
    missing = "tests/test_sums.py::TestMore::test_zero"

    assert [f"docs/sums.md:5: {missing} runs no line of the section that CA-001 speaks of. Name a test that does."] == faults(
        settings, ran(project, contexts=contexts)
    )
    (settings.root / "docs/sums.md").write_text(
        PAGE.replace("`tests/test_sums.py::test_add`,", "`tests/test_sums.py::test_ad`,"), encoding="utf-8"
    )
    assert ["docs/sums.md:5: CA-001 names tests/test_sums.py::test_ad, and the project has no such test. Mind the spelling."] == faults(
        settings, ran(assemble(read_guide(settings))["sums"])
    )


def test_what_a_dont_and_a_tree_lack(settings: Settings) -> None:
    """Both are told whatever else is wrong, each fault once, in order of places."""
    (settings.root / "docs/sums.md").write_text(PAGE + TREE, encoding="utf-8")
    project = assemble(read_guide(settings))["sums"]
    (box,) = project.page.counterexamples
    exercise = ran(project, Outcome("block-6", "failed"))
    exercise.caught = {n: Caught(box, (), "", (Fault(box.place, "it passes."), Fault(Place("docs/sums.md", 1), "more."))) for n in (1, 2)}

    assert [
        "docs/sums.md:1: more.",
        "docs/sums.md:57: block-6 failed",
        "docs/sums.md:62: it passes.",
        "docs/sums.md:74: the tree lacks pyproject.toml. Draw it.",
        "docs/sums.md:83: the project has no more.py. Drop it from the tree.",
    ] == faults(settings, exercise)
