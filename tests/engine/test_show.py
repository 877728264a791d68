"""What a page shows of its proof, and what it says without one."""

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown

from mdproof.proof.record import digest
from mdproof.show.check import code_faults, text_faults
from mdproof.show.files import changed_lines
from mdproof.show.lines import escape, rule_line

TEXT = """\
# One

What you will have.

!!! must "PF-001 Add"

    Proven by `tests/test_x.py::test_add`.

```python {title="src/x.py" .append}
X = 1
```

!!! failure "Don't"

    ```python
    X = 2
    ```
"""
FENCED = '```python title="src/x.py"\nX = 1\n```\n'
NASTY = "assert '<script>' == '&lt;' \x02wzxhzdk:0\x03 \"q\""


def page(text: str = TEXT, **changes: Any) -> dict[str, Any]:
    """Give the record of a page with a file, a rule and a Don't."""
    block = {"place": "docs/a/one.md:9", "path": "src/x.py", "tests": ["tests/test_x.py::test_add"]}
    return {
        "page": "docs/a/one.md",
        "project": "snippets/a/one",
        "text": digest(text),
        "proven": True,
        "blocks": [
            block | {"number": 1, "role": "append", "lines_total": 7, "lines_run": 7},
            block | {"number": 2, "role": "counterexample", "path": None, "place": "docs/a/one.md:15"},
        ],
        "rules": [{"id": "PF-001", "title": "Add", "level": "MUST", "place": "docs/a/one.md:5", "tests": ["tests/test_x.py::test_add"]}],
        "counterexamples": [{"title": "Don't", "place": "docs/a/one.md:13", "caught_by": ["tests/test_x.py::test_add"], "message": NASTY}],
        "tests": [{"id": "tests/test_x.py::test_add", "outcome": "passed", "seconds": 0.1, "assertions": 2}],
        "faults": [],
    } | changes


def rendered(root: Path, record: dict[str, Any], text: str = TEXT, *others: dict[str, Any]) -> str:
    """Render a page beside a proof."""
    (root / "proof.json").write_text(json.dumps({"versions": {"flask": "3.1.3", "python": "3.14.8"}, "pages": [record, *others]}))
    options = {"mdproof.show.extension": {"proof": "proof.json", "root": str(root), "subject": "Flask"}}
    extensions = ["admonition", "attr_list", "md_in_html", "pymdownx.details", "pymdownx.superfences", "mdproof.show.extension"]
    return Markdown(extensions=extensions, extension_configs=options).convert(text)


def shown(root: Path, record: dict[str, Any], text: str = TEXT, *others: dict[str, Any]) -> BeautifulSoup:
    """Give a page as a reader's browser sees it."""
    return BeautifulSoup(rendered(root, record, text, *others), "html.parser")


def texts(soup: BeautifulSoup, selector: str) -> list[str]:
    """Give the texts of the elements a selector finds."""
    return [" ".join(tag.get_text().split()) for tag in soup.select(selector)]


def test_a_file_says_how_much_of_it_ran_and_where_it_is(tmp_path: Path) -> None:
    """Below a file's block stand the lines that ran, the tests, and the file."""
    soup = shown(tmp_path, page())

    assert texts(soup, "[data-block='1'] + .proof") == ["✓ ran 7 of 7 lines in 1 test · snippets/a/one/src/x.py"]


def test_an_appended_block_is_called_continued(tmp_path: Path) -> None:
    """The reader sees that an appended block is not the whole file."""
    assert texts(shown(tmp_path, page()), ".filename") == ["src/x.py … (continued)"]


def test_only_an_appended_block_with_a_title_is_called_continued(tmp_path: Path) -> None:
    """A whole file is not, and what has no title gets none."""
    text = f"{FENCED}\n```{{.python .append}}\nX = 2\n```\n"

    assert ["src/x.py"] == texts(shown(tmp_path, page(), text), ".filename")


