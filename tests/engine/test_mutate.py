"""The proof of the proof: guides that hold, and yet something in them could be changed unnoticed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mdproof import command

pytestmark = pytest.mark.processes

CASES = Path(__file__).parent / "cases"
UNMUTATED = sorted(p for p in (CASES / "unmutated").iterdir() if p.is_dir())
Run = Callable[..., Any]


@pytest.mark.parametrize("case", [pytest.param(p, id=p.name) for p in UNMUTATED])
def test_change_that_nothing_notices_is_named(case: Path, run: Run) -> None:
    """Such a page is proven, and mutating it says at which line what was changed."""
    proven = run(case, "prove")
    ran = run(case, "mutate")

    assert (0, "") == (proven.status, proven.faults)
    assert (case / "expected.txt").read_text(encoding="utf-8") == ran.faults
    assert ran.status == 1


def test_function_that_others_hold_is_changed_where_they_hold_it(run: Run) -> None:
    """What a decorator made when the module was imported runs the changed code, and so does what a table names."""
    ran = run(CASES / "mutated/closure", "mutate")

    assert (0, "") == (ran.status, ran.faults)
    assert "gates: 27 of 27 mutants killed" in ran.output


def test_process_that_tests_share_is_credited_to_none_of_them(run: Run) -> None:
    """The one that starts it may not be the one that notices; a test's own process is its own."""
    ran = run(CASES / "mutated/process", "mutate")
    proven = run(CASES / "mutated/process", "prove")

    (page,) = json.loads((proven.root / "build/proof.json").read_text(encoding="utf-8"))["pages"]
    assert (0, "") == (ran.status, ran.faults)
    assert ["tests/test_doubler.py::test_nothing_is_doubled_to_nothing"] == page["blocks"][0]["tests"]


def test_what_a_warm_process_remembers_hides_no_change(run: Run) -> None:
    """A value that was computed before the change is computed anew where a test is to notice it."""
    ran = run(CASES / "mutated/cached", "mutate")

    assert (0, "") == (ran.status, ran.faults)


def test_a_step_is_run_with_all_before_it_where_their_files_are_not_enough(run: Run) -> None:
    """What it finds by itself is red without any change; so its story is told from the first step on."""
    ran = run(CASES / "mutated/story", "mutate")

    assert (0, "") == (ran.status, ran.faults)


def test_a_change_that_stops_the_import_is_noticed_in_a_scene_too(run: Run) -> None:
    """Its record says that a console noticed it last time, so that is where the hunt begins."""
    ran = run(CASES / "mutated/import", "mutate")

    assert (0, "") == (ran.status, ran.faults)
    assert "notes: 4 of 4 mutants killed" in ran.output


def test_definition_that_a_page_repeats_is_changed_once(run: Run) -> None:
    """A page that builds on another is not asked again for what it takes over word for word."""
    ran = run(CASES / "mutated/repeated", "mutate")

    assert (0, "") == (ran.status, ran.faults)
    *scores, spent = ran.output.splitlines()
    assert ["more: 4 of 4 mutants killed", "sums: 3 of 3 mutants killed"] == [line.partition(",")[0] for line in scores]
    assert re.fullmatch(r"2 pages hunted in \d+ s of CPU", spent)


def test_page_whose_every_change_is_noticed(run: Run) -> None:
    """Its record counts what was killed, and says by which change each rule was seen to break."""
    ran = run(CASES / "mutated/function", "mutate")

    (score,) = json.loads((ran.root / "tests/mutation/scores.json").read_text(encoding="utf-8")).values()
    noticed = {"broken": "swap_op: a + b -> a - b", "noticed": "tests/test_calc.py::test_add"}
    assert (0, "") == (ran.status, ran.faults)
    assert {"CA-001": noticed} == score["rules"]
    assert (score["mutants"], 0, 0) == (score["killed"], score["survived"], score["justified"])


def test_the_record_says_what_a_whole_hunt_took(run: Run) -> None:
    """One that goes on from what is known already took less, and leaves that figure as it is."""
    root = run(CASES / "mutated/function", "mutate").root
    path = root / "tests/mutation/scores.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({"sums": {**record["sums"], "seconds": 999}}), encoding="utf-8")

    command.main(["--root", str(root), "mutate", "--again"])

    assert 999 == json.loads(path.read_text(encoding="utf-8"))["sums"]["seconds"]


