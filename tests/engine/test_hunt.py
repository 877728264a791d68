"""Which tests each change of a page is tried with, and what is told of it, without a process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Semaphore
from types import SimpleNamespace
from typing import Any

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.exercise.wrong import Caught
from mdproof.fault import Fault, Place
from mdproof.model import Counterexample, Rule
from mdproof.mutate import hunt, page
from mdproof.mutate.hunt import Hunt
from mdproof.mutate.log import Log
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.mutants import mutants
from mdproof.mutate.page import hunt_page
from mdproof.mutate.verdict import JUSTIFIED, KILLED, SURVIVED, Tie, Verdict
from mdproof.proof import record
from mdproof.proof.memory import remember
from mdproof.proof.scores import read_scores, scores_path
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

FENCE = "```"
PAGE = f"""\
# Sums

{FENCE}text title="src/one.txt"
One.
{FENCE}

{FENCE}text title="src/two.txt"
Two.
{FENCE}

{FENCE}text title="src/three.txt"
Three.
{FENCE}

{FENCE}text title="tests/told.txt"
Told.
{FENCE}

{FENCE}python title="tests/test_sums.py"
SUM = 1
{FENCE}

{FENCE}console
$ ls
{FENCE}
"""
ONE, TWO, THREE, TOLD, STEP = "src/one.txt", "src/two.txt", "src/three.txt", "tests/told.txt", "docs/sums.md"
LINES = {ONE: 3, TWO: 7, THREE: 11, TOLD: 15, STEP: 24}
ADD, MORE, BLOCK = "tests/test_sums.py::TestAdd::test_add[1]", "tests/test_sums.py::test_more", "block-6"
SECONDS = {ADD: 0.25, MORE: 0.5, BLOCK: 0.0}
MEASURED = Measured(widening=(ADD,))
WHAT = "blank: the block"


class Bench:
    """Runs nothing; by what is changed, it knows the tests that go red."""

    asked: list[tuple[str, list[str]]]
    noticed: dict[str, Sequence[str]]
    late: set[str]
    """What is noticed only by who is thorough."""
    closed: list[Bench]

    def __init__(self, *_: object) -> None:
        """Need nothing."""

    def first_red(self, mutant: Mutant, tests: Sequence[str], *, thorough: bool = True, **_: object) -> str:
        """Keep what was asked for; give the first test that is red."""
        self.asked.append((mutant.path, list(tests)))
        red = self.noticed.get(mutant.path, ()) if thorough or mutant.path not in self.late else ()
        return next((test for test in tests if test in red), "")

    def close(self) -> None:
        """Keep that it was closed."""
        self.closed.append(self)


class Zygote:
    """Forks nothing, and tells whether it was closed."""

    def __init__(self, own: Zygote | None = None) -> None:
        """Know the one of the project, which may be itself."""
        self.own = own or self
        self.seconds = 100.0
        self.closed = False

    def of(self, *_: object) -> Zygote:
        """Give the one of the project."""
        return self.own

    def close(self) -> None:
        """Keep that it was closed."""
        self.closed = True


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give the settings of a guide of one page, which is hunted on two processors."""
    monkeypatch.setattr(hunt, "Workbench", Bench)
    monkeypatch.setattr(hunt, "os", SimpleNamespace(cpu_count=lambda: 2))
    monkeypatch.setattr(record, "_engine", str)
    for name, value in (("asked", []), ("noticed", {ONE: [ADD], TWO: [MORE], STEP: [BLOCK]}), ("late", set()), ("closed", [])):
        monkeypatch.setattr(Bench, name, value, raising=False)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(PAGE, encoding="utf-8")
    return load_settings(tmp_path)


def project_of(settings: Settings, **told: object) -> Project:
    """Give the project of the page, which tells some more."""
    project = assemble(read_guide(settings))["sums"]
    return replace(project, page=replace(project.page, **told))