def test_a_dont_names_the_test_that_caught_it(tmp_path: Path) -> None:
    """Below a Don't's code stands what caught it."""
    soup = shown(tmp_path, page())

    assert texts(soup, ".failure [data-block='2'] + .proof") == ["✗ caught by test_add"]


def test_a_failure_message_is_shown_as_text(tmp_path: Path) -> None:
    """Markup, entities, quotes and Python-Markdown's own placeholders in a message stay text."""
    soup = shown(tmp_path, page())

    assert [t.get_text() for t in soup.select(".failure details pre")] == [NASTY.replace("\x02", "\ufffd").replace("\x03", "\ufffd")]


@pytest.mark.parametrize("key", ["path", "tests"])
def test_whatever_comes_from_the_proof_is_escaped(tmp_path: Path, key: str) -> None:
    """No text of the proof becomes an element or leaves its attribute."""
    evil = '"><script>alert(1)</script>&amp;'
    record = page()
    record["blocks"][0][key] = evil if key == "path" else [evil]
    record["blocks"][1]["tests"] = [evil]

    soup = shown(tmp_path, record | {"project": evil})

    assert soup.find_all("script") == []


def test_escape_leaves_nothing_to_the_parser() -> None:
    """Quotes are escaped for attributes; control characters are replaced."""
    assert escape('<a href="x">\'&amp;\x02') == "&lt;a href=&quot;x&quot;&gt;&#x27;&amp;amp;\ufffd"


def test_a_rule_shows_the_state_of_its_tests(tmp_path: Path) -> None:
    """A rule's box has its level, an anchor, and how its tests went."""
    soup = shown(tmp_path, page())

    assert texts(soup, "#PF-001 .admonition-title") == ["MUST PF-001 Add"]
    assert texts(soup, "#PF-001 .proof") == ["✓ 1 of 1 test passed, 2 assertions"]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (
            '!!! must "PF-001 Add"\n\n    Text.\n',
            '<div class="admonition must" id="PF-001">\n<p class="admonition-title"><span class="rule-level">MUST</span> PF-001 Add</p>',
        ),
        (
            '!!! may "*Add*"\n\n    Text.\n',
            '<div class="admonition may">\n<p class="admonition-title"><span class="rule-level">MAY</span> <em>Add</em></p>',
        ),
        (
            '??? should "PF-002 Add"\n\n    Text.\n',
            '<details class="should" id="PF-002">\n<summary><span class="rule-level">SHOULD</span> PF-002 Add</summary>',
        ),
    ],
    ids=["box", "no id", "folded"],
)
def test_a_box_has_its_level_before_its_title(tmp_path: Path, box: str, expected: str) -> None:
    """To the letter, for the style sheet; its id is its anchor."""
    assert expected in rendered(tmp_path, page(), box)


@pytest.mark.parametrize(
    "text",
    ["A *word*.\n{: .must }\n", "A *word*.\n{: .admonition .must }\n", '<div class="must" markdown>\nA *word*.\n</div>\n'],
    ids=["paragraph", "paragraph that says it is a box", "division"],
)
def test_what_is_no_box_has_no_level(tmp_path: Path, text: str) -> None:
    """Whatever its class."""
    assert "rule-level" not in rendered(tmp_path, page(), text)


def test_a_rule_whose_test_failed_or_is_gone_says_so() -> None:
    """A parametrized test holds only if all its cases passed; one that is gone does not."""
    tests = [{"id": f"t::a[{n}]", "outcome": o, "assertions": 1} for n, o in enumerate(("passed", "failed"))]

    line = BeautifulSoup(rule_line({"tests": ["t::a", "t::gone"]}, tests), "html.parser").get_text()

    assert line == "✗ 0 of 2 tests passed, 2 assertions"


