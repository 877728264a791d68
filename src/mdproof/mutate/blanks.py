"""The mutants of a page that leave something out: a body, a block, a command, a worker."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mdproof.assemble.lines import span
from mdproof.assemble.project import Project
from mdproof.exercise.transcript import commands
from mdproof.model import Block, Role
from mdproof.mutate.mutant import Mutant, own_place
from mdproof.read.roles import is_declaration


def blanked(project: Project, path: str, blocks: list[Block]) -> Iterator[Mutant]:
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
        place = own_place(project, path, node.lineno)
        body = node.body[1:] if ast.get_docstring(node) else node.body
        if place is None or not body:
            continue
        first, last = span(body[0])[0], body[-1].end_lineno or body[-1].lineno
        blank = " " * body[0].col_offset + "pass"
        text = "\n".join([*lines[: first - 1], blank, *lines[last:]]) + "\n"
        inside = range(first, last + 1)
        yield Mutant(path, place, tuple(inside), f"blank: the body of {node.name}", "", text, inside)


def step_blanked(project: Project, block: Block) -> Iterator[Mutant]:
    """Leave out each command of a console, and each worker: a later line must miss what it did."""
    if block.role is Role.WORKER:
        yield Mutant(project.page.path, block.place, (), "blank: the worker", block.source, "", block=block.number)
    lines = block.source.splitlines()
    for command in commands(block.source) if block.role is Role.CONSOLE else ():
        if not is_declaration(command.text) and command.text != NOTHING:
            count = command.text.count("\n") + 1
            before, after = lines[: command.line - 1], lines[command.line - 1 + count :]
            what = f"blank: the command {command.text.splitlines()[0]}"
            text = "\n".join([*before, f"$ {NOTHING}", *after])
            alone = "\n".join([*("" for _ in before), f"$ {NOTHING}", *command.output])
            place = block.place_of(command.line)
            yield Mutant(project.page.path, place, (), what, str(block.number), text, block=block.number, alone=alone)


NOTHING = "true"
"""The command that does nothing."""
