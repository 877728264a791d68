"""The lines of Jinja templates: coverage sees the Python that Jinja makes of them, and this says which lines those are.

Jinja leaves three things in the module it makes of a template: the function ``root``, the
functions ``blocks``, and ``debug_info``, the table from its lines to the template's.
"""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import coverage
from coverage.plugin_support import Plugins

ENDINGS = (".html", ".xml", ".txt", ".jinja", ".j2")


@dataclass
class Made:
    """The Python made of a template."""

    lines: dict[int, int] = field(default_factory=dict)
    """By line of the Python that can run, the template's line."""


MADE: dict[str, Made] = {}
"""By path of the template; filled while it runs."""


def coverage_init(registry: Plugins, options: Any = None) -> None:  # noqa: ARG001 - coverage's signature
    """Register the plugin, as coverage asks for it."""
    registry.add_file_tracer(Templates())


class Templates(coverage.CoveragePlugin):
    """Claims compiled templates, whose code bears the template's name."""

    def file_tracer(self, filename: str) -> coverage.FileTracer | None:
        """Claim a template, and nothing else."""
        return Template(filename) if filename.endswith(ENDINGS) else None


class Template(coverage.FileTracer):
    """One template."""

    def __init__(self, filename: str) -> None:
        """Know the file."""
        self._filename = filename

    def source_filename(self) -> str:
        """Give the template's path."""
        return self._filename

    def line_number_range(self, frame: FrameType) -> tuple[int, int]:
        """Give the line of Python that runs, and learn once which there are."""
        if self._filename not in MADE and "debug_info" in frame.f_globals:
            MADE[self._filename] = Made(dict(_lines(frame.f_globals)))
        return frame.f_lineno, frame.f_lineno


def template_lines(path: str, ran: Mapping[int, Iterable[str]]) -> tuple[set[int], set[int], dict[int, set[str]]]:
    """Give a template's lines that can run, those that did not wholly run, and by line the tests that ran it.

    ``ran`` holds, by line of the Python made of it, the tests that ran that.
    """
    made = MADE.get(path, Made()).lines
    tests: dict[int, set[str]] = {}
    for number, line in made.items():
        tests.setdefault(line, set()).update(ran.get(number, ()))
    return set(made.values()), {line for number, line in made.items() if number not in ran}, tests


def _lines(module: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    table = sorted((int(made), int(line)) for line, made in (p.split("=") for p in module["debug_info"].split("&") if p))
    for function in (module["root"], *module["blocks"].values()):
        code = function.__code__
        numbers = _numbers(code)
        inside = [(made, line) for made, line in table if code.co_firstlineno <= made <= max(numbers)]
        stated = numbers & ({made for made, _ in inside} | _outputs(code))
        first = inside[0][1] if inside else 1
        yield from ((n, next((line for made, line in reversed(inside) if made <= n), first)) for n in stated)


def _numbers(code: CodeType) -> set[int]:
    """Give the lines of a function and of those inside it."""
    return {n for _, _, n in code.co_lines() if n}.union(*map(_numbers, _inner(code)))


def _outputs(code: CodeType) -> set[int | None]:
    """Give the lines that put something out. What else Jinja makes provides for names that may be missing."""
    yields = [i.positions for i in dis.get_instructions(code) if i.opname == "YIELD_VALUE"]
    own = {p.lineno for p in yields if p}
    return own.union(*map(_outputs, _inner(code)))


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (c for c in code.co_consts if isinstance(c, CodeType))
