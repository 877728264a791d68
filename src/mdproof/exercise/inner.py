"""The pytest session of one page's project, driven test by test from outside."""

from __future__ import annotations

import ast
import builtins
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_markdown_docs.plugin import MarkdownTextFile

from mdproof.exercise.job import Job, Outcome
from mdproof.exercise.steps import Mismatch, Stage
from mdproof.model import Block, Role

MISMATCH = f"{Mismatch.__module__}.{Mismatch.__qualname__}"


class Session:
    """A pytest plugin: tells what was collected, then runs what it is asked to."""

    def __init__(self, job: Job, connection: Connection, switch: Callable[[str], None]) -> None:
        """Serve one connection; ``switch`` is told the test that runs."""
        self._job, self._connection, self._switch = job, connection, switch
        self.stage = Stage(job)
        self._broken: list[Outcome] = []
        self._reports: list[pytest.TestReport] = []
        self._config: pytest.Config | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep the configuration for reports."""
        self._config = config

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
        self._connection.send(("items", list(items), self._broken))
        while True:
            command = self._connection.recv()
            if command[0] == "finish":
                break
            _, wanted, following = command
            item = items[wanted]
            self._reports.clear()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=items.get(following))
            self._connection.send(("outcome", self._outcome(wanted)))
        self.stage.stop_all()
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Credit lines to the test that runs them."""
        self._switch(item_id(item))
        try:
            return (yield)
        finally:
            self._switch("")

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
            self._broken.append(Outcome(report.nodeid or "collection", "failed", "collect", text=text, message=_last(text), place=place))

    def _outcome(self, wanted: str) -> Outcome:
        worst = next((r for r in self._reports if r.failed), None) or next((r for r in self._reports if r.skipped), None)
        report = worst or self._reports[-1]
        seconds = sum(r.duration for r in self._reports)
        text, place = self._translated(report) if worst else ("", None)
        kind, message = _kind_and_message(report)
        if kind == MISMATCH:
            message = text = message.partition(": ")[2].partition(": ")[2]
        sections = tuple(dict.fromkeys(s for r in self._reports for s in r.sections))
        outcome = "skipped" if hasattr(report, "wasxfail") else report.outcome
        return Outcome(wanted, outcome, report.when or "call", seconds, text, message, kind, place, sections)

    def _translated(self, report: Any) -> tuple[str, tuple[str, int] | None]:
        """Give a report's text and place at page lines."""
        assert self._config is not None
        hook = self._config.hook
        data = translate(hook.pytest_report_to_serializable(config=self._config, report=report), self._job)
        again = hook.pytest_report_from_serializable(config=self._config, data=data)
        text = str(again.longreprtext)
        return text, _place(data, text, self._job)


def item_id(item: pytest.Item) -> str:
    """Give an item's id below the run copy; a page's own items are ``block-n``."""
    return item.name if item.nodeid.partition("::")[0].endswith(".md") else item.nodeid


class Fences:
    """As much of a Markdown parser as pytest-markdown-docs asks for."""

    def __init__(self, blocks: list[Block]) -> None:
        """Know the blocks it is to find."""
        self._blocks = blocks

    def parse(self, text: str) -> list[SimpleNamespace]:  # noqa: ARG002 - the caller's signature
        """Give a token for each demonstration, with the fixtures its free names ask for."""
        return [SimpleNamespace(type="fence", map=[b.place.line - 1, b.end], info=_info(b), content=b.source) for b in self._blocks]


def _info(block: Block) -> str:
    names = sorted(free_names(block.source))
    return " ".join(["python", *(f"fixture:{name}" for name in names)])


