"""What tries each change of the engine: on a module of four functions."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

FORKS = Path(__file__).parents[1] / "mutation/forks.py"
CASE = Path(__file__).parent / "cases/forks"
ENDED = {"double": [1, 37], "triple": [0, 37], "wait": [1, 1, 1, 36, 36], "forgotten": [33, 33]}
"""By function, how its changes end: 0 unnoticed, 1 noticed, 33 run by no test, 36 without end, 37 refused by mypy."""


def tried(root: Path) -> subprocess.CompletedProcess[str]:
    """Try the changes of a project."""
    found = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command, environment = [sys.executable, str(FORKS)], os.environ | {"PATH": found}
    return subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a copy of the project."""
    return shutil.copytree(CASE, tmp_path / "project")


def test_it_is_known_how_each_change_ended(project: Path) -> None:
    """Noticed, or not, or refused by mypy, or without end, or run by no test."""
    ended = tried(project)

    codes = json.loads((project / "mutants/src/sums/__init__.py.meta").read_text(encoding="utf-8"))["exit_code_by_key"]
    of = {name: sorted(code for key, code in codes.items() if f"x_{name}__" in key) for name in ENDED}
    assert (0, ENDED) == (ended.returncode, of)


def test_each_change_is_tried_in_a_folder_of_its_own(project: Path) -> None:
    """It may write wherever it is, and is not where others are, or the settings of all."""
    note = "Path(__file__).with_name('folders').open('a').write(f'{Path.cwd()}\\n')"
    test = f"from pathlib import Path\nfrom sums import double\n\n\ndef test_double():\n    {note}\n    assert 4 == double(2)\n"
    (project / "tests/test_sums.py").write_text(test, encoding="utf-8")

    tried(project)

    first, *others = (project / "mutants/tests/folders").read_text(encoding="utf-8").splitlines()
    assert project / "mutants" == Path(first)
    assert {project / "mutants/folders"} == {Path(other).parent for other in others}
    assert len(others) == len({*others}) > 1


def test_it_is_known_which_text_was_tried(project: Path) -> None:
    """A module that is changed meanwhile is told by its hash."""
    tried(project)

    texts = json.loads((project / "mutants/texts.json").read_text(encoding="utf-8"))
    assert {"src/sums/__init__.py": hashlib.sha256((project / "src/sums/__init__.py").read_bytes()).hexdigest()} == texts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5 == double(2)", "failed to collect stats"),
        ("double(2) and pytestconfig.getoption('capture') != 'no'", "the tests fail without any change. Mend them first."),
    ],
)
def test_tests_that_fail_without_a_change_are_said(project: Path, text: str, message: str) -> None:
    """Whatever else fails then tells nothing."""
    test = f"from sums import double\n\n\ndef test_wrong(pytestconfig):\n    assert {text}\n"
    (project / "tests/test_sums.py").write_text(test, encoding="utf-8")

    ended = tried(project)

    assert (True, True) == (ended.returncode > 0, message in ended.stdout + ended.stderr)
