"""The command line: what it offers, what each command does and says, how it ends."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mdproof import command
from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Outcome
from mdproof.fault import Fault, Place
from mdproof.mutate.page import Track
from mdproof.proof import record
from mdproof.proof.prove import Proven
from mdproof.proof.record import page_hash, write_proof
from mdproof.proof.scores import source_hash
from mdproof.read.guide import read_guide
from mdproof.settings import Settings, load_settings

HELP = Path(__file__).parent / "cases/help"
FENCE = "```"
SHORT = f'# Short\n\n{FENCE}python title="src/shop/__init__.py"\nOPEN = True\n{FENCE}\n'
LONG = f"""\
# Long

{FENCE}python title="src/bank/__init__.py"
OPEN = False
{FENCE}

{FENCE}python title="tests/test_bank.py"
from bank import OPEN


def test_open():
    assert not OPEN
{FENCE}

[`tests/test_bank.py::test_open`](long.md) is not [`tests/test_bank.py::test_open`](../part/long.md).
"""
REFERRING = "# Referring\n\nSee [`tests/test_bank.py::test_open`](long.md).\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs a command in a guide of three pages; it gives status, output and errors."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(record, "_engine", str)  # to read all of it takes longer than the rest
    (tmp_path / "docs/part").mkdir(parents=True)
    for name, text in {"short": SHORT, "long": LONG, "referring": REFERRING}.items():
        (tmp_path / f"docs/part/{name}.md").write_text(text, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        status = command.main(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


class Prover:
    """Proves pages without running them."""

    def __init__(self, *unproven: str) -> None:
        """Know the pages that shall not be proven."""
        self.unproven = unproven
        self.events: list[str] = []
        self.settings: list[Settings] = []

    def __call__(self, settings: Settings, _zygote: object, project: Project) -> Proven:
        """Write a proof that stands, or says what is wrong."""
        page, name = project.page, project.page.name
        self.settings.append(settings)
        self.events.append(f"begin {name}")
        time.sleep(0.01)
        self.events.append(f"end {name}")
        fault = Fault(Place(page.path, 1), f"{name} is wrong")
        faults = (fault,) if name in self.unproven else ()
        nothing: dict[str, Any] = {key: [] for key in ("rules", "counterexamples", "tests")}
        blocks = [{"lines_run": 1, "lines_total": 2}] * len(page.blocks)
        proof = {**nothing, "blocks": blocks, "faults": list(map(str, faults)), "proven": not faults, "seconds": 1.5}
        proof |= {"hash": page_hash(settings, project)}
        write_proof(settings, name, proof)
        return Proven(proof, faults, {fault: Outcome("t", "failed", text="its report")} if faults else {})

    @property
    def pages(self) -> list[str]:
        """Give the pages in the order in which they were begun."""
        return [event.removeprefix("begin part/") for event in self.events if event.startswith("begin")]


@pytest.fixture
def prover(monkeypatch: pytest.MonkeyPatch) -> Prover:
    """Have all pages proven without a process."""
    prover = Prover()
    monkeypatch.setattr(command, "prove_page", prover)
    return prover


@pytest.mark.parametrize("name", ["", "prove", "assemble", "show", "mutate", "take", "check"])
def test_help_tells_what_a_command_takes(name: str, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Each option, what it is good for, and what holds without it."""
    with pytest.raises(SystemExit) as ended:
        run(*name.split(), "--help")

    expected = (HELP / f"{name or 'mdproof'}.txt").read_text(encoding="utf-8")
    assert (expected, 0) == (capsys.readouterr().out, ended.value.code)


@pytest.mark.parametrize("arguments", [(), ("prove", "--services", "nonsense"), ("take", "docs/part/short.md")])
def test_what_cannot_be_understood_ends_with_2(arguments: tuple[str, ...], run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A command or argument that is missing, or a choice that is none."""
    with pytest.raises(SystemExit) as ended:
        run(*arguments)

    assert 2 == ended.value.code
    assert capsys.readouterr().err.startswith("usage: mdproof ")


def test_assemble_names_what_it_wrote(run: Run) -> None:
    """The number of projects, and the folder of each that has changed."""
    first, again = run("assemble"), run("assemble")

    assert (0, "2 of 3 projects written\n  snippets/part/long\n  snippets/part/short\n", "") == first
    assert (0, "0 of 3 projects written\n", "") == again


def test_folders_can_be_named(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guide that lies elsewhere, in folders of other names."""
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "docs").rename(tmp_path / "pages")
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    ran = run("--root", str(tmp_path), "--docs", "pages", "--snippets", "projects", "assemble")

    assert (0, "2 of 3 projects written\n  projects/part/long\n  projects/part/short\n", "") == ran
    assert (tmp_path / "projects/part/short/src/shop/__init__.py").is_file()


