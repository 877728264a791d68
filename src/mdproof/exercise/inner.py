"""The pytest session of one page's project, driven test by test from outside."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from mdproof.exercise.compare import Mismatch
from mdproof.exercise.demonstration import Demonstration, Fences
from mdproof.exercise.fork import Fork
from mdproof.exercise.job import CONTEXT, PROCESS, Change, Job, Outcome
from mdproof.exercise.pagefile import PageFile
from mdproof.exercise.places import kind_and_message, last_line, place_of_report, translate
from mdproof.exercise.recorder import Recorder
from mdproof.exercise.services import Services
from mdproof.exercise.steps import Stage
from mdproof.exercise.warmth import Warmth
from mdproof.model import Role

MISMATCH = f"{Mismatch.__module__}.{Mismatch.__qualname__}"


class Session:
    """A pytest plugin: tells what was collected, then runs what it is asked to."""

    def __init__(self, job: Job, connection: Connection, services: Services, recorder: Recorder) -> None:
        """Serve one connection; the recorder is told the test that runs."""
        self._services, self._fork = services, Fork(job.folder)
        self._job, self._connection, self._recorder = job, connection, recorder
        self.stage = Stage(job)
        self._broken: list[Outcome] = []
        self._reports: list[pytest.TestReport] = []
        self._config: pytest.Config | None = None
        self._warmth: Warmth | None = None
        self._tests: tuple[str, ...] = ()
        self._running = ""
        self.widening: dict[str, None] = {}
        """The tests that were the first to use a fixture of the session."""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep the configuration for reports."""
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Collect what a fork is asked for; what waits for an import has waited long enough by now."""
        if self._job.until:
            self.wait()
        session.config.args = list(self._tests) or session.config.args

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the page: its demonstrations and its steps."""
        if file_path != Path(self._job.folder, self._job.page):
            return None
        page: pytest.Collector = PageFile.from_parent(parent, path=file_path, stage=self.stage)
        return page

    @pytest.hookimpl(tryfirst=True)
    def pytest_markdown_docs_markdown_it(self) -> object:
        """Feed pytest-markdown-docs with the blocks our reader found."""
        return Fences([b for b in self._job.blocks if b.role is Role.DEMONSTRATION])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Let what stops the servers come last."""
        items.sort(key=lambda item: isinstance(item.parent, PageFile) and item.name.endswith("-stop"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Say what there is, then run one test for each command."""
        items = {item_id(item): item for item in session.items}
        try:
            self._offer(items)
            while (command := self._connection.recv())[0] != "finish":
                self._obey(command, items)
        finally:  # whoever asks may have been killed
            self.stage.stop_all()
        return True

    def _obey(self, command: tuple[str, ...], items: Mapping[str, pytest.Item]) -> None:
        """Fork, or run a test and tell what came of it."""
        if command[0] == "fork":
            if self._split():
                self._offer(items)
            return
        kind, wanted, following = command
        if kind == "warm":
            self._warmth = Warmth()
        item = items[wanted]
        self._reports.clear()
        item.ihook.pytest_runtest_protocol(item=item, nextitem=items.get(following))
        clean = self._warmth is not None and self._warmth.is_clean
        self._connection.send(("outcome", self._outcome(wanted), clean, self._recorder.is_alone))

    def _split(self) -> Change | None:
        """Fork; give the fork what it is asked for."""
        self._connection, asked = self._fork.split(self._connection, self._services)
        return asked

    def wait(self) -> None:
        """Wait, once, before anything of the project is run that may be changed; only forks go on from here."""
        if self._tests:
            return
        self._connection.send(("waiting", threading.active_count() == 1))
        while (asked := self._connection.recv() and self._split()) is None:
            pass
        self._tests = asked.tests

    def _offer(self, items: Mapping[str, pytest.Item]) -> None:
        """Say what there is to run, and whether this process can be forked: threads would be missing in the fork."""
        self._connection.send(("items", list(items), self._broken, hasattr(os, "fork") and threading.active_count() == 1))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Credit lines to the test that runs them, and those of the processes that it starts."""
        self._running = item_id(item)
        self._recorder.switch(self._running)
        try:
            with started_by(self._running):
                return (yield)
        finally:
            self._recorder.switch("")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """Credit to no test what a process runs that others will use as well."""
        if fixturedef.scope == "function":
            return (yield)
        if fixturedef.scope == "session":
            self.widening[self._running] = None
        with started_by(""), self._warmth.fixture() if self._warmth else nullcontext():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: Any) -> None:
        """Run demonstrations with our runner."""
        if hasattr(item, "test_definition"):
            item.runner = Demonstration(item, self._job)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the reports of the test that runs."""
        self._reports.append(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected."""
        if report.failed:
            text, place = self._translated(report)
            self._broken.append(Outcome(report.nodeid, "failed", "collect", text=text, message=last_line(text), place=place))

    def _outcome(self, wanted: str) -> Outcome:
        worst = next((r for r in self._reports if r.failed), None) or next((r for r in self._reports if r.skipped or _gave_up(r)), None)
        report = worst or self._reports[-1]
        seconds = sum(r.duration for r in self._reports)
        text, place = self._translated(report) if worst else ("", None)
        kind, message = kind_and_message(report)
        if kind == MISMATCH:
            line, _, message = message.removeprefix(f"{MISMATCH}: {self._job.shown}:").partition(": ")
            place, text = (self._job.shown, int(line)), message
        sections = tuple(dict.fromkeys(s for r in self._reports for s in r.sections))
        outcome = "skipped" if _gave_up(report) else report.outcome
        return Outcome(wanted, outcome, str(report.when), seconds, text, message, kind, place, sections)

    def _translated(self, report: Any) -> tuple[str, tuple[str, int] | None]:
        """Give a report's text and place at page lines."""
        assert self._config is not None
        hook = self._config.hook
        data = translate(hook.pytest_report_to_serializable(config=self._config, report=report), self._job)
        again = hook.pytest_report_from_serializable(config=self._config, data=data)
        text = str(again.longreprtext)
        return text, place_of_report(data, text, self._job)


def _gave_up(report: pytest.TestReport) -> bool:
    """Tell whether a test was expected to fail, whether or not it did."""
    return hasattr(report, "wasxfail")


@contextmanager
def started_by(test: str) -> Iterator[None]:
    """Tell the processes that start meanwhile which test they belong to; several tests, if it is none."""
    before = os.environ.get(CONTEXT, "")
    os.environ[CONTEXT] = f"{PROCESS}{test}"
    try:
        yield
    finally:
        os.environ[CONTEXT] = before


def item_id(item: pytest.Item) -> str:
    """Give an item's id below the run copy; a page's own items are ``block-n``."""
    return item.name if item.nodeid.partition("::")[0].endswith(".md") else item.nodeid