def test_the_scores_of_all_pages_are_a_table(tmp_path: Path) -> None:
    """A score of an earlier state of a page says so, and a page without one has none."""
    score = {"mutants": 20, "killed": 18, "justified": 1, "percent": 94, "stale": False, "rules": {}}
    text = "# Scores\n\n[MUTATIONS]\n"
    record = page(text, mutation=score | {"stale": True}, title="One", blocks=[], rules=[], counterexamples=[])
    others = [page("x", page="docs/b/two.md", title="Two", mutation=score), page("y", page="docs/b/three.md", title="Three")]

    soup = shown(tmp_path, record, text, *others)

    assert ["One", "20", "18", "1", "94 %, of an earlier state of the page"] == texts(soup, "tr:nth-of-type(1) td")
    assert ["Two", "20", "18", "1", "94 %"] == texts(soup, "tr:nth-of-type(2) td")
    assert ["Three", "", "", "", "not measured"] == texts(soup, "tr:nth-of-type(3) td")
    assert ["one.md", "../b/two.md", "../b/three.md"] == [a["href"] for a in soup.select("td a")]


def test_a_rule_says_by_which_change_it_was_seen_to_break(tmp_path: Path) -> None:
    """Only while the page is as it was then."""
    score = {"stale": False, "rules": {"PF-001": {"broken": "a < b -> a", "noticed": "tests/test_x.py::test_add"}}}

    assert "✗ seen to fail under a < b -> a: test_add" in texts(shown(tmp_path, page(mutation=score)), "#PF-001 .proof")
    assert 1 == len(texts(shown(tmp_path, page(mutation=score | {"stale": True})), "#PF-001 .proof"))


def test_the_head_says_with_what_the_page_is_proven(tmp_path: Path) -> None:
    """Below the title and the sentence after it stand versions and amounts."""
    soup = shown(tmp_path, page())

    expected = "Proven with Flask 3.1.3 on Python 3.14.8: 2 blocks, 1 test, 1 rule, 1 Don't."
    assert texts(soup, "h1 + p + .proof-page") == [expected]


def test_the_head_links_what_the_page_starts_from(tmp_path: Path) -> None:
    """The pages below are linked by their files, for MkDocs to resolve."""
    below = page("other") | {"page": "docs/b/two.md", "title": "Two & <two>"}

    soup = shown(tmp_path, page(builds_on=["b/two"]), TEXT, below)

    assert [(a["href"], a.get_text()) for a in soup.select(".proof-page a")] == [("../b/two.md", "Two & <two>")]


def test_the_head_says_where_the_page_starts_from(tmp_path: Path) -> None:
    """Links are separated, to the letter; a page that the proof does not know is called as its file is."""
    below = page("other") | {"page": "docs/b/two.md", "title": "Two"}

    html = rendered(tmp_path, page(builds_on=["b/two", "c/d/and-so-on"]), TEXT, below)

    links = '<a href="../b/two.md">Two</a>, <a href="../c/d/and-so-on.md">And so on</a>'
    said = "Proven with Flask 3.1.3 on Python 3.14.8: 2 blocks, 1 test, 1 rule, 1 Don't."
    assert f'<p class="proof-page" data-search-exclude="">Starts from {links}. {said}</p>' in html


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (f"# T\n\nLede.\n\n{FENCED}", ["h1", "p", "p.proof-page", "div", "p.proof"]),
        (f"# T\n\n{FENCED}", ["h1", "p.proof-page", "div", "p.proof"]),
        (f"# T\n\n## S\n\n{FENCED}", ["h1", "p.proof-page", "h2", "div", "p.proof"]),
        (f"Text.\n\n{FENCED}", ["p.proof-page", "p", "div", "p.proof"]),
        (f"{FENCED}\n# T\n", ["div", "p.proof", "h1", "p.proof-page"]),
    ],
    ids=["lede", "no lede", "no paragraph", "no title", "title last"],
)
def test_the_head_stands_below_the_title_and_its_sentence(tmp_path: Path, text: str, tags: list[str]) -> None:
    """If there are any; a block is no sentence."""
    record = page(text, rules=[], counterexamples=[])
    record["blocks"] = record["blocks"][:1]

    found = shown(tmp_path, record, text).find_all(recursive=False)

    assert tags == [".".join([tag.name, *(c for c in tag.get("class") or () if c.startswith("proof"))]) for tag in found]