def free_names(source: str) -> set[str]:
    """Give the names a text loads and neither binds nor finds among the built-in ones."""
    tree = ast.parse(source)
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    loaded = {n.id for n in names if isinstance(n.ctx, ast.Load)}
    bound = {n.id for n in names if not isinstance(n.ctx, ast.Load)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    bound |= {(a.asname or a.name).split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.name}
    return loaded - bound - set(dir(builtins))


class Demonstration:
    """Our runner for pytest-markdown-docs: output captured, run once, placed on the page."""

    def __init__(self, item: Any, job: Job) -> None:
        """Know the item for its capture, the job for its pages."""
        self._item, self._job = item, job

    def runtest(self, test: Any, args: dict[str, Any], **_: object) -> None:
        """Run a block; a ``TypeError`` is passed on as one the caller does not take for its own."""
        code = compile(test.source, str(test.source_path), "exec", dont_inherit=True)
        with captured(self._item.config):
            try:
                exec(code, args)  # noqa: S102 - running blocks is what we do
            except TypeError as error:
                raise _TypeErrorOfBlock(*error.args).with_traceback(error.__traceback__) from error

    def repr_failure(self, test: Any, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:  # noqa: ARG002
        """Show the frames from the block on, each at its page line, and the exception."""
        error = excinfo.value.__cause__ if isinstance(excinfo.value, _TypeErrorOfBlock) else excinfo.value
        frames = [(*origin(f.filename, f.lineno or 1, self._job), f) for f in traceback.extract_tb(excinfo.tb)]
        start = next((n for n, (path, _, _) in enumerate(frames) if path == self._job.shown), 0)
        shown = [f"{path}:{line}: in {f.name}\n    {f.line}" for path, line, f in frames[start:]]
        path, line, _ = frames[-1]
        return "\n".join([*shown, f"{path}:{line}: {''.join(traceback.format_exception_only(error)).rstrip()}"])


class _TypeErrorOfBlock(Exception):  # noqa: N818
    """A block raised ``TypeError``; pytest-markdown-docs would run it once more."""


@contextmanager
def captured(config: pytest.Config) -> Iterator[None]:
    """Capture output, which pytest-markdown-docs switches off around its blocks."""
    manager = config.pluginmanager.getplugin("capturemanager")
    if manager is None:
        yield
        return
    manager.resume_global_capture()
    try:
        yield
    finally:
        manager.suspend_global_capture(in_=False)


class PageFile(MarkdownTextFile):
    """A page: its demonstrations, then its consoles, transcripts and servers."""

    def __init__(self, *, stage: Stage, **arguments: Any) -> None:
        """Share a stage with the session."""
        super().__init__(**arguments)
        self._stage = stage

    def collect(self) -> Iterator[pytest.Item]:
        """Give an item a block, and one that stops each server."""
        numbers = {b.place.line: b.number for b in self._stage.blocks(Role.DEMONSTRATION)}
        demonstrations: Iterator[Any] = super().collect()  # type: ignore[no-untyped-call]
        for item in demonstrations:
            item.name = f"block-{numbers[item.test_definition.start_line]}"  # a line would change with every edit above it
            yield item
        started = self._stage.blocks(Role.SERVER, Role.WORKER)
        for block in self._stage.blocks(Role.CONSOLE, Role.SERVER, Role.WORKER, Role.HTTP):
            yield self._item(f"block-{block.number}", self._stage.step_of(block))
        for block in reversed(started):
            yield self._item(f"block-{block.number}-stop", lambda block=block: self._stage.stop(block))

    def _item(self, name: str, step: Callable[..., None]) -> pytest.Item:
        item: pytest.Item = pytest.Function.from_parent(self, name=name, callobj=step)
        return item


def translate(data: Any, job: Job) -> Any:
    """Put page places where a serialised report names lines of the copy."""
    if isinstance(data, Mapping):
        if {"path", "lineno"} <= data.keys() and isinstance(data["lineno"], int):
            path, line = origin(str(data["path"]), data["lineno"], job)
            data = {**data, "path": path, "lineno": line}
        return {key: translate(value, job) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [translate(value, job) for value in data]
    return data


def origin(path: str, line: int, job: Job) -> tuple[str, int]:
    """Give the place a line of the copy was written at; other places stay as they are."""
    below = path.removeprefix(f"{job.folder}/")
    lines = job.origins.get(below)
    if not lines or not 0 < line <= len(lines):
        return below, line
    return lines[line - 1]


def _place(data: Mapping[str, Any], text: str, job: Job) -> tuple[str, int] | None:
    """Give the last place of a report that is on a page or in its tests."""
    known = {path for lines in job.origins.values() for path, _ in lines}
    found = [(d["path"], d["lineno"]) for d in _places(data) if d["path"] in known]
    if found:
        return found[-1]
    mentioned = [p for path in known for p in _mentions(text, path)]
    return mentioned[-1] if mentioned else None


def _places(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, Mapping):
        if {"path", "lineno"} <= data.keys():
            yield data
        for value in data.values():
            yield from _places(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _places(value)


def _mentions(text: str, path: str) -> Iterator[tuple[str, int]]:
    for part in text.split(f"{path}:")[1:]:
        digits = part.split(":", 1)[0].split()[0] if part.strip() else ""
        if digits.isdigit():
            yield path, int(digits)


def _kind_and_message(report: pytest.TestReport) -> tuple[str, str]:
    if isinstance(report.longrepr, tuple):
        return "Skipped", str(report.longrepr[-1]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    words = str(crash.message) if crash else _last(str(report.longrepr or "")).partition(": ")[2]
    head = words.split(":", 1)[0].strip()
    return head, words


def _last(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


__all__ = ["Mismatch", "Session", "free_names", "item_id"]
