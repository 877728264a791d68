"""Demonstrations: the fixtures they ask for, and where they fail."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from mdproof.exercise.demonstration import Demonstration, Fences, free_names
from mdproof.exercise.job import Job
from mdproof.fault import Place
from mdproof.model import Block, Role

SHIFT = 10
"""How many lines further down the page a line of the copy was written."""


def demonstration(folder: Path, source: str) -> tuple[Demonstration, SimpleNamespace]:
    """Give the runner of a block that stands alone in its page's copy, and the test that is of it."""
    path = folder / "page.md"
    path.write_text(source, encoding="utf-8")
    places = tuple(("docs/page.md", line + SHIFT) for line in range(1, len(source.splitlines()) + 1))
    job = Job(str(folder), "", "page.md", "docs/page.md", (), {"page.md": places}, {}, {}, 1.0)
    item = SimpleNamespace(config=SimpleNamespace(pluginmanager=pytest.PytestPluginManager()))
    return Demonstration(item, job), SimpleNamespace(source=source, source_path=path)


def test_a_block_is_a_fence_for_pytest_markdown_docs() -> None:
    """It asks for the fixtures that are named and bound nowhere, in the order of the alphabet."""
    block = Block(1, Place("docs/page.md", 3), 6, Role.DEMONSTRATION, "python", "", (), "shop, app = app, client\n", (4, 5))

    tokens = Fences([block]).parse("")

    expected = {"type": "fence", "map": [2, 6], "info": "python fixture:client", "content": "shop, app = app, client\n"}
    assert [expected] == [vars(token) for token in tokens]


def test_several_fixtures_are_asked_for() -> None:
    """Each by its name."""
    block = Block(1, Place("docs/page.md", 3), 6, Role.DEMONSTRATION, "python", "", (), "client, app", (4,))

    (token,) = Fences([block]).parse("")

    assert "python fixture:app fixture:client" == token.info


BINDS = """\
import os.path
import json as notation
from a.b import c as bound

class Tea: pass

async def pour(cup, *more): return cup, more
def drink(): pass

try: value = 1
except ValueError as error: print(error)

os, notation, bound, Tea, pour, drink, value, len, json, b
"""


def test_what_a_text_binds_is_not_free() -> None:
    """Nor is what is built in; what it only imports under another name is."""
    assert {"json", "b"} == free_names(BINDS)


def test_a_block_has_what_it_asks_for_and_only_that(tmp_path: Path) -> None:
    """It may bind names of its own, and the engine's way to read annotations is not its."""
    names = {"client": "tea"}
    runner, test = demonstration(tmp_path, "def pour(cup: 1 + 1): return client\nfound = pour(0), pour.__annotations__, __file__")

    with pytest.raises(NameError):
        runner.runtest(test, names)
    runner, test = demonstration(tmp_path, "def pour(cup: 1 + 1): return client\nfound = pour(0), pour.__annotations__")
    runner.runtest(test, names)

    assert ("tea", {"cup": 2}) == names["found"]


def failure(folder: Path, source: str, words: str) -> str:
    """Run a block that fails; give what is shown of its failure."""
    runner, test = demonstration(folder, source)
    with pytest.raises(Exception, match=re.escape(words)) as failed:
        runner.runtest(test, {})
    return runner.repr_failure(test, failed)


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        pytest.param('{}["tea"]', "KeyError: 'tea'", id="any-exception"),
        pytest.param(
            "int([])", "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'list'", id="type-error"
        ),
    ],
)
def test_a_failure_is_shown_from_the_block_on(tmp_path: Path, fails: str, words: str) -> None:
    """Each frame at its page line, and what was raised as it was."""
    shown = failure(tmp_path, f"def pour():\n    {fails}\n\n\npour()\n", words.partition(": ")[2])

    expected = ["docs/page.md:15: in <module>", "    pour()", "docs/page.md:12: in pour", f"    {fails}", f"docs/page.md:12: {words}"]
    assert "\n".join(expected) == shown


def test_a_frame_without_a_line_is_shown_at_the_first(tmp_path: Path) -> None:
    """Generated code may have none."""
    shown = failure(tmp_path, 'exec(compile("{}[\'tea\']", "made.py", "exec").replace(co_linetable=b"\\xff" * 9))', "tea")

    assert ["made.py:1: in <module>", "    ", "made.py:1: KeyError: 'tea'"] == shown.splitlines()[-3:]


def test_what_never_ran_is_shown_where_it_was_refused(tmp_path: Path) -> None:
    """All frames are shown then, and all that is said."""
    first, *shown = failure(tmp_path, "pour(\n", "was never closed").splitlines()

    assert first.endswith(": in failure")
    assert ["    pour(", "        ^", "SyntaxError: '(' was never closed"] == shown[-3:]