@pytest.mark.parametrize(
    ("tool", "status", "out", "err"),
    [
        (["true"], 0, "", ""),
        (["false"], 1, "", "".join(f"docs/part/{name}.md:1: `false` ended with status 1:\n" for name in ("long", "short"))),
        ([], 2, "", "mdproof: check runs a tool. Name one, such as ruff check --output-format concise.\n"),
        (
            ["no-such-tool", "true"], 2, "",
            "mdproof: there is no no-such-tool on the PATH. Install it, or name one, such as ruff check --output-format concise.\n",
        ),
    ],
)  # fmt: skip
def test_check_runs_a_tool(tool: list[str], status: int, out: str, err: str, run: Run) -> None:
    """What it finds is said; a tool that is not there is wrong usage."""
    ran = run("check", *tool)

    assert (status, out, err) == (ran[0], ran[1], ran[2].replace(": \n", ":\n"))


@pytest.mark.parametrize(
    ("place", "status", "out"),
    [
        ("docs/part/short.md:4", 0, "snippets/part/short/src/shop/__init__.py:1: OPEN = True\n"),
        ("docs/part/short.md:1", 1, "docs/part/short.md:1: this line is in no project.\n"),
    ],
)
def test_show_answers_where_a_line_is(place: str, status: int, out: str, run: Run) -> None:
    """A line that went nowhere is an answer too, and no success."""
    assert (status, out, "") == run("show", place)


def test_show_gives_each_place_a_line(tmp_path: Path, run: Run) -> None:
    """A line may be in the projects of several pages."""
    child = "---\nbuilds_on: [part/short]\n---\n\n# Child\n"
    (tmp_path / "docs/part/child.md").write_text(child, encoding="utf-8")

    ran = run("show", "docs/part/short.md:4")

    said = "".join(f"snippets/part/{name}/src/shop/__init__.py:1: OPEN = True\n" for name in ("short", "child"))
    assert (0, said, "") == ran


@pytest.mark.parametrize(
    ("options", "package", "proven"),
    [((), "mine", "not proven here yet: run `prove` for that"), (("--name", "yours"), "yours", "its proof stands")],
)
@pytest.mark.usefixtures("prover")
def test_take_tells_what_was_taken(options: tuple[str, ...], package: str, proven: str, run: Run) -> None:
    """The page, whether it was proven, the package's name, which is the folder's unless one is given."""
    if options:
        run("prove", "docs/part/short.md")

    ran = run("take", "docs/part/short.md", "mine", *options)

    said = f"mine: the project of docs/part/short.md ({proven}), its package now {package}. Go on there with `uv run pytest`.\n"
    assert (0, said, "") == ran
    assert Path(f"mine/src/{package}/__init__.py").is_file()


@pytest.mark.parametrize("arguments", [("prove",), ("mutate",), ("take",)])
def test_a_page_that_is_not_there_is_named(arguments: tuple[str, ...], run: Run) -> None:
    """With how pages are named here; nothing is done to the others."""
    further = ("mine",) if arguments == ("take",) else ("docs/part/short.md", "docs/part/nor-this.md")

    ran = run("--build", "built", *arguments, "docs/part/nowhere.md", *further)

    assert (2, "", "mdproof: there is no page docs/part/nowhere.md. Name pages as docs/part/page.md.\n") == ran
    assert not Path("built").exists()