def test_survivor_with_a_reason_is_justified(run: Run) -> None:
    """The reviewed list takes it off what is left to kill."""
    case = CASES / "unmutated/option-that-no-test-needs"
    mutants = [line.split("[")[1].split("]")[0] for line in (case / "expected.txt").read_text(encoding="utf-8").splitlines()]
    listed = f'[as-good]\nreason = "it is as good"\nmutants = {mutants}\n'
    (run(case, "assemble").root / "tests/mutation").mkdir(parents=True)
    (run(case, "assemble").root / "tests/mutation/justified.toml").write_text(listed, encoding="utf-8")

    ran = run(case, "mutate")

    assert (0, "") == (ran.status, ran.faults)
    assert f"{len(mutants)} justified, 100 %" in ran.output


def test_reason_for_what_a_test_does_kill_is_not_needed(run: Run, tmp_path: Path) -> None:
    """A mutant on the list is tried all the same, by the tests that would notice it first."""
    root = run(CASES / "mutated/function", "mutate").root
    (log,) = (root / "build/mutants").rglob("*.jsonl")
    mutants = [json.loads(line)[1]["id"] for line in log.read_text(encoding="utf-8").splitlines()]
    log.unlink()
    (tmp_path / "tests/mutation/justified.toml").write_text(f'[wrong]\nreason = "it is as good"\nmutants = {mutants}\n', encoding="utf-8")

    ran = run(CASES / "mutated/function", "mutate", "--again")

    assert "3 of 3 mutants killed, 0 justified" in ran.output


def test_a_kill_stands_as_long_as_the_killer(run: Run) -> None:
    """After a change of one test's file only what it killed, and what survived, is run again."""
    root = run(CASES / "mutated/function", "mutate").root
    (log,), (page,) = (root / "build/mutants").rglob("*.jsonl"), (root / "docs").rglob("*.md")
    first = log.read_text(encoding="utf-8").splitlines()

    again = ["--root", str(root), "mutate", "--again"]
    status = [command.main(again)]
    second = log.read_text(encoding="utf-8").splitlines()
    page.write_text(page.read_text(encoding="utf-8").replace("test_add", "test_adds"), encoding="utf-8")
    status.append(command.main(again))
    third = log.read_text(encoding="utf-8").splitlines()

    assert [0, 0] == status
    assert first == second
    killers = [{json.loads(line)[1]["by"] for line in lines} for lines in (first, third[len(first) :])]
    assert [{"tests/test_calc.py::test_add"}, {"tests/test_calc.py::test_adds"}] == killers


@pytest.mark.parametrize("changed", ["docs/sums.md", "tests/guide/test_sums.py"])
def test_score_is_stale_once_what_it_stands_on_is_another(run: Run, changed: str) -> None:
    """A page, or its deeper tests, may change: the record says that the score was taken before."""
    root = run(CASES / "mutated/function", "mutate").root
    fresh = _is_stale(root)
    (root / changed).parent.mkdir(parents=True, exist_ok=True)
    with (root / changed).open("a", encoding="utf-8") as file:
        file.write('\n```python title="tests/test_more.py"\n"""More."""\n```\n' if changed.endswith(".md") else '"""More."""\n')

    command.main(["--root", str(root), "prove"])

    assert (False, True) == (fresh, _is_stale(root))


def _is_stale(root: Path) -> bool:
    (page,) = json.loads((root / "build/proof.json").read_text(encoding="utf-8"))["pages"]
    return bool(page["mutation"]["stale"])


def test_the_next_hunt_begins_with_what_noticed_a_change(run: Run) -> None:
    """Each mutant is on record with its killer, which is no more than a hint: a record that is damaged, or wrong, changes nothing."""
    root = run(CASES / "mutated/function", "mutate").root
    noticed, (log,) = root / "tests/mutation/noticed/sums.json", (root / "build/mutants").rglob("*.jsonl")
    kills = log.read_text(encoding="utf-8").splitlines()
    mutants = sorted(json.loads(line)[1]["id"] for line in kills)
    first = json.loads(noticed.read_text(encoding="utf-8"))

    again = []
    for text in ("{", '["x"]', json.dumps({"tests/test_no.py::test_no": mutants})):
        log.unlink()
        noticed.write_text(text, encoding="utf-8")
        again.append(command.main(["--root", str(root), "mutate", "--again"]))
        again.append(json.loads(noticed.read_text(encoding="utf-8")) == first)

    assert {"tests/test_calc.py::test_add": mutants} == first
    assert [0, True] * 3 == again


def test_page_that_does_not_hold_is_not_mutated(run: Run) -> None:
    """Where tests fail already, that one fails says nothing of a mutant."""
    ran = run(CASES / "unproven/test-that-fails", "mutate")

    assert (1, "docs/sums.md:1: this page is not proven, so there is nothing to mutate. Prove it first.\n") == (ran.status, ran.faults)