def test_the_banner_of_a_page_without_a_title_comes_first(tmp_path: Path) -> None:
    """Before any text."""
    assert rendered(tmp_path, page(), "Text.\n").startswith('<div class="unproven"')


def test_other_extensions_find_ours_by_name(tmp_path: Path) -> None:
    """To put themselves before or after it."""
    options = {"mdproof.show.extension": {"root": str(tmp_path)}}
    parser = Markdown(extensions=["pymdownx.superfences", "mdproof.show.extension"], extension_configs=options)

    assert "mdproof_recognise" in parser.preprocessors
    assert "mdproof_annotate" in parser.treeprocessors


def test_a_block_that_the_proof_does_not_know_is_shown_as_it_is(tmp_path: Path) -> None:
    """Without a line of proof."""
    record = page()
    record["blocks"] = record["blocks"][:1]

    soup = shown(tmp_path, record)

    assert ["X = 1", "X = 2"] == texts(soup, "[data-block] code")
    assert ["1"] == [tag["data-block"] for tag in soup.select("[data-block]:has(+ .proof)")]


def test_the_foot_shows_the_generated_files_and_no_block(tmp_path: Path) -> None:
    """The generated files are shown, coloured, and do not count as blocks."""
    project = tmp_path / "snippets" / "a" / "one"
    project.mkdir(parents=True)
    (project / "pyproject.toml").write_text('[project]\nname = "<b>"\n')

    soup = shown(tmp_path, page())

    assert texts(soup, ".proof-foot pre[data-proof]") == ['[project] name = "<b>"']
    assert [t["data-block"] for t in soup.select("[data-block]")] == ["1", "2"]


def test_lines_new_since_the_page_below_are_highlighted(tmp_path: Path) -> None:
    """A file's lines that the parent's version does not have are marked."""
    text = '```python title="src/x.py"\nX = 1\nY = 2\n```\n'
    below = tmp_path / "snippets" / "b" / "two" / "src" / "x.py"
    below.parent.mkdir(parents=True)
    below.write_text("X = 1\n")
    record = page(text, builds_on=["b/two"])
    record["blocks"] = [record["blocks"][0] | {"role": "file"}]

    soup = shown(tmp_path, record, text, page("other") | {"page": "docs/b/two.md", "project": "snippets/b/two"})

    assert texts(soup, ".hll") == ["Y = 2"]


@pytest.mark.parametrize(
    ("before", "options", "expected"),
    [("X = 1\n", ' hl_lines="1"', ["X = 1"]), (None, "", [])],
    ids=["the author's", "no earlier file"],
)
def test_only_what_can_be_compared_is_highlighted(tmp_path: Path, before: str | None, options: str, expected: list[str]) -> None:
    """And the author's own choice of lines stays."""
    text = f'```python title="src/x.py"{options}\nX = 1\nY = 2\n```\n'
    if before is not None:
        below = tmp_path / "snippets" / "b" / "two" / "src" / "x.py"
        below.parent.mkdir(parents=True)
        below.write_text(before)
    record = page(text, builds_on=["b/two"])
    record["blocks"] = [record["blocks"][0] | {"role": "file"}]

    soup = shown(tmp_path, record, text, page("other") | {"page": "docs/b/two.md", "project": "snippets/b/two"})

    assert ["X = 1 Y = 2"] == texts(soup, "[data-block] code")
    assert expected == texts(soup, ".hll")


def test_what_a_dont_does_otherwise_is_highlighted(tmp_path: Path) -> None:
    """A Don't that gives a whole file marks the lines that differ from the Do."""
    text = '!!! failure "Don\'t"\n\n    ```python title="src/x.py"\n    X = 1\n    Y = 3\n    ```\n'
    do = tmp_path / "snippets" / "a" / "one" / "src" / "x.py"
    do.parent.mkdir(parents=True)
    do.write_text("X = 1\nY = 2\n")
    record = page(text)
    record["blocks"] = [record["blocks"][1] | {"number": 1, "path": "src/x.py"}]

    assert texts(shown(tmp_path, record, text), ".hll") == ["Y = 3"]


