"""The pytest edge: each page a file, each of its tests an ordinary item.

Switched on by ``pytest_plugins = ["mdproof.plugin"]`` in the guide's own ``conftest.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.job import Outcome
from mdproof.exercise.processor import Zygote
from mdproof.exercise.run import Exerciser
from mdproof.fault import Fault, Refused, refuse_any
from mdproof.model import Counterexample
from mdproof.proof.judge import fault_of, judge, place_of
from mdproof.proof.record import record, write_proof, write_union
from mdproof.proof.references import unfounded
from mdproof.read.guide import name_of, page_paths, read_guide
from mdproof.settings import load_settings


class Proving:
    """What the pages of one pytest session share."""

    def __init__(self, root: Path, worker: str) -> None:
        """Read the guide; what is wrong with it is kept for its pages to say."""
        settings = load_settings(root)
        self.settings = replace(settings, run=f"{settings.run}-{worker}") if worker else settings
        self.zygote = Zygote(self.settings.preload)
        self.faults: tuple[Fault, ...] = ()
        self.projects: dict[str, Project] = {}
        self.paths = set(page_paths(self.settings))
        try:
            self.projects = assemble(read_guide(self.settings))
            refuse_any(unfounded(self.settings, self.projects))
        except Refused as refused:
            self.faults = refused.faults


PROVING = pytest.StashKey[Proving]()


def _worker(config: pytest.Config) -> str:
    """Give the name of the xdist worker this is, or nothing."""
    return os.environ.get("PYTEST_XDIST_WORKER", "") if hasattr(config, "workerinput") else ""


def _proving(config: pytest.Config) -> Proving:
    if PROVING not in config.stash:
        config.stash[PROVING] = Proving(
            config.rootpath, os.environ.get("PYTEST_XDIST_WORKER", "") if hasattr(config, "workerinput") else ""
        )
    return config.stash[PROVING]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the guide's pages."""
    if file_path.suffix != ".md" or file_path not in _proving(parent.config).paths:
        return None
    page: pytest.Collector = PageNode.from_parent(parent, path=file_path)
    return page


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_markdown_docs_markdown_it() -> object:
    """Let ``pytest --markdown-docs`` find nothing that would run twice."""
    return SimpleNamespace(parse=lambda _: [])


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Tell a test which one of its page comes after it, for the sake of its fixtures."""
    if isinstance(item, InnerItem):
        same = isinstance(nextitem, InnerItem) and nextitem.exerciser is item.exerciser
        item.following = nextitem.inner if same and isinstance(nextitem, InnerItem) else ""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the union of the pages' proofs."""
    config = session.config
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    proving = _proving(config) if config.getoption("numprocesses", None) else config.stash.get(PROVING, None)
    if proving and proving.projects:
        write_union(proving.settings, proving.projects)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the processes."""
    if proving := config.stash.get(PROVING, None):
        proving.zygote.close()


class PageNode(pytest.File):
    """A page: its tests by file, its blocks, its Don'ts, its proof."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Start the page's process and give an item for everything it can run."""
        proving = _proving(self.config)
        name = name_of(proving.settings, self.path)
        if name not in proving.projects:
            own = [f for f in proving.faults if f.place.path == proving.settings.relative(self.path)]
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
        return place_of(self.exerciser.exercise.project, "")


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
        proving = _proving(self.config)
        exercise = self.exerciser.exercise
        missing = [t for t in exercise.items if t not in exercise.outcomes]
        for test, following in zip(missing, [*missing[1:], ""], strict=False):
            self.exerciser.run(test, following)
        for box in exercise.project.page.counterexamples:
            if box.number not in exercise.caught:
                self.exerciser.catch(box)
        judgement = judge(proving.settings, self.exerciser.finish())
        write_proof(proving.settings, exercise.project.page.name, record(proving.settings, exercise, judgement))
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
