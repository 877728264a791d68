"""What a proving run told, kept for whoever asks which test runs which line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exercise, Exerciser
from mdproof.fault import Refused
from mdproof.proof.memory import Memory, recall, remember
from mdproof.proof.prove import prove_page
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

CASES = Path(__file__).parent / "cases"
MEASURED = Measured(contexts={"src/sums/__init__.py": {1: ("", "test_one")}})
SECONDS = {"test_one": 0.5, "test_two": 0.25}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a guide with a page in a part."""
    (tmp_path / "docs/part").mkdir(parents=True)
    (tmp_path / "docs/part/sums.md").write_text("# Sums\n", encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def project(settings: Settings) -> Project:
    """Give its one project."""
    return only(settings)


def only(settings: Settings) -> Project:
    """Give the one project of a guide as it is now."""
    (project,) = assemble(read_guide(settings)).values()
    return project


def kept(settings: Settings) -> Path:
    """Give the folder that has the files as each step of the page found them."""
    return settings.root / "build/told/part/sums.before"


def ran(project: Project) -> Exercise:
    """Give a run in which everything passed."""
    outcomes = {test: Outcome(test, "passed", seconds=seconds) for test, seconds in SECONDS.items()}
    return Exercise(project, tuple(SECONDS), (), outcomes, measured=MEASURED)


def before(settings: Settings, name: str) -> Path:
    """Give the folder of a run that has what one step found: a file of this name."""
    folder = settings.root / "build/run.before"
    (folder / "1").mkdir(parents=True)
    (folder / "1" / name).touch()
    return folder


@pytest.mark.processes
def test_what_a_run_told_is_known_without_another(zygote: Zygote, tmp_path: Path) -> None:
    """The tests, which lines each ran, and the files that each console found."""
    settings = load_settings(shutil.copytree(CASES / "unmutated/command-of-a-later-block-that-nothing-needs", tmp_path / "guide"))
    project = only(settings)
    prove_page(settings, zygote, project)
    exerciser = Exerciser(settings, zygote, project)
    for test in exerciser.exercise.items:
        exerciser.run(test)
    ran, told = exerciser.finish(), recall(settings, project)

    assert told is not None
    assert ran.items == told.exercise.items
    assert ran.measured == told.exercise.measured
    assert {True} == {o.passed for o in told.exercise.outcomes.values()}
    consoles = [str(b.number) for b in project.page.steps()]
    assert sorted([*consoles, *(f"{number}.home" for number in consoles)]) == sorted(f.name for f in told.before.iterdir())
    assert all((told.before / number / "pyproject.toml").is_file() for number in consoles)


def test_what_the_last_run_told_is_kept(settings: Settings, project: Project) -> None:
    """Its tests with the time that they took, what was measured, and the files that its steps found; those of the run before go."""
    expected = Memory(ran(project), kept(settings))

    for name in ("one", "two"):
        assert expected == remember(settings, ran(project), before(settings, name))

    assert expected == recall(settings, project)
    assert ["two"] == [path.name for path in (kept(settings) / "1").iterdir()]


def test_a_page_may_have_no_step(settings: Settings, project: Project) -> None:
    """Then there are no files that one found."""
    expected = Memory(ran(project), kept(settings))

    assert expected == remember(settings, ran(project), settings.root / "build/run.before")
    assert expected == recall(settings, project)


def _change(page: Path, kept: Path) -> None:
    kept.touch()
    page.write_text(page.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")


def _damage(page: Path, kept: Path) -> None:
    page.touch()
    kept.write_bytes(b"\x80")


def _forget(page: Path, kept: Path) -> None:
    page.touch()
    kept.unlink()


@pytest.mark.parametrize("spoil", [_change, _damage, _forget])
def test_nothing_is_known_of_another_page(settings: Settings, project: Project, spoil: Callable[[Path, Path], None]) -> None:
    """Once the page changed, or what was kept is damaged or gone, it has to be run again."""
    remember(settings, ran(project), before(settings, "one"))
    spoil(settings.root / project.page.path, kept(settings).with_suffix(".pickle"))

    assert recall(settings, only(settings)) is None


def _unmeasured(exercise: Exercise) -> None:
    exercise.measured = None


def _cut_off(exercise: Exercise) -> None:
    exercise.outcomes.pop("test_two")


def _failed(exercise: Exercise) -> None:
    exercise.outcomes["test_two"] = Outcome("test_two", "failed")


@pytest.mark.parametrize("spoil", [_unmeasured, _cut_off, _failed])
def test_of_a_run_that_failed_nothing_is_kept(settings: Settings, project: Project, spoil: Callable[[Exercise], None]) -> None:
    """Nor does what an earlier run told outlast it."""
    remember(settings, ran(project), before(settings, "one"))
    exercise = ran(project)
    spoil(exercise)

    assert remember(settings, exercise, before(settings, "two")) is None
    assert recall(settings, project) is None
    assert not kept(settings).exists()


def test_no_room_for_what_a_run_told_is_said(settings: Settings, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is no traceback."""
    monkeypatch.setattr(Path, "write_bytes", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(Refused) as refused:
        remember(settings, ran(project), before(settings, "one"))

    file = kept(settings).with_suffix(".pickle")
    told = f"{file}:1: it could not be written: No space left on device. Make room, or allow writing there."
    assert [told] == [str(fault) for fault in refused.value.faults]


def test_a_file_in_the_way_is_said(settings: Settings, project: Project) -> None:
    """Where a folder has to be."""
    folder = kept(settings).parent
    folder.parent.mkdir(parents=True)
    folder.write_text("", encoding="utf-8")

    with pytest.raises(Refused) as refused:
        remember(settings, ran(project), settings.root / "build/run.before")

    told = f"{folder / 'sums.pickle'}:1: it could not be written: Not a directory. Make room, or allow writing there."
    assert [told] == [str(fault) for fault in refused.value.faults]
