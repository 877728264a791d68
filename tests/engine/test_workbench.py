"""How a change is tried: in which processes, one after the other, and what is believed of what goes red there."""

from __future__ import annotations

import marshal
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Change, Job, Measured, Outcome
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exercise
from mdproof.fault import Place
from mdproof.mutate import workbench
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.way import COLLECTION, Controls
from mdproof.mutate.workbench import Workbench, job_of
from mdproof.proof.memory import Memory
from mdproof.read.guide import read_guide
from mdproof.settings import Service, Settings, load_settings

CASE = Path(__file__).parent / "cases/workbench"
CODE, TOLD, STEPS = "src/sums/__init__.py", "src/sums/told.txt", "tests/sums.mutant-0-step.md"
ONE, TWO, LAST = "tests/test_one.py::test_one", "tests/test_two.py::test_two", "tests/test_two.py::test_last"
SECONDS = {ONE: 0.5, TWO: 2.0, LAST: 0.1, "block-6": 0.1, "block-7": 0.1, "block-8": 0.1, "block-9": 20.0, "block-10": 0.1}
"""All that is run of the page, and what it took: the request is a slow one."""
MEASURED = Measured(contexts={CODE: {2: (ONE,)}}, widening=(LAST,))
MARK = "ä"
"""What only a change writes."""
PLACE = Place("docs/sums.md", 31)


class Process:
    """Stands in for a page's process: it runs nothing, but knows whether what it would run is changed."""

    def __init__(self, world: World, of: Zygote | Process, job: Job, change: Change | None = None) -> None:
        """Have the code that is imported already, or that is in the files now."""
        self._world, self.of, self.job, self.change, self.dead = world, of, job, change, ""
        self.ran: list[str] = []
        self.warmed: list[tuple[str, str]] = []
        self.kind = world.kind(self)
        self.code: str = of.code if isinstance(of, Process) and self.kind == "fork" else Path(job.folder, CODE).read_text(encoding="utf-8")
        told, steps = Path(job.folder, TOLD).read_text(encoding="utf-8"), "".join(b.source for b in job.blocks)
        self.is_changed = bool(change and change.code) or MARK in self.code + told + steps
        self.items, self.forks = list(SECONDS), world.forks
        self.broken = [Outcome(CODE, "failed")] if world.breaks(self) else []
        world.started.append(self)

    def run(self, test: str) -> Outcome:
        """Go red where the world says so."""
        self.ran.append(test)
        return Outcome(test, "failed" if self._world.red(self, test) else "passed", place=self._world.place)

    def warm(self, test: str, following: str) -> bool:
        """Tell whether the world calls the test a clean one."""
        self.warmed.append((test, following))
        return test not in self._world.unclean

    def abandon(self) -> None:
        """End."""
        self.dead = "it was abandoned"


class Ran(NamedTuple):
    """What was run in a process."""

    kind: str
    """A fork of one that collected tests, or of a waiting one; a fresh one, or a plain one; or the step with whose files it begins."""
    tests: tuple[str, ...] = ()
    collected: str = ""
    """What it was told to collect."""
    is_changed: bool = True


