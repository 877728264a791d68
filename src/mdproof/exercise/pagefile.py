"""The page as a file of the session: an item of pytest for each of its demonstrations and steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_markdown_docs.plugin import MarkdownTextFile

from mdproof.exercise.steps import Stage
from mdproof.model import Role


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
