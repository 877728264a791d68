"""What a hunt found: a score, what is left to do, and what is justified."""

from pathlib import Path

import pytest

from mdproof.assemble.project import Project
from mdproof.fault import Refused
from mdproof.model import Page
from mdproof.mutate.score import read_reasons, score, shortcomings
from mdproof.mutate.verdict import JUSTIFIED, KILLED, SURVIVED, Tie, Verdict
from mdproof.proof.scores import source_hash
from mdproof.settings import Settings

VERDICTS = [
    Verdict("a", "docs/sums.md:9", "number: 1 -> 2", SURVIVED, ""),
    Verdict("b", "docs/sums.md:5", "number: 2 -> 3", KILLED, "test_one"),
    Verdict("c", "docs/sums.md:5", "number: 3 -> 4", KILLED, "test_one"),
    *(Verdict(f"d{n}", "docs/sums.md:6", "number: 4 -> 5", JUSTIFIED, "as good") for n in range(3)),
]
TIES = [
    Tie("CA-002", "docs/sums.md:7", "", ""),
    Tie("CA-001", "docs/sums.md:5", "number: 2 -> 3", "test_one"),
]


def reasons(root: Path, listed: str) -> dict[str, str]:
    """Give what is read of a reviewed list."""
    (root / "tests/mutation").mkdir(parents=True)
    (root / "tests/mutation/justified.toml").write_text(listed, encoding="utf-8")
    return read_reasons(Settings(root))


def test_each_mutant_of_the_reviewed_list_has_its_reason(tmp_path: Path) -> None:
    """One without a reason is not justified, and a reason may be without mutants by now."""
    listed = """\
[late]
reason = "Too late, für alle."
mutants = ["a", "b"]

[same]
reason = "The same."
mutants = ["c"]

[none]
mutants = ["d"]

[blank]
reason = ""
mutants = ["e"]

[over]
reason = "Over."
"""
    assert {"a": "Too late, für alle.", "b": "Too late, für alle.", "c": "The same."} == reasons(tmp_path, listed)


def test_without_a_reviewed_list_nothing_is_justified(tmp_path: Path) -> None:
    """A guide need not have one."""
    assert {} == read_reasons(Settings(tmp_path))


def test_a_reviewed_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Its file is named, and what is wrong in it."""
    with pytest.raises(Refused, match=r"^tests/mutation/justified\.toml:1: it is no TOML: .+ Mend it\.$"):
        reasons(tmp_path, "[late")


def test_a_score_counts_verdicts_and_says_what_breaks_each_rule(tmp_path: Path) -> None:
    """In the order of the rules' ids."""
    settings = Settings(tmp_path)
    project = Project(Page("docs/sums.md", "sums", "Sums", (), "", ()), {}, {}, ())

    found = score(settings, project, VERDICTS, TIES)

    rules = {"CA-001": {"broken": "number: 2 -> 3", "noticed": "test_one"}, "CA-002": {"broken": "", "noticed": ""}}
    counts = {"mutants": 6, "killed": 2, "survived": 1, "justified": 3}
    assert {"hash": source_hash(settings, project), **counts, "rules": rules} == found
    assert ["CA-001", "CA-002"] == list(found["rules"])


def test_what_is_left_to_do_is_said_at_its_line() -> None:
    """Each mutant that survived, and each rule that no change was seen to break, from the top of the page on."""
    assert [
        "docs/sums.md:7: no test that CA-002 names fails when its section is changed. Name one that does.",
        "docs/sums.md:9: no test fails when number: 1 -> 2 [a]. Test it, or justify it as equivalent.",
    ] == [str(fault) for fault in shortcomings(VERDICTS, TIES)]


def test_a_page_may_have_a_colon_in_its_name() -> None:
    """The line is what comes after the last one."""
    (fault,) = shortcomings([], [Tie("CA-003", "docs/a:b.md:7", "", "")])

    assert ("docs/a:b.md", 7) == (fault.place.path, fault.place.line)
