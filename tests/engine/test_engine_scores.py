"""The engine's own record: what mutmut found, told at the lines of its modules."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest

RECORDER = Path(__file__).parents[1] / "mutation/engine.py"
MODULE = '''\
"""Sums."""


class Sum:
    def of(self, a: int, b: int) -> int:
        return a + b


def shown(total: int) -> str:
    return f"{total} €"
'''
DIFFS = {
    "mdproof.sums.xǁSumǁof__mutmut_1": "--- a\n+++ b\n@@ -1,2 +1,2 @@\n def of(self, a, b):\n-    return a + b\n+    return a - b\n",
    "mdproof.sums.x_shown__mutmut_2": '--- a\n+++ b\n@@ -1,2 +1,2 @@\n-    return f"{total} €"\n+    return None\n',
}


@pytest.fixture
def recorder() -> ModuleType:
    """Give the script that keeps the record."""
    spec = importlib.util.spec_from_file_location("engine_scores", RECORDER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ran(root: Path, *codes: int | None) -> None:
    """Write what mutmut leaves of a module: how each mutant ended."""
    module = root / "src/mdproof/sums.py"
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(MODULE, encoding="utf-8")
    meta = root / "mutants/src/mdproof/sums.py.meta"
    meta.parent.mkdir(parents=True, exist_ok=True)
    names = [*DIFFS, *(f"mdproof.sums.x_shown__mutmut_{n}" for n in range(3, 9))]
    meta.write_text(json.dumps({"exit_code_by_key": dict(zip(names, codes, strict=False))}), encoding="utf-8")
    hashes = {"src/mdproof/sums.py": hashlib.sha256(MODULE.encode()).hexdigest()}
    (root / "mutants/texts.json").write_text(json.dumps(hashes), encoding="utf-8")
    (root / "tests/mutation").mkdir(parents=True, exist_ok=True)


def test_what_nothing_notices_is_told_at_its_line(tmp_path: Path, recorder: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """A change that survives, and one that no test reaches; a hang and a refusal of mypy are notices."""
    ran(tmp_path, 0, 33, 1, 37, 36)

    status = recorder.main(tmp_path, DIFFS.__getitem__)

    said = capsys.readouterr().out
    keys = [line.rpartition("[")[2].partition("]")[0] for line in said.splitlines()[:2]]
    assert (1, [12, 12]) == (status, [len(key) for key in keys])
    assert said == (
        f"src/mdproof/sums.py:6: no test fails when return a + b -> return a - b [{keys[0]}]. Test it, or justify it.\n"
        f'src/mdproof/sums.py:10: no test fails when return f"{{total}} €" -> return None [{keys[1]}]. Test it, or justify it.\n'
        "src/mdproof/sums.py: 3 of 5 noticed (1 by mypy), 0 justified, 60 %\n"
    )


@pytest.mark.parametrize("listed", ['mutants = ["{key}"]', 'changes = ["+ -> -"]'])
def test_a_reason_justifies_and_nothing_is_left(
    tmp_path: Path, recorder: ModuleType, capsys: pytest.CaptureFixture[str], listed: str
) -> None:
    """The record has the hash of the module's text; a module that was not run to the end keeps the score it had."""
    ran(tmp_path, 0, 1)
    assert 1 == recorder.main(tmp_path, DIFFS.__getitem__)
    key = capsys.readouterr().out.rpartition("[")[2].partition("]")[0]
    (tmp_path / "tests/mutation/engine.toml").write_text(f'[alike]\nreason = "The same."\n{listed.format(key=key)}\n', encoding="utf-8")

    assert 0 == recorder.main(tmp_path, DIFFS.__getitem__)
    ran(tmp_path, 0, None)
    assert 0 == recorder.main(tmp_path, DIFFS.__getitem__)

    score = {"hash": hashlib.sha256(MODULE.encode()).hexdigest(), "mutants": 2, "killed": 1, "typed": 0, "justified": 1, "survived": 0}
    assert {"src/mdproof/sums.py": score} == json.loads((tmp_path / "tests/mutation/engine.json").read_text(encoding="utf-8"))
    assert "src/mdproof/sums.py: 1 of 2 noticed (0 by mypy), 1 justified, 100 %" == capsys.readouterr().out.splitlines()[-1]


def test_what_was_tried_of_another_text_counts_for_nothing(
    tmp_path: Path, recorder: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """A module that was changed after its changes were made has no score of what it is now."""
    ran(tmp_path, 1, 1)
    (tmp_path / "src/mdproof/sums.py").write_text("pass\n", encoding="utf-8")

    assert 0 == recorder.main(tmp_path, DIFFS.__getitem__)

    assert "src/mdproof/sums.py: no score\n" == capsys.readouterr().out


def test_the_record_is_told_where_nothing_was_tried(tmp_path: Path, recorder: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """As it is in a fresh clone."""
    ran(tmp_path, 1, 1)
    recorder.main(tmp_path, DIFFS.__getitem__)
    shutil.rmtree(tmp_path / "mutants")
    capsys.readouterr()

    assert 0 == recorder.main(tmp_path, DIFFS.__getitem__)

    assert "src/mdproof/sums.py: 2 of 2 noticed (0 by mypy), 0 justified, 100 %\n" == capsys.readouterr().out


def test_a_module_in_which_nothing_can_be_changed_has_a_score(
    tmp_path: Path, recorder: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told apart from one that was never tried."""
    ran(tmp_path)

    assert 0 == recorder.main(tmp_path, DIFFS.__getitem__)

    assert "src/mdproof/sums.py: there is nothing to change\n" == capsys.readouterr().out


def test_a_module_that_is_gone_leaves_the_record(tmp_path: Path, recorder: ModuleType) -> None:
    """Its score is of nothing."""
    ran(tmp_path, 1, 1)
    recorder.main(tmp_path, DIFFS.__getitem__)
    (tmp_path / "src/mdproof/sums.py").unlink()
    (tmp_path / "mutants/src/mdproof/sums.py.meta").unlink()

    assert 0 == recorder.main(tmp_path, DIFFS.__getitem__)

    assert "{}\n" == (tmp_path / "tests/mutation/engine.json").read_text(encoding="utf-8")


def test_a_module_without_a_score_of_its_text_is_told(tmp_path: Path, recorder: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """One that was changed since, and one that was never run."""
    ran(tmp_path, 1)
    recorder.main(tmp_path, DIFFS.__getitem__)
    (tmp_path / "mutants/src/mdproof/sums.py.meta").unlink()
    (tmp_path / "src/mdproof/sums.py").write_text("pass\n", encoding="utf-8")
    (tmp_path / "src/mdproof/more.py").write_text("pass\n", encoding="utf-8")
    capsys.readouterr()

    assert 0 == recorder.main(tmp_path, DIFFS.__getitem__)

    said = "src/mdproof/more.py: no score\nsrc/mdproof/sums.py: stale, changed since its score was recorded\n"
    assert said == capsys.readouterr().out