def prove(settings: Settings, project: Project, seconds: dict[str, float]) -> None:
    """Let it be known that tests passed, and how long each took."""
    outcomes = {test: Outcome(test, "passed", seconds=taken) for test, taken in seconds.items()}
    remember(settings, Exercise(project, tuple(outcomes), (), outcomes, measured=MEASURED), settings.root / "before")


def begun(settings: Settings, project: Project, seconds: dict[str, float] | None = None, zygote: Any = None) -> Hunt:
    """Begin to hunt a page whose tests passed."""
    prove(settings, project, seconds or SECONDS)
    return Hunt(settings, zygote or Zygote(), project)


def ids(project: Project) -> dict[str, str]:
    """Give the id of each mutant by what it changes."""
    return {mutant.path: mutant.id for mutant in mutants(project)}


def test_each_change_is_killed_or_survives_or_is_justified(settings: Settings) -> None:
    """A reason excuses what survives, and is not needed for what is killed; the next hunt need not try any of them again."""
    project = project_of(settings)
    known = ids(project)
    reasons = {known[TWO]: "it is not", known[THREE]: "it is as good"}
    expected = [
        Verdict(known[path], f"docs/sums.md:{LINES[path]}", what, verdict, by)
        for path, what, verdict, by in (
            (ONE, WHAT, KILLED, ADD),
            (TWO, WHAT, KILLED, MORE),
            (THREE, WHAT, JUSTIFIED, "it is as good"),
            (STEP, "blank: the command ls", KILLED, BLOCK),
        )
    ]

    first = begun(settings, project)
    assert expected == list(first.verdicts(reasons))
    tried = len(Bench.asked)
    second = Hunt(settings, Zygote(), project)

    assert expected == list(second.verdicts(reasons))
    assert [replace(expected[2], verdict=SURVIVED, by="")] == [v for v in second.verdicts({}) if v.verdict == SURVIVED]
    assert (True, False, 4, 4) == (first.is_whole, second.is_whole, second.total, tried)
    assert tried == len(Bench.asked)


FIRST, OTHER, SECOND, THIRD = "tests/test_a.py::TestA::test", "tests/test_b.py::test", "tests/test_a.py::test_b", "tests/test_a.py::test_c"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ({BLOCK: 0.0, FIRST: 0.25, OTHER: 0.26, SECOND: 0.375, THIRD: 0.375}, [FIRST, SECOND]),
        ({FIRST: 1.5, SECOND: 1.6}, [FIRST]),
    ],
    ids=["within a second", "one that takes longer"],
)
def test_what_is_justified_is_tried_for_a_second(settings: Settings, seconds: dict[str, float], expected: list[str]) -> None:
    """By the first tests of one file, in the first way; at the least by one of them."""
    project = project_of(settings)
    Bench.noticed.update({ONE: [FIRST], TWO: [FIRST]})
    Bench.late.update({ONE, TWO})

    verdicts = {v.id: v.verdict for v in begun(settings, project, seconds).verdicts({ids(project)[ONE]: "it is as good"})}

    assert [expected] == [tests for path, tests in Bench.asked if path == ONE]
    assert [list(seconds)] == [tests for path, tests in Bench.asked if path == TWO]
    assert [JUSTIFIED, KILLED] == [verdicts[ids(project)[path]] for path in (ONE, TWO)]


def test_the_test_that_noticed_a_change_last_time_is_tried_alone_before_all(settings: Settings) -> None:
    """What is justified is tried once."""
    project = project_of(settings)
    noticed = settings.root / "tests/mutation/noticed/sums.json"
    noticed.parent.mkdir(parents=True)
    noticed.write_text(json.dumps({MORE: [ids(project)[ONE], ids(project)[THREE]]}), encoding="utf-8")
    Bench.noticed.clear()

    list(begun(settings, project, {ADD: 0.25, MORE: 0.5}).verdicts({ids(project)[THREE]: "it is as good"}))

    assert [[MORE], [MORE, ADD]] == [tests for path, tests in Bench.asked if path == ONE]
    assert [[MORE, ADD]] == [tests for path, tests in Bench.asked if path == THREE]