def test_what_takes_long_is_proven_first(run: Run, prover: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many pages at once as there are processors."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)

    status, out, err = run("prove")

    assert [f"{what} part/{name}" for name in ("long", "short", "referring") for what in ("begin", "end")] == prover.events
    assert (0, 1, 3) == (status, err.count("docs/part/referring.md ━"), out.count(" proven "))
    assert err.endswith("━ 3/3\n")


def test_what_stands_is_not_proven_again(run: Run, prover: Prover) -> None:
    """Unless one asks for it; the table has it all the same."""
    run("prove", "docs/part/short.md", "./docs/part/long.md")
    before, first = prover.pages, run("prove", "docs/part/short.md")
    second = run("prove", "--again", "docs/part/short.md")

    assert (["long", "short"], ["short"]) == (sorted(before), prover.pages[2:])
    assert ("proving ━", "━ 1/1\n") == (first[2][:9], first[2][-6:])
    assert [0, 0] == [first[0], second[0]]
    assert first[1] == second[1]
    assert ["│", "part/short", "│", "1", "│", "0", "│", "0", "│", "0", "│", "1", "of", "2", "│", "1.5", "│", "proven", "│"] == (
        first[1].splitlines()[3].split()
    )


def test_what_is_wrong_is_said_with_its_report(tmp_path: Path, run: Run, prover: Prover) -> None:
    """A page that refers to one that is not proven is not proven either; only what is proven is written."""
    prover.unproven = ("part/long",)

    status, out, err = run("prove")

    assert (1, 3, 2) == (status, out.count(" proven "), out.count(" not proven "))
    assert "docs/part/long.md:1: part/long is wrong\n    its report\n" in err
    refers = "tests/test_bank.py::test_open is on the page part/long, which is not proven. Prove that first.\n"
    assert err.endswith(f"docs/part/referring.md:3: {refers}")
    assert ["short"] == [path.name for path in (tmp_path / "snippets/part").iterdir()]


@pytest.mark.parametrize("name", ["prove", "mutate"])
def test_a_message_is_one_line_however_narrow_the_terminal(
    name: str, run: Run, prover: Prover, hunter: Hunter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that is broken in two cannot be clicked; it has the line of the bar, which is cleared for it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "30")
    prover.unproven = hunter.faulty = ("part/long",)

    _, _, err = run(name, "docs/part/long.md")

    assert "\r\x1b[2Kdocs/part/long.md:1: part/long is wrong\n" in err


def test_a_guide_is_proven_again_while_it_changes(run: Run, prover: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command is run again and again, but for the option that says so."""
    watched: list[Settings] = []

    def watch(settings: Settings, again: Callable[[], object]) -> None:
        watched.append(settings)
        again()
        again()

    monkeypatch.setattr(command, "watch", watch)

    assert 0 == run("prove", "--again", "--watch", "docs/part/short.md")[0]
    assert (1, ["short", "short"]) == (len(watched), prover.pages)


@pytest.mark.usefixtures("run")
def test_arguments_are_those_of_the_process(prover: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none are given, as of the module that is run; so when it is run again."""
    monkeypatch.setattr(command, "watch", lambda _, again: again())
    monkeypatch.setattr(sys, "argv", ["mdproof", "prove", "--watch", "docs/part/short.md"])

    assert 0 == command.main()
    assert ["short"] == prover.pages


@pytest.mark.parametrize("services", ["embedded", "real"])
@pytest.mark.usefixtures("prover")
def test_services_are_those_asked_for(services: str, tmp_path: Path, run: Run) -> None:
    """Whatever is proven with real ones is kept apart."""
    run("--services", services, "prove", "docs/part/short.md")

    assert ("real" == services) == (tmp_path / "build/real/proof.json").is_file()


class Hunter:
    """Hunts pages without running them."""

    def __init__(self) -> None:
        """Find nothing."""
        self.pages: list[str] = []
        self.faulty: tuple[str, ...] = ()

    def __call__(self, _settings: object, _zygote: object, projects: dict[str, Project], name: str, track: Track) -> list[Fault]:
        """Track three verdicts, and say what is wrong."""
        self.pages.append(name)
        assert 3 == len(list(track((verdict for verdict in VERDICTS), len(VERDICTS))))
        return [Fault(Place(projects[name].page.path, 1), f"{name} is wrong")] if name in self.faulty else []


VERDICTS: list[Any] = [None] * 3


@pytest.fixture
def hunter(monkeypatch: pytest.MonkeyPatch) -> Hunter:
    """Have all pages hunted without a process."""
    hunter = Hunter()
    monkeypatch.setattr(command, "hunt_page", hunter)
    return hunter


def scored(root: Path, **survived: int) -> None:
    """Write the scores of some pages as they are."""
    settings = load_settings(root)
    projects = assemble(read_guide(settings))
    scores = {
        f"part/{name}": {
            "hash": source_hash(settings, projects[f"part/{name}"]),
            "mutants": 9, "killed": 8 - left, "justified": 1, "survived": left, "rules": {},
        }
        for name, left in survived.items()
    }  # fmt: skip
    (root / "tests/mutation").mkdir(parents=True)
    (root / "tests/mutation/scores.json").write_text(json.dumps(scores), encoding="utf-8")


def test_pages_with_code_are_hunted(run: Run, hunter: Hunter) -> None:
    """One after the other; how far it is, is shown."""
    status, out, err = run("mutate")

    assert (0, ["part/long", "part/short"]) == (status, hunter.pages)
    assert ("", "2 pages hunted in ") == (out.partition("2 pages")[0], out.rpartition("in ")[0] + "in ")
    assert [("docs/part/long.md", "3/3", "0:00:00"), ("docs/part/short.md", "3/3", "0:00:00")] == [
        (line.partition("━")[0].rstrip(), *line.rpartition("━")[2].split()) for line in err.splitlines()
    ]


def test_a_score_that_stands_is_not_taken_again(tmp_path: Path, run: Run, hunter: Hunter) -> None:
    """Unless one asks for it, or something was left."""
    scored(tmp_path, short=0, long=3)

    status, out, _ = run("mutate")
    table = "part/short: 8 of 9 mutants killed, 1 justified, 100 %\npart/long: 5 of 9 mutants killed, 1 justified, 62 %\n"

    assert (1, ["part/long"]) == (status, hunter.pages)
    assert out.startswith(f"{table}1 pages hunted in ")
    assert (0, ["part/long", "part/short"]) == (run("mutate", "--again", "docs/part/short.md")[0], hunter.pages)


def test_what_nothing_noticed_is_said(tmp_path: Path, run: Run, hunter: Hunter) -> None:
    """At its line, and the union of proofs has the scores."""
    hunter.faulty = ("part/short",)

    _, _, err = run("mutate")

    assert "docs/part/short.md:1: part/short is wrong\n" in err
    assert (tmp_path / "build/proof.json").is_file()
