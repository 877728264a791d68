"""What the site says about a proof, to the letter: its style sheet goes by elements and classes."""

from typing import Any

import pytest

from mdproof.show.lines import banner, block_line, caught, foot, rule_line, seen_broken, summary

ADD, INNER = "tests/test_a.py::test_add", "tests/test_b.py::TestSums::test_<inner>"
ADD_NAME = f'<code title="{ADD}">test_add</code>'
INNER_NAME = '<code title="tests/test_b.py::TestSums::test_&lt;inner&gt;">test_&lt;inner&gt;</code>'
MARK = '<span class="proof-mark">{}</span>'


def good(said: str) -> str:
    """Give the line that says what went well."""
    return f'<p class="proof" data-search-exclude>{MARK.format("✓")} {said}</p>'


def bad(said: str) -> str:
    """Give the line that says what was caught."""
    return f'<p class="proof caught" data-search-exclude>{MARK.format("✗")} {said}</p>'


@pytest.mark.parametrize(
    ("block", "project", "expected"),
    [
        ({"role": "demonstration", "path": None, "tests": ["block-1"]}, "snippets/a", good("ran")),
        ({"role": "layout", "path": None, "tests": ["proof"]}, "snippets/a", good("matches the project")),
        (
            {"role": "file", "path": "src/<x>.py", "lines_total": 1, "lines_run": 1, "tests": []},
            "snippets/a",
            good('ran 1 of 1 line · <span class="proof-path">snippets/a/src/&lt;x&gt;.py</span>'),
        ),
        ({"role": "file", "path": "x.py", "lines_total": 3, "lines_run": 2, "tests": [ADD]}, None, good("ran 2 of 3 lines in 1 test")),
        ({"role": "file", "path": "x.txt", "lines_total": 0, "lines_run": 0, "tests": [ADD, INNER]}, None, good("used in 2 tests")),
        ({"role": "file", "path": "x.txt", "lines_total": 0, "lines_run": 0, "tests": []}, None, good("used")),
        (
            {"role": "counterexample", "path": None, "tests": [ADD, INNER]},
            "snippets/a",
            bad(f"caught by {ADD_NAME}, {INNER_NAME}"),
        ),
    ],
    ids=["demonstration", "layout", "no test", "no project", "no line", "neither", "don't"],
)
def test_a_block_says_what_ran_of_it(block: dict[str, Any], project: str | None, expected: str) -> None:
    """Only a file says where it is, and only in a project; tests have their full names when pointed at."""
    assert expected == block_line(block, project)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("passed", good("1 of 1 test passed, 2 assertions")), ("failed", bad("0 of 1 test passed, 2 assertions"))],
)
def test_a_rule_says_how_its_tests_went(outcome: str, expected: str) -> None:
    """It is marked as caught unless all passed."""
    assert expected == rule_line({"tests": [ADD]}, [{"id": ADD, "outcome": outcome, "assertions": 2}])


def test_a_rule_says_under_which_change_its_test_failed() -> None:
    """The change is shown as code."""
    score = {"stale": False, "rules": {"PF-001": {"broken": "a < b -> a", "noticed": ADD}}}

    assert bad(f"seen to fail under <code>a &lt; b -&gt; a</code>: {ADD_NAME}") == seen_broken(score, "PF-001")


@pytest.mark.parametrize(
    "score",
    [
        None,
        {"stale": False, "rules": {}},
        {"stale": False, "rules": {"PF-001": {"broken": "a -> b", "noticed": None}}},
        {"stale": True, "rules": {"PF-001": {"broken": "a -> b", "noticed": ADD}}},
    ],
    ids=["no score", "unknown rule", "not noticed", "stale"],
)
def test_a_rule_of_which_no_change_is_known_says_nothing(score: dict[str, Any] | None) -> None:
    """Or none that still holds."""
    assert "" == seen_broken(score, "PF-001")


def test_a_dont_unfolds_what_its_tests_said() -> None:
    """The message does not count as a block of the page."""
    expected = (
        f'<details class="proof-message" data-search-exclude><summary>What {ADD_NAME}, {INNER_NAME} said</summary>'
        "<pre data-proof><code>3 &lt; 2</code></pre></details>"
    )

    assert expected == caught({"caught_by": [ADD, INNER], "message": "3 < 2"})


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ({"flask": "3.1.3", "python": "3.14.8"}, "Proven with Flask 3.1.3 on Python 3.14.8: 1 block, 2 tests."),
        ({"python": "3.14.8"}, "Proven with Python 3.14.8: 1 block, 2 tests."),
        ({"flask": "3.1.3"}, "Proven with Flask 3.1.3: 1 block, 2 tests."),
    ],
    ids=["both", "no subject", "no Python"],
)
def test_a_summary_names_the_versions_that_are_known(versions: dict[str, str], expected: str) -> None:
    """And only what the page has."""
    assert expected == summary({"blocks": [{}], "tests": [{}, {}], "rules": [], "counterexamples": []}, versions, "Flask")


@pytest.mark.parametrize(
    ("faults", "listed"), [([], ""), (["a:1: <b>.", "a:2: c."], "<ul><li>a:1: &lt;b&gt;.</li><li>a:2: c.</li></ul>")], ids=["none", "two"]
)
def test_a_banner_lists_the_reasons_that_are_known(faults: list[str], listed: str) -> None:
    """There may be none."""
    expected = f'<div class="unproven" role="alert" data-search-exclude><p>This page is not proven as it stands.</p>{listed}</div>'

    assert expected == banner(faults)


def test_the_foot_has_each_file_under_its_name() -> None:
    """A project without generated files has no foot."""
    files = {"<a>.toml": "<pre>1</pre>", "b.md": "<pre>2</pre>"}
    shown = "".join(
        f'<div class="highlight"><span class="filename">{name}</span><pre>{number}</pre></div>'
        for number, name in enumerate(("&lt;a&gt;.toml", "b.md"), 1)
    )
    summary = "<summary>The rest of the project: its generated files</summary>"

    assert f'<details class="proof-foot" data-search-exclude>{summary}{shown}</details>' == foot(files)
    assert "" == foot({})