def test_deeper_tests_speak_of_what_they_test(settings: Settings) -> None:
    """One that has a word of a change comes before a quicker one that has none."""
    deeper = "tests/guide/test_sums.py::test_deep"
    (settings.root / "tests/guide").mkdir(parents=True)
    (settings.root / "tests/guide/test_sums.py").write_text('def test_deep():\n    """Für einen block."""\n', encoding="utf-8")

    list(begun(settings, project_of(settings), {MORE: 0.5, deeper: 0.6}).verdicts({}))

    assert [deeper, MORE] == next(tests for path, tests in Bench.asked if path == ONE)


def test_as_many_changes_are_tried_at_once_as_there_are_processors(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many these are."""
    count = 40
    waiting, all_of_them = Semaphore(count - 1), Event()

    def first_red(*_: object, **__: object) -> str:
        if not waiting.acquire(blocking=False):
            all_of_them.set()
        return ADD if all_of_them.wait(5) else ""

    monkeypatch.setattr(Bench, "first_red", first_red)
    monkeypatch.setattr(hunt, "os", SimpleNamespace(cpu_count=lambda: count))
    blocks = "".join(f'\n{FENCE}text title="src/{number}.txt"\n{number}\n{FENCE}\n' for number in range(count))
    (settings.root / "docs/sums.md").write_text(f"# Sums\n{blocks}", encoding="utf-8")

    assert [KILLED] * count == [v.verdict for v in begun(settings, project_of(settings)).verdicts({})]


@pytest.mark.parametrize("own", [Zygote(), None], ids=["its own", "the one it was given"])
def test_a_hunt_ends_what_it_has_started(settings: Settings, own: Zygote | None) -> None:
    """All its workbenches, and no process that others go on with."""
    zygote = Zygote(own)

    with closing(begun(settings, project_of(settings), zygote=zygote)):
        assert [] == Bench.closed

    assert (2, False, own is not None) == (len(set(Bench.closed)), zygote.closed, zygote.own.closed)


def rule(number: int, first: str, last: str, *tests: str) -> Rule:
    """Give a rule whose section reaches from one change to another."""
    return Rule(f"CA-{number:03}", "Add", "MUST", Place("docs/sums.md", 1), (LINES[first], LINES[last]), tests)


def test_a_rule_is_broken_by_what_one_of_its_tests_killed(settings: Settings) -> None:
    """In its section, that is, from the first line to the last; no more has to be run."""
    named = ADD.partition("[")[0]
    project = project_of(settings, rules=(rule(1, ONE, TWO, MORE), rule(2, ONE, ONE, named), rule(3, STEP, STEP, BLOCK)))
    hunting = begun(settings, project)
    list(hunting.verdicts({}))
    tried = len(Bench.asked)

    assert [
        Tie("CA-001", "docs/sums.md:7", WHAT, MORE),
        Tie("CA-002", "docs/sums.md:3", WHAT, ADD),
        Tie("CA-003", "docs/sums.md:24", "blank: the command ls", BLOCK),
    ] == list(hunting.ties())
    assert tried == len(Bench.asked)


def test_a_rule_may_be_broken_by_what_its_tests_stand_on(settings: Settings) -> None:
    """Where none of them killed anything, each change of the section is tried with them alone, and what was found is known from then on."""
    project = project_of(settings, rules=(rule(1, THREE, TOLD, MORE), rule(2, ONE, ONE, MORE), rule(3, ONE, STEP, "tests/no.py::test_no")))
    Bench.noticed[TOLD] = [ADD, MORE]
    Bench.late.add(TOLD)
    expected = [
        Tie("CA-001", "docs/sums.md:15", WHAT, MORE),
        Tie("CA-002", "docs/sums.md:1", "", ""),
        Tie("CA-003", "docs/sums.md:1", "", ""),
    ]

    assert expected == list(begun(settings, project).ties())
    assert [(ONE, [MORE]), (THREE, [MORE]), (TOLD, [MORE])] == sorted(Bench.asked)
    assert expected == list(Hunt(settings, Zygote(), project).ties())
    assert 3 == len(Bench.asked)


def test_what_is_known_of_a_rule_stands(settings: Settings) -> None:
    """Though something else breaks it as well."""
    project = project_of(settings, rules=(rule(1, ONE, TWO, MORE),))
    known = Tie("CA-001", "docs/sums.md:3", "another change", MORE)
    Log(settings, project).write(known)
    hunting = begun(settings, project)
    list(hunting.verdicts({}))

    assert [known] == list(hunting.ties())


def test_a_rule_may_be_broken_by_a_dont(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one of its section that fails as it says, and that one of the rule's tests catches: of tests, those run that it can change."""
    zygote = Zygote()

    def catch(_: Settings, asked: Zygote, project: Project, box: Counterexample, measured: Measured | None = None) -> Caught:
        known = (zygote, "sums", MEASURED) == (asked, project.page.name, measured)
        faults = () if known and box.title != "Wrong" else (Fault(box.place, "it fails otherwise"),)
        return Caught(box, box.tests, "", faults)

    boxes = tuple(
        Counterexample(number, title, Place("docs/sums.md", line), (), tests, ())
        for number, (title, line, tests) in enumerate(
            [
                ("Before", 2, (ADD,)),
                ("Foreign", 3, (MORE,)),
                ("Wrong", 3, (ADD,)),
                ("Right", 3, (MORE, ADD)),
                ("Too late", 3, (ADD,)),
            ]
        )
    )
    monkeypatch.setattr(hunt, "catch", catch)
    project = project_of(settings, rules=(rule(1, ONE, ONE, ADD),), counterexamples=boxes)

    assert [Tie("CA-001", "docs/sums.md:3", "Right", ADD)] == list(begun(settings, project, zygote=zygote).ties())
    assert [] == Bench.asked


def test_a_hunt_is_recorded_with_what_it_took(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """By this process and all below it; one that goes on from what is known leaves that figure as it is."""
    zygote: Any = Zygote()
    clock = SimpleNamespace(now=10.0)
    monkeypatch.setattr(page, "time", SimpleNamespace(process_time=lambda: clock.now))
    projects = {"sums": project_of(settings)}
    prove(settings, projects["sums"], SECONDS)

    def track(verdicts: Iterable[Verdict], _: int) -> Iterable[Verdict]:
        clock.now += 1.9
        zygote.seconds += 30.4
        return verdicts

    taken = []
    for before in (None, json.dumps({"sums": {"seconds": 999}}), "{}"):
        if before:
            scores_path(settings).write_text(before, encoding="utf-8")
        faults = hunt_page(settings, zygote, projects, "sums", track)
        taken.append(read_scores(settings)["sums"]["seconds"])

    assert [32, 999, 0] == taken
    assert [11] == [fault.place.line for fault in faults]


def test_what_an_earlier_page_gives_is_hunted_there(settings: Settings) -> None:
    """A page that gives it again, word for word, has nothing to be changed."""
    code = f'# Sums\n\n{FENCE}python title="src/sums/__init__.py"\nONE = 1\n{FENCE}\n'
    for name, text in {"sums": code, "more": f"---\nbuilds_on: [sums]\n---\n\n{code}"}.items():
        (settings.root / f"docs/{name}.md").write_text(text, encoding="utf-8")
    totals = []
    projects = assemble(read_guide(settings))
    zygote: Any = Zygote()

    def track(verdicts: Iterable[Verdict], total: int) -> Iterable[Verdict]:
        totals.append(total)
        return verdicts

    for name, project in projects.items():
        prove(settings, project, SECONDS)
        hunt_page(settings, zygote, projects, name, track)

    assert [2, 0] == totals
