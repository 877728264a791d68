"""A page in pytest: a file whose items are its tests, its blocks, its Don'ts and its proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mdproof.assemble.project import Project
from mdproof.exercise.job import Outcome
from mdproof.exercise.run import Exerciser
from mdproof.fault import Fault, Place
from mdproof.model import Counterexample
from mdproof.outer.proving import proving_of
from mdproof.proof.judge import fault_of, judge, place_of
from mdproof.proof.memory import remember
from mdproof.proof.record import record, write_proof
from mdproof.read.guide import name_of


class PageNode(pytest.File):
    """A page: its tests by file, its blocks, its Don'ts, its proof."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Start the page's process and give an item for everything it can run."""
        proving = proving_of(self.config)
        name = name_of(proving.settings, self.path)
        own = [f for f in proving.faults if f.place.path == proving.settings.relative(self.path)]
        if own or name not in proving.projects:
            yield Refusal.from_parent(self, name="refused", faults=tuple(own or proving.faults))
            return
        exerciser = Exerciser(proving.settings, proving.zygote, proving.projects[name])
        yield from _tree(self, [(test.split("[")[0].split("::"), test) for test in exerciser.exercise.items], exerciser)
        for box in exerciser.exercise.project.page.counterexamples:
            yield DontItem.from_parent(self, name=f"dont-{box.number}", exerciser=exerciser, box=box)
        yield ProofItem.from_parent(self, name="proof", exerciser=exerciser)


def _tree(parent: pytest.Collector, listed: list[tuple[list[str], str]], exerciser: Exerciser) -> Iterator[pytest.Item | pytest.Collector]:
    """Give a collector for each part of an id, so that a printed id selects what it names."""
    groups: dict[str, list[tuple[list[str], str]]] = {}
    for parts, test in listed:
        if len(parts) > 1:
            groups.setdefault(parts[0], []).append((parts[1:], test))
    for name, inside in groups.items():
        yield Group.from_parent(parent, name=name, listed=inside, exerciser=exerciser)
    for parts, test in listed:
        if len(parts) == 1:
            shown = parts[0] + test[len(test.split("[")[0]) :]
            yield InnerItem.from_parent(parent, name=shown, inner=test, exerciser=exerciser)


class Group(pytest.Collector):
    """A test file of a project, or a class in one."""

    def __init__(self, *, listed: list[tuple[list[str], str]], exerciser: Exerciser, **arguments: Any) -> None:
        """Know what lies in it."""
        super().__init__(**arguments)
        self._listed, self._exerciser = listed, exerciser

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Give what lies in it."""
        return _tree(self, self._listed, self._exerciser)


class PageItem(pytest.Item):
    """Something of a page that passes or fails."""

    def __init__(self, *, exerciser: Exerciser, **arguments: Any) -> None:
        """Share the page's process."""
        super().__init__(**arguments)
        self.exerciser = exerciser

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what a page has to say, or an error of ours with its traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, Failure) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Give the page and the line it is about."""
        place = self.place()
        return self.config.rootpath / place.path, place.line - 1, self.name

    def place(self) -> Any:
        """Give the line it is about."""
        return Place(self.exerciser.exercise.project.page.path, 1)


class Failure(Exception):  # noqa: N818 - it is the word
    """What is wrong, as it should be shown."""


class InnerItem(PageItem):
    """A test of a page's project, a demonstration, a console, a transcript, a server."""

    def __init__(self, *, inner: str, **arguments: Any) -> None:
        """Know its id in the page's own session."""
        super().__init__(**arguments)
        self.inner, self.following = inner, ""

    def runtest(self) -> None:
        """Run it in the page's process."""
        outcome = self.exerciser.run(self.inner, self.following)
        for name, content in outcome.sections:
            self.add_report_section("call", name.removeprefix("Captured ").removesuffix(" call"), content)
        if not outcome.passed:
            raise Failure(told(self.exerciser.exercise.project, outcome))

    def place(self) -> Any:
        """Give the line of its definition or block."""
        return place_of(self.exerciser.exercise.project, self.inner)


def told(project: Project, outcome: Outcome) -> str:
    """Give a failure: its place first, then its report."""
    return f"{fault_of(project, outcome)}\n\n{outcome.text}"


class DontItem(PageItem):
    """A Don't, which must fail as it says."""

    def __init__(self, *, box: Counterexample, **arguments: Any) -> None:
        """Know the Don't."""
        super().__init__(**arguments)
        self._box = box

    def runtest(self) -> None:
        """Run the project's tests with the Don't in place."""
        _raise_any(self.exerciser.catch(self._box).faults)

    def place(self) -> Any:
        """Give the line of its box."""
        return self._box.place


class ProofItem(PageItem):
    """The judgement over the whole page; what was not selected is run for it."""

    def runtest(self) -> None:
        """Judge the page and write its proof."""
        proving = proving_of(self.config)
        exercise = self.exerciser.exercise
        missing = [t for t in exercise.items if t not in exercise.outcomes]
        for test, following in pairwise([*missing, ""]):
            self.exerciser.run(test, following)
        for box in exercise.project.page.counterexamples:
            if box.number not in exercise.caught:
                self.exerciser.catch(box)
        judgement = judge(proving.settings, self.exerciser.finish())
        write_proof(proving.settings, exercise.project.page.name, record(proving.settings, exercise, judgement))
        remember(proving.settings, exercise, self.exerciser.before)
        _raise_any(judgement.faults)


class Refusal(pytest.Item):
    """A page that could not be read or assembled."""

    def __init__(self, *, faults: tuple[Fault, ...], **arguments: Any) -> None:
        """Know why."""
        super().__init__(**arguments)
        self._faults = faults

    def runtest(self) -> None:
        """Fail with all that is wrong."""
        _raise_any(self._faults)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002
        """Show the faults only."""
        return str(excinfo.value)


def _raise_any(faults: tuple[Fault, ...]) -> None:
    if faults:
        raise Failure("\n".join(map(str, faults)))
