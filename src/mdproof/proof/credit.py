"""Which tests ran which lines, translated to the blocks of a page."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from mdproof.assemble.lines import span
from mdproof.assemble.project import Project
from mdproof.exercise.job import Measured
from mdproof.fault import Place
from mdproof.model import Block


@dataclass(frozen=True)
class Ran:
    """What ran of a block."""

    total: int
    """Executable lines of the block that are in the project."""
    missing: tuple[Place, ...]
    """Those that no test ran."""
    partial: tuple[Place, ...]
    """Those that end in a branch no test took."""
    tests: tuple[str, ...]


class Credit:
    """Credits lines of a page to the tests that ran them."""

    def __init__(self, project: Project, measured: Measured, tests: Iterable[str]) -> None:
        """Know the project, what was measured in it, and the ids of its tests."""
        self._project, self._measured, self._tests = project, measured, tuple(tests)

    def ran(self, block: Block) -> Ran:
        """Say what ran of a block that gives or changes a file."""
        own = {Place(block.place.path, line) for line in block.lines}
        here = {n for n, line in enumerate(self._project.files[block.path], 1) if line.origin in own}
        if not self._has_lines(block.path):
            return Ran(len(here), (), (), self._openers(block.path))
        statements = [n for n in self._measured.statements.get(block.path, ()) if n in here]
        missing = [n for n in self._measured.missing.get(block.path, ()) if n in here]
        partial = sorted({n for n, _ in self._measured.partial.get(block.path, ()) if n in here and n not in missing})
        runners = self._runners(block.path, here)
        return Ran(len(statements), self._places(block.path, missing), self._places(block.path, partial), runners)

    def _has_lines(self, path: str) -> bool:
        """Tell whether lines of a file run, rather than the file being opened: Python, and templates that were rendered."""
        return path.endswith(".py") or path in self._measured.statements

    def _places(self, path: str, numbers: Iterable[int]) -> tuple[Place, ...]:
        return tuple(place for n in numbers if (place := self._project.origin(path, n)))

    def runners_of(self, first: int, last: int) -> dict[str, set[Place]]:
        """Give, by test, the lines of the page between two lines that it ran.

        That a test imports a function does not make it run the function.
        """
        page = self._project.page.path
        found: defaultdict[str, set[Place]] = defaultdict(set)
        for path, lines in self._project.files.items():
            inside = {
                n: line.origin
                for n, line in enumerate(lines, 1)
                if line.origin and line.origin.path == page and first <= line.origin.line <= last
            }
            if not self._has_lines(path):
                for test in self._openers(path) if inside else ():
                    found[test].update(inside.values())
                continue
            headers = _headers(self._project.texts[path]) if path.endswith(".py") else frozenset()
            for number, place in inside.items():
                direct = self._measured.contexts.get(path, {}).get(number, ())
                for test in direct if number in headers else self.tests_of(path, number):
                    found[test].add(place)
        return {test: places for test, places in found.items() if test}

    def executed(self, test: str, path: str) -> set[int]:
        """Give the lines of a file that a test itself ran."""
        return {n for n, tests in self._measured.contexts.get(path, {}).items() if test in tests}

    def _runners(self, path: str, numbers: set[int]) -> tuple[str, ...]:
        return tuple(sorted({t for n in numbers for t in self.tests_of(path, n)}))

    def tests_of(self, path: str, number: int) -> set[str]:
        """Give the tests that ran a line; one that ran at import counts for those that import the file."""
        measured = self._measured.contexts, self._measured.processes
        tests = {test for ran in measured for test in ran.get(path, {}).get(number, ())}
        if "" in tests:
            tests |= self._importers.get(path, set())
        return tests - {""}

    def _openers(self, path: str) -> tuple[str, ...]:
        return tuple(t for t in self._measured.opened.get(path, ()) if t)

    @cached_property
    def _importers(self) -> Mapping[str, set[str]]:
        """Give, by file, the tests whose own file or whose fixtures import it, directly or not."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        shared = [p for p in self._project.files if p.endswith("conftest.py")]
        for test in self._tests:
            own = test.partition("::")[0]
            for path in self._reach([own, *shared]):
                found[path].add(test)
        return found

    def _reach(self, paths: list[str]) -> set[str]:
        reached: set[str] = set()
        waiting = [p for p in paths if p in self._project.files]
        while waiting:
            path = waiting.pop()
            if path not in reached:
                reached.add(path)
                waiting.extend(self._imports[path])
        return reached

    @cached_property
    def _imports(self) -> Mapping[str, set[str]]:
        return {path: set(self._imported(path)) if path.endswith(".py") else set() for path in self._project.files}

    def _imported(self, path: str) -> Iterable[str]:
        for module in imported_modules(path, self._project.texts[path]):
            for base in (module.replace(".", "/"), f"src/{module.replace('.', '/')}"):
                yield from (p for p in (f"{base}.py", f"{base}/__init__.py") if p in self._project.files)


def _headers(text: str) -> set[int]:
    """Give the lines that importing a file always runs: imports, docstrings, heads of functions and classes."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.update(range(span(node)[0], node.body[0].lineno))
    return found


def imported_modules(path: str, text: str) -> set[str]:
    """Give the modules a file imports, by full name, with the packages around them."""
    package = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").split("/")
    inside = package if path.endswith("__init__.py") else package[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else []
            module = [*above, *([node.module] if node.module else [])]
            found |= {".".join([*module, a.name]) for a in node.names}
    return {package for name in found for package in accumulate(name.split("."), "{}.{}".format)}