class World:
    """A workbench, and all that is true of its processes."""

    def __init__(self, settings: Settings, project: Project, before: Path) -> None:
        """Let everything be green."""
        self.settings, self.project, self._before = settings, project, before
        self.imported, self.plain = Zygote(()), Zygote(())
        self.started: list[Process] = []
        self.red: Callable[[Process, str], bool] = lambda *_: False
        self.breaks: Callable[[Process], bool] = lambda _: False
        self.forks, self.unclean, self.place = True, set[str](), ("docs/sums.md", 1)
        self._bench: Workbench | None = None

    def bench(self) -> Workbench:
        """Give the workbench; it is set up when it is first asked for."""
        if self._bench is None:
            outcomes = {test: Outcome(test, "passed", seconds=seconds) for test, seconds in SECONDS.items()}
            exercise = Exercise(self.project, tuple(SECONDS), (), outcomes, measured=MEASURED)
            memory = Memory(exercise, self._before)
            self._bench = Workbench(self.settings, (self.imported, self.plain), memory, Controls(), ".mutant-0")
        return self._bench

    def kind(self, process: Process) -> str:
        """Tell of what a process is forked, or which step it begins with."""
        if isinstance(process.of, Process):
            return "waiting" if process.of.job.until else "fork"
        found = Path(process.job.folder, "found")
        return found.read_text(encoding="utf-8") if found.is_file() else "plain" if process.of is self.plain else "fresh"

    def noticed(self, mutant: Mutant, *tests: str, imported: bool = False, **options: bool) -> tuple[str, list[Ran]]:
        """Try a change; give what noticed it, and what was run meanwhile."""
        bench = self.bench()
        self.started.clear()
        by = bench.first_red(mutant, tests, imported=imported, **options)
        return by, [
            Ran(p.kind, tuple(p.ran), "".join(p.change.tests if p.change else p.job.tests), p.is_changed)
            for p in self.started
            if not p.job.until or p.change
        ]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give the workbench of a page, of which it is known what each step finds."""
    settings = load_settings(shutil.copytree(CASE, tmp_path / "guide"))
    for number in range(6, 11):
        for folder in (tmp_path / f"before/{number}", tmp_path / f"before/{number}.home"):
            folder.mkdir(parents=True)
            (folder / "found").write_text(f"step {number}", encoding="utf-8")
    world = World(settings, assemble(read_guide(settings))["sums"], tmp_path / "before")

    def start(*arguments: Any) -> Process:
        return Process(world, *arguments)

    monkeypatch.setattr(workbench, "PageProcess", start)
    return world


FUNCTION = Mutant(CODE, PLACE, (2,), "", "", f"def add(a, b):\n    return a - b  # {MARK}\n")
MORE = replace(FUNCTION, text=f"{FUNCTION.text}\n\ndef more():\n    pass\n")
TEXT = Mutant(TOLD, PLACE, (1,), "", "", f"def {MARK}(): ...\n")
STEP = Mutant("docs/sums.md", PLACE, (), "", "", f"$ cat {MARK}", block=7)
LEFT_OUT = replace(STEP, alone=f"$ cat {MARK}{MARK}")

FRESH = (Ran("waiting", (ONE,), "tests/test_one.py"), Ran("fresh", (), "tests"))


@pytest.mark.parametrize(
    ("mutant", "tests", "expected"),
    [
        (
            FUNCTION,
            (ONE, TWO, "block-6"),
            (Ran("fork", (ONE, TWO)), FRESH[0], Ran("fresh", (TWO,), "tests"), Ran("step 6", ("block-6",), STEPS)),
        ),
        (FUNCTION, ("block-6", ONE), (Ran("step 6", ("block-6",), STEPS), Ran("fork", (ONE,)), *FRESH)),
        (FUNCTION, (), (Ran("fork"), Ran("fresh", (), "tests"))),
        (MORE, (ONE,), FRESH),
        (TEXT, (ONE,), (Ran("fork", (ONE,)), Ran("fresh", (ONE,), "tests/test_one.py"), Ran("fresh", (), "tests"))),
        (STEP, ("block-7", "block-8"), (Ran("step 7", ("block-7", "block-8"), STEPS),)),
        (
            LEFT_OUT,
            ("block-7", "block-8"),
            (Ran("step 7", ("block-7",), STEPS), Ran("step 7", ("block-7", "block-8"), STEPS)),
        ),
    ],
)
def test_a_change_that_nothing_notices_was_tried_in_all_ways(
    world: World, mutant: Mutant, tests: tuple[str, ...], expected: tuple[Ran, ...]
) -> None:
    """The likely first; what need not be thorough is tried in the first only."""
    assert ("", list(expected)) == world.noticed(mutant, *tests)
    assert ("", list(expected[:1])) == world.noticed(mutant, *tests, thorough=False)


def test_what_runs_when_it_is_imported_is_changed_in_no_fork(world: World) -> None:
    """The tests are collected anew."""
    assert ("", list(FRESH)) == world.noticed(FUNCTION, ONE, imported=True)


def test_where_nothing_can_be_forked_each_process_is_a_fresh_one(world: World) -> None:
    """Nothing is run beforehand, and nothing waits for an import."""
    world.forks = False
    world.bench()
    (collected,) = world.started

    assert ("", [Ran("fresh", (ONE,), "tests/test_one.py"), FRESH[1]]) == world.noticed(FUNCTION, ONE)
    assert [] == collected.warmed


@pytest.mark.parametrize(
    ("unclean", "warmed", "ways"),
    [
        (set(), [[(LAST, ONE), (ONE, TWO)]], FRESH),
        ({LAST}, [[(LAST, ONE)], [(ONE, TWO)]], FRESH),
        ({LAST, ONE}, [[(LAST, ONE)], [(ONE, TWO)], []], ()),
    ],
)
def test_a_process_is_warm_with_what_leaves_it_clean(
    world: World, unclean: set[str], warmed: list[list[tuple[str, str]]], ways: tuple[Ran, ...]
) -> None:
    """Another takes the place of one that a test left unclean; what passes in a fork of a warm one is run again."""
    world.unclean = unclean
    world.bench()
    *others, collected = begun = world.started.copy()

    assert warmed == [process.warmed for process in begun]
    assert [True] * len(others) == [bool(process.dead) for process in others]
    assert ("", [Ran("fork", (ONE,)), *ways]) == world.noticed(FUNCTION, ONE)
    assert collected is world.started[0].of


def test_a_forks_code_is_of_the_same_file(world: World) -> None:
    """It is changed as if the file of the run copy had been imported with the change."""
    world.noticed(FUNCTION, ONE, thorough=False)
    (fork,) = world.started
    assert fork.change is not None

    ((_, code),) = fork.change.code
    assert f"{fork.job.folder}/{CODE}" == marshal.loads(code).co_filename


def test_what_hangs_is_waited_for_as_long_as_tests_are_slow(world: World) -> None:
    """Some seconds, and some times what the slowest of them took; never longer than the limit."""
    world.noticed(FUNCTION, ONE, TWO, "block-9", "block-6-stop")

    assert [15, 60, 7.5, 15, 60, 5] == [process.job.limit for process in world.started]


def test_a_scene_is_a_copy_of_its_own(world: World) -> None:
    """It has the home that the step found too, and keeps no bytecode, which is that of other files."""
    world.noticed(STEP, "block-7")
    (scene,) = world.started

    assert "step 7" == Path(f"{scene.job.folder}.home", "found").read_text(encoding="utf-8")
    assert (True, "") == (scene.job.folder.endswith("sums.mutant-0-step"), scene.job.bytecode)


def test_one_process_waits_for_each_file(world: World) -> None:
    """Until it is needed no more: changes are tried file by file."""
    found = []
    for path in (CODE, CODE, "src/sums/more.py"):
        world.noticed(replace(FUNCTION, path=path), ONE, imported=True)
        found += [process for process in world.started if process.job.until and not process.change]
    found[-1].dead = "it was killed"
    world.noticed(replace(FUNCTION, path="src/sums/more.py"), ONE, imported=True)
    found.append(world.started[0])

    assert [CODE, "src/sums/more.py", "src/sums/more.py"] == [process.job.until for process in found]
    assert [True, True, False] == [bool(process.dead) for process in found]


@pytest.mark.parametrize(("imported", "kind", "collected"), [(False, "fork", ""), (True, "waiting", "tests/test_two.py")])
def test_what_is_red_with_a_change_is_run_without_it_once(world: World, kind: str, collected: str, *, imported: bool) -> None:
    """And by itself, if others ran before it; then it is known to be green."""
    world.red = lambda process, test: test == LAST and process.is_changed
    changed, alone = Ran(kind, (TWO, LAST), collected), Ran(kind, (LAST,), collected)

    assert (LAST, [changed, alone, alone._replace(is_changed=False)]) == world.noticed(FUNCTION, TWO, LAST, imported=imported)
    assert (LAST, [changed, alone]) == world.noticed(FUNCTION, TWO, LAST, imported=imported)
    assert (LAST, [alone]) == world.noticed(FUNCTION, LAST, imported=imported)


def test_what_is_red_only_after_another_notices_nothing(world: World) -> None:
    """By itself it is green, so that it may be the other that left something behind."""
    world.red = lambda process, test: test == TWO and process.is_changed and ONE in process.ran

    by, ran = world.noticed(FUNCTION, ONE, TWO)

    assert ("", [(ONE, TWO), (TWO,), (ONE,), (TWO,)]) == (by, [one.tests for one in ran])


def test_after_what_is_red_without_any_change_the_next_test_is_run(world: World) -> None:
    """What is known of the first is not asked again."""
    world.red = lambda process, test: test == ONE or (test == TWO and process.is_changed)
    first, control, second = Ran("fork", (ONE,)), Ran("fork", (ONE,), is_changed=False), Ran("fork", (TWO,))

    assert (TWO, [first, control, second, Ran("fork", (TWO,), is_changed=False)]) == world.noticed(FUNCTION, ONE, TWO, LAST)
    assert (TWO, [second]) == world.noticed(FUNCTION, ONE, TWO, LAST)


def test_what_cannot_do_with_what_was_imported_is_run_without_it(world: World) -> None:
    """A test that is red in all other ways whatever is changed; others are not run there."""
    world.red = lambda process, test: test == ONE and (process.of is not world.plain or process.is_changed)

    by, ran = world.noticed(FUNCTION, ONE, TWO)

    assert ONE == by
    assert [Ran("plain", (ONE,), "tests"), Ran("plain", (ONE,), "tests", is_changed=False)] == ran[-2:]
    assert "plain" not in {one.kind for one in ran[:-2]}


def test_consoles_need_no_run_without_the_change(world: World) -> None:
    """The proof was one, whatever comes after them."""
    world.red = lambda process, test: test == "block-7" and process.is_changed

    assert ("block-7", [Ran("step 7", ("block-7",), STEPS)]) == world.noticed(FUNCTION, "block-7")
    assert ("block-7", [Ran("step 7", ("block-7",), STEPS)]) == world.noticed(STEP, "block-7", "block-8")


def test_what_is_not_of_consoles_alone_is_run_without_the_change(world: World) -> None:
    """As far as it was run with it: what a request finds in memory comes from the steps before."""
    world.red = lambda process, test: test == "block-9" and process.is_changed
    changed, control = (Ran("step 7", ("block-7", "block-8", "block-9"), STEPS, is_changed=is_changed) for is_changed in (True, False))

    assert ("block-9", [changed, control]) == world.noticed(STEP, "block-7", "block-8", "block-9", "block-10")


def test_consoles_that_use_a_service_are_run_without_the_change(world: World) -> None:
    """A service has what earlier steps left there, which no file tells."""
    world.settings = replace(world.settings, services=(Service("SUMS_URL", "sums://"),))
    world.red = lambda process, test: test == "block-6" and process.is_changed

    assert ("block-6", [Ran("step 6", ("block-6",), STEPS, is_changed=is_changed) for is_changed in (True, False)]) == world.noticed(
        FUNCTION, "block-6"
    )


@pytest.mark.parametrize(("place", "controls"), [((PLACE.path, PLACE.line), 0), ((PLACE.path, PLACE.line + 1), 1)])
def test_a_command_that_is_left_out_is_known_to_be_green(world: World, place: tuple[str, int], controls: int) -> None:
    """But not another of its block, when one is changed by itself, as no proof had it."""
    world.red, world.place = lambda process, test: test == "block-7" and process.is_changed, place

    ran = [Ran("step 7", ("block-7",), STEPS), Ran("step 7", ("block-7",), STEPS, is_changed=False)]
    assert ("block-7", ran[: 1 + controls]) == world.noticed(LEFT_OUT, "block-7")
    assert LEFT_OUT.alone == world.started[0].job.blocks[0].source


STORY = ("block-6", "block-7", "block-8", "block-9")


def test_a_step_that_is_red_in_its_scene_is_told_its_whole_story(world: World) -> None:
    """All steps are run from the first on, with the change and without it."""
    world.red = lambda process, test: test == "block-9" and (process.is_changed or "block-8" not in process.ran)
    scene, story = (
        [Ran(kind, ran, STEPS, is_changed=is_changed) for is_changed in (True, False)]
        for kind, ran in (("step 9", STORY[3:]), ("step 6", STORY))
    )

    by, ran = world.noticed(FUNCTION, "block-9", "block-8")

    assert ("block-9", scene, story) == (by, ran[:2], ran[-2:])


@pytest.mark.parametrize(("noticing", "runs"), [("", 1), ("block-7", 2)])
def test_a_story_that_is_green_notices_nothing(world: World, noticing: str, runs: int) -> None:
    """Where an earlier step goes red in it, it is run without the change as well."""
    world.red = lambda process, test: (
        (test == "block-9" and "block-8" not in process.ran) or (test == noticing and process.is_changed and "block-6" in process.ran)
    )

    by, ran = world.noticed(FUNCTION, "block-9")

    told = ("block-6", "block-7") if noticing else STORY
    assert (noticing, [Ran("step 6", told, STEPS, is_changed=is_changed) for is_changed in (True, False)][:runs]) == (by, ran[-runs:])


@pytest.mark.parametrize(("test", "kind"), [(ONE, "waiting"), ("block-6", "step 6")])
def test_tests_that_cannot_be_collected_notice_a_change(world: World, test: str, kind: str) -> None:
    """If they can be without it."""
    world.breaks = lambda process: process.is_changed
    collected = {ONE: "tests/test_one.py", "block-6": STEPS}[test]

    assert (COLLECTION, [Ran(kind, (), collected), Ran(kind, (), collected, is_changed=False)]) == world.noticed(
        FUNCTION, test, imported=True
    )


def test_tests_that_can_never_be_collected_notice_nothing(world: World) -> None:
    """The next way is tried instead."""
    world.breaks = lambda process: process.kind == "waiting"

    expected = [Ran("waiting", (), "tests/test_one.py", is_changed=is_changed) for is_changed in (True, False)]
    assert ("", [*expected, FRESH[1]]) == world.noticed(FUNCTION, ONE, imported=True)


def test_a_fork_that_cannot_be_changed_is_done_without(world: World) -> None:
    """A fresh process runs the same tests, before the next way is tried."""
    world.breaks = lambda process: process.kind == "fork"

    assert ("", [Ran("fork"), Ran("fresh", (ONE,), "tests"), *FRESH]) == world.noticed(FUNCTION, ONE)


def test_a_workbench_runs_all_of_a_page_but_the_donts(world: World) -> None:
    """It looks for no layout, measures nothing and describes nothing; bytecode is kept for its next process."""
    job = job_of(world.settings, world.project, ".mutant-3")

    assert ("sums.mutant-3", "sums.mutant-3.bytecode") == (Path(job.folder).name, Path(job.bytecode).name)
    assert ([2, 3, 4, 5, 6, 7, 8, 9, 10], False, False) == ([block.number for block in job.blocks], job.measure, job.explained)
