"""Which tests a hunt begins with."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.run import Exercise
from mdproof.fault import Place
from mdproof.mutate.mutant import Mutant
from mdproof.mutate.mutants import mutants
from mdproof.mutate.order import OVERHEAD, Order, warmest
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
    contexts={"src/names/__init__.py": {1: ("",), 2: (ANY, COLOUR), 3: (COLOUR,)}, "tests/test_any.py": {1: (ANY,) * 9}},
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


def test_what_noticed_a_change_last_time_is_tried_alone(tmp_path: Path) -> None:
    """Other tests, that pass in one way, are not run before it was in all; a step is not run without those around it."""
    page = project(tmp_path)
    (mutant, *_) = mutants(page)
    order = Order(exercised(page, {ANY: 0.01, LENGTH: 30.0}), MEASURED, {mutant.id: LENGTH})

    assert [[LENGTH], [LENGTH, ANY]] == list(order.rounds(mutant, [LENGTH, ANY]))
    assert [[ANY, LENGTH]] == list(order.rounds(mutant, [ANY, LENGTH]))
    assert [[], [LENGTH]] == [*order.rounds(mutant, []), *order.rounds(mutant, [LENGTH])]
    assert [[LENGTH, ANY]] == list(order.rounds(replace(mutant, block=3), [LENGTH, ANY]))


def test_the_warmest_test_runs_most_lines_in_this_process(tmp_path: Path) -> None:
    """It is quick, starts no process, and there is a test of another file to come after it."""
    page = project(tmp_path)

    case = "tests/test_cases.py::test_case[a/b::c]"
    assert (COLOUR, ANY) == warmest(exercised(page, {ANY: 0.01, COLOUR: 0.02, LENGTH: 0.03}))
    assert (COLOUR, case) == warmest(exercised(page, {COLOUR: 0.02, case: 0.03}))
    assert (ANY, COLOUR) == warmest(exercised(page, {ANY: 0.01, COLOUR: 1.0, LENGTH: 0.03}))
    assert () == warmest(exercised(page, {COLOUR: 0.01, "block-1": 0.01}))
    assert () == warmest(exercised(page, {COLOUR: 0.01, "tests/guide/test_names.py::test_deep": 0.01}))
    assert () == warmest(exercised(page, {"tests/test_any.py::TestOne::test": 0.01, "tests/test_any.py::TestTwo::test": 0.01}))


def test_what_others_go_on_with_is_begun_before(tmp_path: Path) -> None:
    """A test that was the first to use a fixture of the session is run first, if it is quick, whatever its folder."""
    deeper = "tests/guide/test_names.py::test_deep"
    ran = exercised(project(tmp_path), {ANY: 0.01, COLOUR: 0.02, deeper: 0.03, LENGTH: 2.0})
    ran.measured = replace(MEASURED, widening=(LENGTH, deeper))

    assert (deeper, COLOUR, ANY) == warmest(ran)


CODE = "src/sums/__init__.py"
SUMS = f"""\
# Sums

{FENCE}python title="{CODE}"
LIMIT = 1


def doubled(
    number=LIMIT,
):
    return number


SCALE = [LIMIT]


def scaled():
    return SCALE


def again():
    return scaled()
{FENCE}

{FENCE}text title="src/sums/told.txt"
This is no Python.
{FENCE}

{FENCE}python title="tests/test_plain.py"
{FENCE}

{FENCE}python title="tests/test_own.py"
{FENCE}

{FENCE}python title="tests/test_speaking.py"
def test_speaking(case):
    assert doubled(
        small
    )
{FENCE}

{FENCE}python title="tests/test_speaking_too.py"
def test_speaking_too():
    assert small
{FENCE}

{FENCE}console
$ one
{FENCE}

{FENCE}console
$ two
{FENCE}