def test_a_file_of_new_lines_only_is_not_highlighted() -> None:
    """Where all is new nothing stands out."""
    assert changed_lines("a\n", "b\n\nc\n") == ""


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (page(TEXT + "changed"), []),
        (page(proven=False, faults=["docs/a/one.md:9: <it> failed."]), ["docs/a/one.md:9: <it> failed."]),
    ],
    ids=["changed", "unproven"],
)
def test_an_unproven_page_says_so_and_claims_nothing(tmp_path: Path, record: dict[str, Any], said: list[str]) -> None:
    """A page the proof does not hold for has an alert, the reasons known, and no proof line."""
    soup = shown(tmp_path, record)

    assert texts(soup, "h1 + [role=alert] > p") == ["This page is not proven as it stands."]
    assert texts(soup, "[role=alert] li") == said
    assert soup.select(".proof, .proof-page, .proof-foot") == []


def test_of_two_pages_with_one_text_the_unproven_one_counts(tmp_path: Path) -> None:
    """A text that is proven on one page and not on another is not called proven."""
    assert len(shown(tmp_path, page(), TEXT, page(proven=False)).select("[role=alert]")) == 1


@pytest.mark.parametrize("written", ["", "no json", '{"pages": 1}'], ids=["empty", "no json", "no proof"])
def test_a_proof_that_cannot_be_read_proves_nothing(tmp_path: Path, written: str) -> None:
    """A broken proof file makes a banner, not a crash."""
    (tmp_path / "proof.json").write_text(written)
    options = {"mdproof.show.extension": {"proof": "proof.json", "root": str(tmp_path)}}

    html = Markdown(extensions=["pymdownx.superfences", "mdproof.show.extension"], extension_configs=options).convert("# A")

    assert 'role="alert"' in html


def test_text_faults_name_the_page_and_the_remedy() -> None:
    """A page that is unknown, changed or unproven is named with what to run; a proven one is not."""
    remedy = "Run `python -m mdproof prove docs/a/one.md`."

    assert text_faults("docs/a/one.md", TEXT, None) == [f"docs/a/one.md:1: this page is not in the proof. {remedy}"]
    assert text_faults("docs/a/one.md", "x", page()) == [f"docs/a/one.md:1: this page was changed after it was proven. {remedy}"]
    assert text_faults("docs/a/one.md", TEXT, page(proven=False, faults=["docs/a/one.md:9: no."])) == ["docs/a/one.md:9: no."]
    assert text_faults("docs/a/one.md", TEXT, page()) == []


GOOD = '<div data-block="1"><pre>X = 1</pre></div><div data-block="2"><pre>a</pre><pre>b</pre></div><pre data-proof>said</pre>'


@pytest.mark.parametrize(
    ("html", "places"),
    [
        (GOOD, []),
        (GOOD.replace(' data-block="2"', ' data-block="1"'), ["docs/a/one.md:15", "docs/a/one.md:9"]),
        ('<div data-block="1"></div>', ["docs/a/one.md:15"]),
        (GOOD + "<pre>What you will have.</pre>", ["docs/a/one.md:3"]),
        (GOOD + '<div data-block="7"><pre>X = 2</pre></div>', ["docs/a/one.md:16"]),
        (GOOD + '<div data-block="7"><b>src/x.py</b><pre>\n X = 2 \nY = 3\nZ</pre></div>', ["docs/a/one.md:16"]),
        (GOOD + "<p>What you will have.</p>", []),
        (GOOD + '<div data-block="x"><pre>unheard of</pre></div>', ["docs/a/one.md:1"]),
    ],
    ids=["same", "twice", "missing", "unmarked", "unknown", "unknown with a title", "text", "no number"],
)
def test_blocks_that_differ_from_the_proof_are_named(html: str, places: list[str]) -> None:
    """A missing, a repeated and an extra code block are each named at their line."""
    faults = code_faults("docs/a/one.md", TEXT, page(), html)

    assert [f.partition(": ")[0] for f in faults] == places
