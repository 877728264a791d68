"""The site's own fence parser, made to tell what it saw.

This is the only module that touches what is private in pymdown-extensions: the preprocessor
``fenced_code_block`` of SuperFences, its ``process_nested_block``, ``_store`` and
``rebuild_block``, and the preprocessor ``snippet``. ``tests/engine/test_fences.py`` is the canary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markdown import Markdown


@dataclass(frozen=True)
class Fence:
    """A fenced block as SuperFences understood it."""

    number: int
    """Counted from 1, in the order the parser finds them."""
    start: int
    """Line of the opening fence, from 1, in the text after includes."""
    end: int
    """Line of the closing fence."""
    language: str
    options: Mapping[str, str]
    """``title``, ``hl_lines``, ``linenums``."""
    classes: tuple[str, ...]
    attributes: Mapping[str, str]
    """What stood in the braces and is no option."""
    source: str


Decorate = Callable[[Fence, str], str]
"""What to make of a fence's HTML."""
Prepare = Callable[[Fence, dict[str, Any]], None]
"""May set the options of a fence before it is rendered."""


def _as_it_is(_: Fence, html: str) -> str:
    return html


def _unprepared(_: Fence, __: dict[str, Any]) -> None:
    """Leave the options alone."""


def instrument(md: Markdown, decorate: Decorate = _as_it_is, prepare: Prepare = _unprepared) -> list[Fence]:
    """Make a parser with SuperFences record its fences; give the list it fills.

    Each fence's HTML gets ``data-block="n"`` on its outermost element and then goes through
    ``decorate``.
    """
    fences: list[Fence] = []
    parser: Any = md.preprocessors["fenced_code_block"]
    process, store = parser.process_nested_block, parser._store  # noqa: SLF001 - see the module's docstring

    def process_and_record(whitespace: str, content: str, start: int, end: int) -> None:
        fence = Fence(
            len(fences) + 1,
            start + 1,
            end,
            (parser.lang or "").lower(),
            dict(parser.options),
            tuple(parser.classes),
            {**parser.attrs, **({"id": parser.id} if parser.id else {})},
            parser.rebuild_block(parser.code),
        )
        fences.append(fence)
        prepare(fence, parser.options)
        process(whitespace, content, start, end)

    def store_marked(source: str, code: str, start: int, end: int) -> None:
        fence = fences[-1]
        marked = re.sub(r"<(div|pre)", rf'<\1 data-block="{fence.number}"', code, count=1)
        store(source, decorate(fence, marked), start, end)

    parser.process_nested_block, parser._store = process_and_record, store_marked  # noqa: SLF001 - as above
    return fences


def trace_includes(md: Markdown) -> list[int]:
    """Make ``--8<--`` keep count; give the list it fills: the page line of each line it leaves.

    Lines are included one by one, so the multi-line form is not understood here; the reader
    refuses it.
    """
    origin: list[int] = []
    if "snippet" not in md.preprocessors:
        return origin
    snippet: Any = md.preprocessors["snippet"]
    run = snippet.run

    def run_by_line(lines: list[str]) -> list[str]:
        origin.clear()
        result: list[str] = []
        appended, snippet.auto_append = snippet.auto_append, []
        for number, line in enumerate(lines, 1):
            snippet.mdproof_line = number
            got = run([line])
            result.extend(got)
            origin.extend([number] * len(got))
        snippet.auto_append = appended
        got = run([]) if appended else []
        origin.extend([len(lines)] * len(got))
        return result + got

    snippet.run = run_by_line
    return origin


def include_line(md: Markdown) -> int:
    """Give the line at which an include failed, or 1."""
    return int(getattr(md.preprocessors["snippet"], "mdproof_line", 1)) if "snippet" in md.preprocessors else 1


def keep_lines(md: Markdown) -> list[str]:
    """Make the fence parser keep the lines it is given; give the list it fills."""
    seen: list[str] = []
    preprocessor: Any = md.preprocessors["fenced_code_block"]
    run = preprocessor.run

    def run_and_keep(lines: list[str]) -> list[str]:
        seen.extend(lines)
        result: list[str] = run(lines)
        return result

    preprocessor.run = run_and_keep
    return seen
