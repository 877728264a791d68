"""What a proving run told, kept for whoever asks which test runs which line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exercise, Exerciser
from mdproof.fault import Refused
from mdproof.proof.memory import recall, remember
from mdproof.proof.prove import prove_page
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

pytestmark = pytest.mark.processes

CASES = Path(__file__).parent / "cases"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a guide with a console on its page."""
    return load_settings(shutil.copytree(CASES / "unmutated/command-of-a-later-block-that-nothing-needs", tmp_path / "guide"))


@pytest.fixture
def project(settings: Settings) -> Project:
    """Give its one project."""
    (project,) = assemble(read_guide(settings)).values()
    return project


def kept(settings: Settings, project: Project) -> Path:
    """Give the file that has what a page's run told."""
    return settings.root / settings.build / "told" / f"{project.page.name}.pickle"


def proven(settings: Settings, zygote: Zygote, project: Project) -> Exercise:
    """Prove the page, and give what another run of it tells."""
    prove_page(settings, zygote, project)
    exerciser = Exerciser(settings, zygote, project)
    for test in exerciser.exercise.items:
        exerciser.run(test)
    return exerciser.finish()


def test_what_a_run_told_is_known_without_another(settings: Settings, zygote: Zygote, project: Project) -> None:
    """The tests, which lines each ran, and the files that each console found."""
    ran = proven(settings, zygote, project)
    told = recall(settings, project)

    assert told is not None
    assert ran.items == told.exercise.items
    assert ran.measured == told.exercise.measured
    assert {True} == {o.passed for o in told.exercise.outcomes.values()}
    consoles = [str(b.number) for b in project.page.steps()]
    assert sorted([*consoles, *(f"{number}.home" for number in consoles)]) == sorted(f.name for f in told.before.iterdir())
    assert all((told.before / number / "pyproject.toml").is_file() for number in consoles)


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
def test_nothing_is_known_of_another_page(
    settings: Settings, zygote: Zygote, project: Project, spoil: Callable[[Path, Path], None]
) -> None:
    """Once the page changed, or what was kept is damaged or gone, it has to be run again."""
    prove_page(settings, zygote, project)
    spoil(settings.root / project.page.path, kept(settings, project))
    (project,) = assemble(read_guide(settings)).values()

    assert recall(settings, project) is None


def test_of_a_run_that_failed_nothing_is_kept(settings: Settings, zygote: Zygote, project: Project) -> None:
    """Nor does what an earlier run told outlast it."""
    exercise = proven(settings, zygote, project)
    test = exercise.items[0]
    exercise.outcomes.pop(test)

    assert remember(settings, exercise, settings.root / "before") is None
    assert recall(settings, project) is None


def test_no_room_for_what_a_run_told_is_said(settings: Settings, zygote: Zygote, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is no traceback."""
    exercise = proven(settings, zygote, project)

    monkeypatch.setattr(Path, "write_bytes", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(Refused) as refused:
        remember(settings, exercise, settings.root / "before")

    told = f"{kept(settings, project)}:1: it could not be written: No space left on device. Make room, or allow writing there."
    assert [told] == [str(fault) for fault in refused.value.faults]