{FENCE}console
$ three
{FENCE}
"""
PLAIN, OWN = "tests/test_plain.py::test_plain", "tests/test_own.py::TestOwn::test_own[a::b]"
SPEAKING, SPEAKING_TOO = "tests/test_speaking.py::test_speaking[case]", "tests/test_speaking_too.py::test_speaking_too"
FOREIGN, DEEPER = "tests/test_foreign.py::test_foreign", "tests/guide/test_sums.py::test_sums"


@pytest.fixture
def sums(tmp_path: Path) -> Project:
    """Give the project of a page with code of which some is run when it is imported."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/sums.md").write_text(SUMS, encoding="utf-8")
    return assemble(read_guide(load_settings(tmp_path)))["sums"]


def changed(line: int, what: str = "", spot: str = "", path: str = CODE) -> Mutant:
    """Give a change that importing the project may run."""
    return Mutant(path, Place("docs/sums.md", 4), (line,), what, spot, "")


def inside(line: int, what: str = "", spot: str = "", path: str = CODE) -> Mutant:
    """Give a change in a function's body."""
    return replace(changed(line, what, spot, path), body=range(line, line + 1))


def ran(*lines: tuple[int, str]) -> Measured:
    """Give what was measured where each line of the code was run by one test, or by the import."""
    return Measured(contexts={CODE: {line: (test,) for line, test in lines}})


def firsts(both: Sequence[Order], mutant: Mutant) -> list[str]:
    """Give the test that comes first in each of some orders."""
    return [order.tests(mutant)[0] for order in both]


def orders(sums: Project, times: float, test: str, measured: Measured, *slow: str) -> list[Order]:
    """Give two: where a test costs a bit less than so many times the plain one, and where it costs a bit more."""
    return [
        Order(exercised(sums, {PLAIN: 1 - OVERHEAD, test: costs * times - OVERHEAD, **dict.fromkeys(slow, 1000.0)}), measured, {})
        for costs in (0.99, 1.01)
    ]


@pytest.mark.parametrize(("times", "test"), [(1, OWN), (1, DEEPER), (0.1, FOREIGN)])
def test_a_test_of_another_page_is_unlikely_to_notice(sums: Project, times: float, test: str) -> None:
    """The page's own ones and its deeper ones come by what they cost."""
    assert [test, PLAIN] == firsts(orders(sums, times, test, Measured()), inside(7))


@pytest.mark.parametrize(
    ("times", "notes"),
    [
        (5.5, [((OWN,), OWN)]),
        (7, [((OWN,), OWN), ((OWN,), OWN)]),
        (0.5, [((OWN,), "")]),
        (1, [((SPEAKING, OWN), SPEAKING)]),
    ],
    ids=["noticed", "noticed twice", "did not notice", "was not tried"],
)
def test_what_noticed_other_changes_of_a_file_is_likely_to_notice_this(
    sums: Project, times: float, notes: list[tuple[tuple[str, ...], str]]
) -> None:
    """And what was tried in vain is not."""
    both = orders(sums, times, OWN, Measured())
    for order in both:
        for tests, by in notes:
            order.note(inside(14), tests, by)

    assert [OWN, PLAIN] == firsts(both, inside(7))


@pytest.mark.parametrize(
    ("times", "what", "spot", "others"),
    [(11, "small", "", ()), (2, "", "small", ()), (6, "small", "", (SPEAKING_TOO,)), (1, "doubled_again", "", ())],
    ids=["what is changed", "its line", "as another does", "nothing of it"],
)
def test_a_word_counts_the_more_the_fewer_tests_have_it(sums: Project, times: float, what: str, spot: str, others: tuple[str, ...]) -> None:
    """That of what is changed counts more than another of its line."""
    assert [SPEAKING, PLAIN] == firsts(orders(sums, times, SPEAKING, Measured(), *others), inside(7, what, spot))


