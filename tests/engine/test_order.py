"""Which tests a hunt begins with."""

from dataclasses import replace
from pathlib import Path

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.mutate.mutants import mutants
from mdproof.mutate.order import Order, warmest
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

FENCE = "```"
PAGE = f"""\
# Names

{FENCE}python title="src/names/__init__.py"
SETTINGS = {{"COLOUR": "red", "LENGTH": 40}}
{FENCE}

{FENCE}python title="tests/test_any.py"
from names import SETTINGS


def test_there_are_settings():
    assert SETTINGS
{FENCE}

{FENCE}python title="tests/test_colours.py"
from names import SETTINGS


def test_colour():
    assert "red" == SETTINGS["COLOUR"]
{FENCE}

{FENCE}python title="tests/test_lengths.py"
from names import SETTINGS


def test_length():
    assert 40 == SETTINGS["LENGTH"]
{FENCE}
"""
ANY = "tests/test_any.py::test_there_are_settings"
COLOUR = "tests/test_colours.py::test_colour"
LENGTH = "tests/test_lengths.py::test_length"


def project(root: Path) -> Project:
    """Give the project of a page with a test file a setting."""
    (root / "docs").mkdir()
    (root / "docs/names.md").write_text(PAGE, encoding="utf-8")
    return assemble(read_guide(load_settings(root)))["names"]


def exercised(project: Project, seconds: dict[str, float]) -> Exercise:
    """Give a run in which tests took some seconds."""
    outcomes = {test: Outcome(test, "passed", seconds=taken) for test, taken in seconds.items()}
    return Exercise(project, tuple(outcomes), (), outcomes, measured=MEASURED)


MEASURED = Measured(
    contexts={"src/names/__init__.py": {1: ("",), 2: (ANY, COLOUR), 3: (COLOUR,)}, "tests/test_any.py": {1: (LENGTH,) * 9}},
    started=(LENGTH,),
)


def test_a_test_that_speaks_of_what_is_changed_comes_first(tmp_path: Path) -> None:
    """A file counts that has a word of the change which few have; the rest comes by what it costs."""
    page = project(tmp_path)
    ran = exercised(page, {ANY: 0.01, COLOUR: 0.02, LENGTH: 0.03})
    order = Order(ran, MEASURED, {})

    first = {m.what: order.tests(m)[0] for m in mutants(page)}

    expected = {'"COLOUR" -> "colour"': COLOUR, '"LENGTH" -> "length"': LENGTH, '"red" -> "RED"': COLOUR}
    assert expected == {what.removeprefix("string: "): test for what, test in first.items() if what.removeprefix("string: ") in expected}


def test_each_test_speaks_for_itself_and_for_what_it_names(tmp_path: Path) -> None:
    """Another test of its file, however quick, is not thought to know of it."""
    page = project(tmp_path)
    deeper = "tests/guide/test_names.py"
    text = "SAID = 'LENGTH'\ndef test_red():\n    'COLOUR'\n@cases('40')\ndef test_long(case):\n    assert SAID\n"
    red, long = f"{deeper}::test_red", f"{deeper}::test_long[case]"
    ran = exercised(page, {red: 0.02, long: 0.02})
    order = Order(ran, Measured(contexts={"src/names/__init__.py": {2: (red, long)}}), {}, text)

    first = {m.what: order.tests(m)[0] for m in mutants(page)}

    changed = ('string: "COLOUR" -> "colour"', 'string: "LENGTH" -> "length"', "number: 40 -> 41")
    assert (red, long, long) == tuple(first[what] for what in changed)


def test_what_noticed_a_change_last_time_comes_first(tmp_path: Path) -> None:
    """Even if it is slow, and speaks of something else."""
    page = project(tmp_path)
    (mutant, *_) = mutants(page)
    order = Order(exercised(page, {ANY: 0.01, COLOUR: 0.02, LENGTH: 30.0}), MEASURED, {mutant.id: LENGTH})

    assert LENGTH == order.tests(mutant)[0]


def test_the_warmest_test_runs_most_lines_in_this_process(tmp_path: Path) -> None:
    """It is quick, starts no process, and there is a test of another file to come after it."""
    page = project(tmp_path)

    assert (COLOUR, ANY) == warmest(exercised(page, {ANY: 0.01, COLOUR: 0.02, LENGTH: 0.03}))
    assert (ANY, COLOUR) == warmest(exercised(page, {ANY: 0.01, COLOUR: 2.0, LENGTH: 0.03}))
    assert () == warmest(exercised(page, {COLOUR: 0.01, "block-1": 0.01}))


def test_what_others_go_on_with_is_begun_before(tmp_path: Path) -> None:
    """A test that was the first to use a fixture of the session is run first, if it is quick, whatever its folder."""
    deeper = "tests/guide/test_names.py::test_deep"
    ran = exercised(project(tmp_path), {ANY: 0.01, COLOUR: 0.02, deeper: 0.03, LENGTH: 2.0})
    ran.measured = replace(MEASURED, widening=(LENGTH, deeper))

    assert (deeper, COLOUR, ANY) == warmest(ran)
