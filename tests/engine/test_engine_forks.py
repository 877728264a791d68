"""What tries each change of the engine: on a module of four functions."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

FORKS = Path(__file__).parents[1] / "mutation/forks.py"
FILES = {
    "src/sums/__init__.py": '''\
"""Sums."""


def double(number: int) -> int:
    return number * 2


def triple(number: int) -> int:
    return number * 3


def wait(number: int) -> int:
    while number > 0:
        number -= 1
    return number


def forgotten(number: int) -> int:
    return number + 1
''',
    "tests/test_sums.py": """\
from sums import double, triple, wait


def test_double():
    assert 4 == double(2)


def test_triple():
    assert triple(2) > 3


def test_wait():
    assert 0 == wait(3)
""",
    "pyproject.toml": """\
[tool.mutmut]
source_paths = ["src"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = ["tests"]
type_check_command = ["mypy", "--output=json", "--no-warn-unused-ignores", "src"]
""",
}
ENDED = {"double": [1, 37], "triple": [0, 37], "wait": [1, 1, 1, 36, 36], "forgotten": [33, 33]}
"""By function, how its changes end: 0 unnoticed, 1 noticed, 33 run by no test, 36 without end, 37 refused by mypy."""


def tried(root: Path, files: Mapping[str, str], *patterns: str) -> subprocess.CompletedProcess[str]:
    """Try the changes of a project."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    found = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command, environment = [sys.executable, str(FORKS), *patterns], os.environ | {"PATH": found}
    return subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)


def test_it_is_known_how_each_change_ended(tmp_path: Path) -> None:
    """Noticed, or not, or refused by mypy, or without end, or run by no test."""
    ended = tried(tmp_path, FILES)

    codes = json.loads((tmp_path / "mutants/src/sums/__init__.py.meta").read_text(encoding="utf-8"))["exit_code_by_key"]
    of = {name: sorted(code for key, code in codes.items() if f"x_{name}__" in key) for name in ENDED}
    assert (0, ENDED) == (ended.returncode, of)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5 == double(2)", "failed to collect stats"),
        ("double(2) and pytestconfig.getoption('capture') != 'no'", "the tests fail without any change. Mend them first."),
    ],
)
def test_tests_that_fail_without_a_change_are_said(tmp_path: Path, text: str, message: str) -> None:
    """Whatever else fails then tells nothing."""
    test = f"from sums import double\n\n\ndef test_wrong(pytestconfig):\n    assert {text}\n"
    ended = tried(tmp_path, FILES | {"tests/test_sums.py": test})

    assert (True, True) == (ended.returncode > 0, message in ended.stdout + ended.stderr)