@pytest.mark.parametrize(
    ("times", "test", "measured", "mutant"),
    [
        (10, SPEAKING, Measured(), changed(4)),
        (10, SPEAKING, Measured(), changed(5)),
        (10, SPEAKING, Measured(), changed(7)),
        (1, SPEAKING, Measured(), inside(7)),
        (1, SPEAKING, Measured(), changed(10)),
        (1, SPEAKING, Measured(), changed(1, path="src/sums/told.txt")),
        (10, OWN, ran((5, OWN)), changed(1)),
        (1, OWN, ran((14, OWN)), changed(1)),
        (10, OWN, ran((10, ""), (14, OWN)), changed(1)),
        (1, OWN, ran((10, ""), (18, OWN)), changed(1)),
    ],
    ids=[
        "the first line of what it names",
        "a line of what it names",
        "the last line of what it names",
        "what no import runs",
        "what it does not name",
        "a file that defines nothing",
        "it runs a line that has the name",
        "a line that has the name is run by nothing",
        "it runs a line that has a name that is made of the name",
        "it runs a line that calls what has such a name",
    ],
)
def test_of_what_is_imported_those_notice_likely_that_use_the_definition(
    sums: Project, times: float, test: str, measured: Measured, mutant: Mutant
) -> None:
    """They name it, or run what names it, or what is made of that when it is imported."""
    assert [test, PLAIN] == firsts(orders(sums, times, test, measured), mutant)


def test_what_noticed_a_change_of_a_line_comes_first_for_the_next(sums: Project) -> None:
    """Even if it is slow."""
    order = Order(exercised(sums, {PLAIN: 0.01, OWN: 30.0}), Measured(), {})
    order.note(inside(7), (PLAIN, OWN), OWN)

    assert [OWN, PLAIN] == order.tests(inside(7))


def test_of_a_step_itself_and_those_after_it_are_run(sums: Project) -> None:
    """As far as the page's process runs them."""
    first, second, third = [f"block-{block.number}" for block in sums.page.steps()]
    step = replace(changed(0), block=sums.page.steps()[1].number)

    assert [second, third] == Order(exercised(sums, dict.fromkeys((PLAIN, first, second, third), 0.1)), Measured(), {}).tests(step)
    assert [second] == Order(exercised(sums, dict.fromkeys((PLAIN, first, second), 0.1)), Measured(), {}).tests(step)


def test_what_a_process_ran_that_tests_share_concerns_all_of_them(sums: Project) -> None:
    """What the process of one test ran concerns that one."""
    measured = Measured(processes={CODE: {7: ("", OWN), 14: (OWN,)}})
    order = Order(exercised(sums, {PLAIN: 0.01, OWN: 0.02}), measured, {})

    assert [[PLAIN, OWN], [OWN]] == [order.tests(inside(line)) for line in (7, 14)]


@pytest.mark.parametrize(
    ("mutant", "measured", "expected"),
    [
        (changed(7), Measured(), True),
        (inside(7), Measured(), False),
        (inside(7), ran((7, PLAIN)), False),
        (inside(7), ran((7, "")), True),
        (inside(1, path="tests/test_own.py"), Measured(), True),
        (changed(1, path="src/sums/told.txt"), Measured(), True),
        (changed(1, path="src/sums/told.txt"), Measured(opened={"src/sums/told.txt": ("",)}), True),
        (changed(1, path="src/sums/told.txt"), Measured(opened={"src/sums/told.txt": (PLAIN,)}), False),
    ],
    ids=[
        "outside all functions",
        "in a function",
        "in one that a test calls",
        "in one that the import calls",
        "of the tests",
        "a file of which nothing is known",
        "a file that the import opens",
        "a file that a test opens",
    ],
)
def test_an_import_runs_all_but_the_functions_it_does_not_call(
    sums: Project, mutant: Mutant, measured: Measured, *, expected: bool
) -> None:
    """And opens what it opened before."""
    assert expected is Order(exercised(sums, {PLAIN: 0.01}), measured, {}).is_imported(mutant)
