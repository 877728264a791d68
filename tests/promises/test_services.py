"""A Redis that the environment names is the one the tests of a project use, with its stand-in for those who name none."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SNIPPETS = Path(__file__).parents[2] / "snippets"
NAMES = {
    conftest.parents[1].relative_to(SNIPPETS).as_posix(): name
    for conftest in sorted(SNIPPETS.rglob("tests/conftest.py"))
    for name in re.findall(r"^def (\w+)\(given_redis: ", conftest.read_text(encoding="utf-8"), re.MULTILINE)
}
"""By project, the fixture that gives the address."""
NAMED = "redis://127.0.0.1:9/"


def test_every_stand_in_gives_way() -> None:
    """No project starts one without asking for a Redis first."""
    brought = [path for path in SNIPPETS.rglob("tests/conftest.py") if "TcpFakeServer(" in path.read_text(encoding="utf-8")]

    assert sorted(NAMES) == sorted(path.parents[1].relative_to(SNIPPETS).as_posix() for path in brought) != []


@pytest.mark.parametrize("project", NAMES)
def test_a_redis_that_is_named_is_used(project: str, tmp_path: Path) -> None:
    """Proven against a real one, a page has to reach that."""
    copy = shutil.copytree(SNIPPETS / project, tmp_path / "project")
    test = f"def test_named({NAMES[project]}):\n    assert {NAMED!r} == {NAMES[project]}[:{len(NAMED)}]\n"
    (copy / "tests/test_named.py").write_text(test, encoding="utf-8")
    options = ["-q", "-c", "pyproject.toml", "--rootdir=.", "--disable-plugin-autoload", "-p", "no:cacheprovider"]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/test_named.py"],
        cwd=copy, env=os.environ | {"REDIS_URL": f"{NAMED}0", "PYTHONPATH": str(copy / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout
