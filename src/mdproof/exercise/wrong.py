"""A Don't put into a copy of the project, and whether it fails as it says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from mdproof.assemble.edits import replace as replace_definitions
from mdproof.assemble.lines import Lines, definitions, lines_of, span, text_of
from mdproof.assemble.project import Project
from mdproof.exercise.affected import affected
from mdproof.exercise.copy import prepare
from mdproof.exercise.job import Measured, Outcome
from mdproof.exercise.processor import PageProcess, Zygote
from mdproof.fault import Fault, refuse
from mdproof.model import Block, Counterexample, Role
from mdproof.settings import Settings

DEEPER = "tests/guide/"
"""Where a run copy has the tests that no reader takes along."""
ASSERTIONS = ("AssertionError", "assert ", "Failed")


@dataclass(frozen=True)
class Caught:
    """What became of a Don't."""

    counterexample: Counterexample
    by: tuple[str, ...]
    """The tests that failed."""
    message: str
    """What the first of them said."""
    faults: tuple[Fault, ...]
    """Why it does not count, if it does not."""


def wrong_project(project: Project, box: Counterexample) -> Project:
    """Give the project with a Don't in it. Raises ``Refused`` where it does not fit."""
    files = dict(project.files)
    for block in box.blocks:
        if block.role is not Role.COUNTEREXAMPLE:
            continue
        if block.path:
            if block.path not in files:
                raise refuse(
                    block.place.path, block.place.line, f"the project has no {block.path} that this Don't could spoil. Mind the path."
                )
            files[block.path] = lines_of(block)
        else:
            _spoil(files, block)
    return replace(project, files=files)


def _spoil(files: dict[str, Lines], block: Block) -> None:
    """Replace the definitions an untitled block holds, each in the file that has it."""
    homes = {name: _home(files, name, block) for name in definitions(block.source)}
    for path in sorted(set(homes.values())):
        part = replace(block, title=path, source=_without(block, {name for name, home in homes.items() if home != path}))
        files[path] = replace_definitions(files[path], part)


def _without(block: Block, names: Collection[str]) -> str:
    """Blank the definitions of a block that belong to other files, keeping its lines."""
    lines = block.source.split("\n")
    for name, node in definitions(block.source).items():
        if name in names:
            first, last = span(node)
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(lines)


def _home(files: Mapping[str, Lines], name: str, block: Block) -> str:
    found = [p for p in files if p.endswith(".py") and name in definitions(text_of(files[p]))]
    outside = [p for p in found if not p.startswith("tests/")]
    chosen = outside if len(found) > 1 else found
    if len(chosen) != 1:
        where = "no file" if not found else " and ".join(found)
        line = definitions(block.source)[name].lineno
        place = block.place_of(line)
        raise refuse(
            place.path,
            place.line,
            f"{where} of the project defines {name!r}, so this Don't cannot replace it. "
            "Title the block with the file's path and give the file whole.",
        )
    return chosen[0]


def catch(settings: Settings, zygote: Zygote, project: Project, box: Counterexample, measured: Measured | None = None) -> Caught:
    """Run the project's tests with a Don't in it and judge how it fails.

    Deeper tests run only if the box names them; where it is measured what each test runs, only
    tests that the Don't can change.
    """
    spoiled = wrong_project(project, box)
    reached = affected(project, spoiled, measured) if measured else None
    steps = tuple(b for b in box.blocks if b.role is not Role.COUNTEREXAMPLE)
    job = prepare(settings, spoiled, suffix=f".dont-{box.number}", blocks=steps)
    process = PageProcess(zygote, job)
    if process.broken:
        process.finish()
        why = f"this Don't does not import, so it fails for another reason than it gives: {process.broken[0].words.rstrip('.')}"
        return Caught(box, (), process.broken[0].message, (Fault(box.place, f"{why}. Let it start, and go wrong in a test."),))
    items = [t for t in process.items if _counts(t, box, reached)]
    outcomes = [process.run(t, following) for t, following in pairwise([*items, ""])]
    process.finish()
    failed = [o for o in outcomes if not o.passed]
    faults = tuple(_judge(box, failed, items))
    return Caught(box, tuple(o.id for o in failed), failed[0].message if failed else "", faults)


def _counts(test: str, box: Counterexample, reached: set[str] | None) -> bool:
    """Tell whether a test is to run: what a Don't names and shows always is."""
    if test.startswith("block-") or any(is_named(test, named) for named in box.tests):
        return True
    return not test.startswith(DEEPER) and (reached is None or test in reached)


def is_named(test: str, named: str) -> bool:
    """Tell whether a test is one a page names; a name without parameters means all of them."""
    return test == named or test.startswith((f"{named}[", f"{named}::"))


def _judge(box: Counterexample, failed: list[Outcome], items: list[str]) -> Iterator[Fault]:
    for named in box.tests:
        if not any(is_named(t, named) for t in items):
            yield Fault(box.place, f"this Don't names {named}, and the project has no such test. Mind the spelling.")
        elif not any(is_named(o.id, named) for o in failed):
            yield Fault(box.place, f"{named} passes with this Don't in place. Name a test that catches it, or write one.")
    for outcome in failed:
        yield from _judge_failure(box, outcome)
    said = _plain("\n".join(o.message for o in failed))
    for text in box.messages:
        if failed and _plain(text) not in said:
            yield Fault(box.place, f"no failure of this Don't says {text!r}; it says: {failed[0].words.rstrip('.')}. Quote what it says.")


def _judge_failure(box: Counterexample, outcome: Outcome) -> Iterator[Fault]:
    """Say if a test fails that the box does not name, or otherwise than by an assertion."""
    first = outcome.words.rstrip(".")
    if not any(is_named(outcome.id, named) for named in box.tests):
        yield Fault(box.place, f"this Don't also fails {outcome.id}, which it does not name: {first}. Name it, or narrow the Don't.")
    elif outcome.when != "call" or not outcome.kind.startswith(ASSERTIONS):
        how = f"{outcome.id} fails in {outcome.when} and not by an assertion"
        yield Fault(box.place, f"{how}: {first}. Let the test assert what goes wrong.")


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)
