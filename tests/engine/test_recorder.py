"""What a page's process opens, loads and starts, and by which test."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage
import pytest
from jinja2 import Environment, Template

from mdproof.exercise import templates
from mdproof.exercise.job import Job, Measured
from mdproof.exercise.recorder import Recorder
from mdproof.exercise.steps import Stage

Hook = Callable[[str, tuple[Any, ...]], None]
ORIGINS = ("src/shop/__init__.py", "lone.py", "tea.txt", "cup.txt", "a\tb")


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Hook]:
    """Give what would hear of all that happens, which nothing can end."""
    found: list[Hook] = []
    monkeypatch.setattr(sys, "addaudithook", found.append)
    return found


def recorder(folder: Path, log: Path, names: Iterable[str] = ORIGINS, *, measure: bool = False) -> tuple[Recorder, Stage]:
    """Give a recorder that counts no lines unless it is to, and a stage on which a command was run."""
    origins = dict.fromkeys(names, (("docs/page.md", 1),))
    environment = {"MDPROOF_OPENED": str(log)}
    job = Job(str(folder), str(folder / "output"), "page.md", "docs/page.md", (), origins, environment, {}, 1.0, measure=measure)
    stage = Stage(job)
    stage.commands.append("echo tea")
    stage.compared["block-1"] = 2
    return Recorder(job), stage


def test_each_test_has_what_it_opened_and_started(tmp_path: Path, hooks: list[Hook]) -> None:
    """Of the project's own files; what the steps did, and what the session's others go on with, is told with it."""
    recording, stage = recorder(tmp_path, tmp_path / "none")
    (heard,) = hooks
    alone = recording.is_alone
    heard("open", (f"{tmp_path}/tea.txt", "r", 0))
    recording.switch("one")
    for event, path in (("open", f"{tmp_path}/src/../tea.txt"), ("open", 5), ("open", f"{tmp_path}"), ("open", f"{tmp_path}/none")):
        heard(event, (path, "r", 0))
    heard("open", (f"{tmp_path}/lone.py", None, 0))
    heard("shutil.rmtree", (f"{tmp_path}/cup.txt", "r", 0))
    heard("subprocess.Popen", ("tea", [], None, None))

    measured = recording.measured(stage, ["two"])

    expected = Measured(
        opened={"tea.txt": ("", "one"), "lone.py": ("one",)},
        started=("one",), widening=("two",), commands=("echo tea",), compared={"block-1": 2},
    )  # fmt: skip
    assert (expected, True, False) == (measured, alone, recording.is_alone)


@pytest.mark.usefixtures("hooks")
def test_what_is_loaded_of_others_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its full name; what is the project's own is not."""
    recording, stage = recorder(tmp_path, tmp_path / "none")
    for name in ("shop", "shop.cups", "lone", "strange", "strange.cups"):
        monkeypatch.setitem(sys.modules, f"{name}", ModuleType(name))

    assert ("strange", "strange.cups") == recording.measured(stage, ()).modules


@pytest.mark.usefixtures("hooks")
def test_what_consoles_and_servers_opened_is_told(tmp_path: Path) -> None:
    """Whoever it was: a block, or a process of a test; a test may have any name."""
    log = tmp_path / "opened"
    lines = [f"block-1\t{tmp_path}/tea.txt", f"*one[ä]\t{tmp_path}/tea.txt", f"block-2\t{tmp_path}/a\tb", "block-3\t/elsewhere/tea.txt"]
    log.write_bytes("\n".join(lines).encode() + f"\n*\t{tmp_path}/cup.txt\nblock-4\t\udcff\n".encode("utf-8", "surrogateescape"))
    recording, stage = recorder(tmp_path, log)

    assert {"tea.txt": ("block-1", "one[ä]"), "a\tb": ("block-2",), "cup.txt": ("",)} == recording.measured(stage, ()).opened


SHOP = """\
def price(cups):
    if cups > 2:  # pragma: no branch
        return 5
    return cups * 3


def stir():  # pragma: no cover
    return "never"


TEA = price(1)
"""
FILES = {
    "shop.py": SHOP,
    "never.py": "ONE = 1\n",
    "broken.py": "def :\n",
    "tea.html": "{% if cups %}\n{{ cups }}\n{% endif %}\n",
    "never.html": "{{ cups }}\n",
}


@pytest.mark.usefixtures("hooks")
@pytest.mark.filterwarnings("ignore:Couldn't parse Python file")
def test_the_lines_of_the_project_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of tests and of processes they started, of Python and templates; neither comments nor settings of the project exempt any."""
    monkeypatch.setattr(templates, "MADE", {})
    folder = tmp_path / "run"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.coverage.run]\nomit = ['shop.py']\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    recording, stage = recorder(folder, tmp_path / "none", FILES, measure=True)
    shop: dict[str, Any] = {}
    exec(compile(SHOP, folder / "shop.py", "exec"), shop)
    for other in (folder / "generated.py", tmp_path / "elsewhere.py"):
        exec(compile("ONE = 1\n", other, "exec"))
    environment = Environment(autoescape=True)
    recording.switch("one")
    shop["price"](2)
    tea = Template.from_code(environment, environment.compile(FILES["tea.html"], "tea.html", str(folder / "tea.html")), {})
    tea.render(cups=0)
    started = coverage.CoverageData(str(folder / "output.coverage.started"))
    started.set_context("*one")
    started.add_arcs({str(folder / "shop.py"): [(-7, 8), (8, -7)]})
    started.write()

    measured = recording.measured(stage, ())
    kept = coverage.CoverageData(str(folder / "output.coverage"))
    kept.read()

    of_shop = {1: ("",), 2: ("", "one"), 4: ("", "one"), 7: ("",), 8: (), 11: ("",)}
    expected = replace(
        measured,
        statements={"shop.py": (1, 2, 3, 4, 7, 8, 11), "never.py": (1,), "tea.html": (1, 2)},
        missing={"shop.py": (3,), "never.py": (1,), "tea.html": (1, 2)},
        partial={"shop.py": ((2, 3),), "never.py": ()},
        contexts={"shop.py": of_shop, "tea.html": {1: ("one",), 2: ()}},
        processes={"shop.py": {**dict.fromkeys(of_shop, ()), 8: ("one",)}, "tea.html": {1: (), 2: ()}},
    )
    assert expected == measured
    assert {folder} == {Path(path).parent for path in kept.measured_files()}
