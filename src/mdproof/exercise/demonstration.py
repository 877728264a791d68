"""Demonstrations of a page: fed to pytest-markdown-docs as our reader found them, run by our runner."""

from __future__ import annotations

import ast
import builtins
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from mdproof.exercise.job import Job
from mdproof.exercise.places import origin
from mdproof.model import Block


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
        shown = [f"{path}:{line}: in {f.name}\n    {f.line or ''}" for path, line, f in frames[start:]]
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
