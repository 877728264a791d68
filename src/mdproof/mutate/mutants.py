"""The mutants of a page: its own lines of guide code, each changed in every way."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from mdproof.assemble.lines import definitions, span
from mdproof.assemble.project import Project
from mdproof.exercise.job import Job
from mdproof.exercise.transcript import commands
from mdproof.fault import Place
from mdproof.model import Block, Role, Rule
from mdproof.mutate.operators import mutations
from mdproof.read.roles import is_declaration


@dataclass(frozen=True)
class Mutant:
    """A changed file of a project."""

    path: str
    place: Place
    """The page line that is changed."""
    lines: tuple[int, ...]
    """The lines of the file that are changed."""
    what: str
    """The operator, and the code before and after."""
    spot: str
    """The text of the line as it was, and the column."""
    text: str
    """The whole file, changed; of a step, its block."""
    block: int = 0
    """The number of the step that is changed, if it is no file."""

    def changed(self, job: Job) -> Job:
        """Give a job in which the step is changed, or missing if nothing is left of it."""
        blocks = (replace(b, source=self.text) if b.number == self.block else b for b in job.blocks)
        return replace(job, blocks=tuple(b for b in blocks if b.source))

    @property
    def id(self) -> str:
        """Give an id that lasts as long as its line is the same, wherever that moves."""
        return hashlib.sha256(f"{self.path}\n{self.what}\n{self.spot}".encode()).hexdigest()[:12]


def mutants(project: Project) -> Iterator[Mutant]:
    """Give every mutant of the guide code and the commands a page gives itself; tests are not mutated."""
    yield from _of_files(project, [b for b in project.page.files() if not b.path.startswith("tests/")])
    for block in project.page.steps():
        yield from _of_step(project, block)


def candidates(project: Project, rule: Rule) -> Iterator[Mutant]:
    """Give the mutants of the lines a rule speaks of: guide code, then what its tests stand on; never the tests themselves."""
    first, last = rule.section
    support = _of_files(project, [b for b in project.page.files() if b.path.startswith("tests/")])
    everything = [*mutants(project), *(m for m in support if not _is_in_a_test(project, m))]
    yield from (m for m in everything if first <= m.place.line <= last)


def _is_in_a_test(project: Project, mutant: Mutant) -> bool:
    for name, node in definitions(project.texts[mutant.path]).items() if mutant.path.endswith(".py") else ():
        if name.startswith(("test_", "Test")) and any(span(node)[0] <= line <= span(node)[1] for line in mutant.lines):
            return True
    return False


def _of_files(project: Project, own: list[Block]) -> Iterator[Mutant]:
    for path in dict.fromkeys(b.path for b in own):
        if path.endswith(".py"):
            yield from _of_python(project, path)
        yield from _blanked(project, path, [b for b in own if b.path == path])


def _of_step(project: Project, block: Block) -> Iterator[Mutant]:
    """Leave out each command of a console, and each worker: a later line must miss what it did."""
    if block.role is Role.WORKER:
        yield Mutant(project.page.path, block.place, (), "blank: the worker", block.source, "", block.number)
    lines = block.source.splitlines()
    for command in commands(block.source) if block.role is Role.CONSOLE else ():
        if not is_declaration(command.text) and command.text != NOTHING:
            count = command.text.count("\n") + 1
            changed = [*lines[: command.line - 1], f"$ {NOTHING}", *lines[command.line - 1 + count :]]
            what = f"blank: the command {command.text.splitlines()[0]}"
            yield Mutant(project.page.path, block.place_of(command.line), (), what, str(block.number), "\n".join(changed), block.number)


NOTHING = "true"
"""The command that does nothing."""


def _of_python(project: Project, path: str) -> Iterator[Mutant]:
    wrapper = MetadataWrapper(cst.parse_module(project.texts[path]))
    positions, parents = wrapper.resolve(PositionProvider), wrapper.resolve(ParentNodeProvider)
    seen: set[str] = set()
    lines = project.texts[path].splitlines()
    for node, position in positions.items():
        place = _own_place(project, path, position.start.line)
        if place is None or _means_nothing(node, parents):
            continue
        for name, mutated in mutations(node):
            changed = cst.ensure_type(wrapper.module.deep_replace(node, mutated), cst.Module)
            text = changed.code
            if text not in seen and text != project.texts[path]:
                seen.add(text)
                before, after = (_shown(wrapper.module, n) for n in (node, mutated))
                spot = f"{lines[position.start.line - 1].strip()} {position.start.column}"
                if "…" in before + after:  # what is shown does not tell one change from the next
                    spot += wrapper.module.code_for_node(mutated)
                yield Mutant(path, place, (position.start.line,), f"{name}: {before} -> {after}", spot, text)


def _own_place(project: Project, path: str, line: int) -> Place | None:
    place = project.origin(path, line)
    return place if place and place.path == project.page.path else None


def _means_nothing(node: cst.CSTNode, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> bool:
    """Tell whether a node lies in an annotation, an import or a docstring, where a change changes no behaviour."""
    while (parent := parents.get(node)) is not None:
        if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom):
            return True
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString):
            return True
        node = parent
    return False


def _shown(module: cst.Module, node: cst.CSTNode) -> str:
    code = " ".join(module.code_for_node(node).split())
    return code if len(code) <= LONGEST else f"{code[:LONGEST]}…"


LONGEST = 60
"""Characters of code shown of a mutation."""


def _blanked(project: Project, path: str, blocks: list[Block]) -> Iterator[Mutant]:
    """Blank each block: of Python the body of each function, of other files the block's lines."""
    lines = project.texts[path].splitlines()
    if path.endswith(".py"):
        yield from _blanked_bodies(project, path, lines)
        return
    for block in blocks:
        inside = [
            n for n in range(1, len(lines) + 1) if project.origin(path, n) in {block.place_of(i) for i in range(1, len(block.lines) + 1)}
        ]
        text = "".join("\n" if n in inside else f"{line}\n" for n, line in enumerate(lines, 1))
        yield Mutant(path, block.place, tuple(inside), "blank: the block", "", text)


def _blanked_bodies(project: Project, path: str, lines: list[str]) -> Iterator[Mutant]:
    for node in ast.walk(ast.parse(project.texts[path])):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        place = _own_place(project, path, node.lineno)
        body = node.body[1:] if ast.get_docstring(node) else node.body
        if place is None or not body:
            continue
        first, last = span(body[0])[0], body[-1].end_lineno or body[-1].lineno
        blank = " " * body[0].col_offset + "pass"
        text = "\n".join([*lines[: first - 1], blank, *lines[last:]]) + "\n"
        yield Mutant(path, place, tuple(range(first, last + 1)), f"blank: the body of {node.name}", "", text)
