"""The mutants of a page that leave something out: a body, a block, a command, a worker."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from mdproof.assemble.lines import span, text_of
from mdproof.assemble.project import Project
from mdproof.exercise.transcript import commands
from mdproof.fault import Place
from mdproof.model import Block, Role
from mdproof.mutate.mutant import Mutant, own_place
from mdproof.read.roles import is_declaration


def blanked(project: Project, path: str, blocks: list[Block]) -> Iterator[Mutant]:
    """Blank each block: of Python the body of each function, of other files the block's lines."""
    if path.endswith(".py"):
        yield from _blanked_bodies(project, path)
        return
    lines = project.files[path]
    for block in blocks:
        own = {Place(block.place.path, line) for line in block.lines}
        inside = tuple(n for n, line in enumerate(lines, 1) if line.origin in own)
        text = text_of([replace(line, text="") if line.origin in own else line for line in lines])
        yield Mutant(path, block.place, inside, "blank: the block", "", text)


def _blanked_bodies(project: Project, path: str) -> Iterator[Mutant]:
    lines = project.texts[path].splitlines()
    for node in ast.walk(ast.parse(project.texts[path])):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        place = own_place(project, path, node.lineno)
        body = node.body[1:] if ast.get_docstring(node) else node.body
        if place is None or not body:
            continue
        first, last = span(body[0])[0], span(body[-1])[1]
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
