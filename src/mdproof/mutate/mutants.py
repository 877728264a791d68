"""The mutants of a page: its own lines of guide code, each changed in every way."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider, WhitespaceInclusivePositionProvider

from mdproof.assemble.lines import definitions, span
from mdproof.assemble.project import Project
from mdproof.model import Block
from mdproof.mutate.blanks import blanked, step_blanked
from mdproof.mutate.mutant import Mutant, own_place
from mdproof.mutate.operators import mutations

Parents = Mapping[cst.CSTNode, cst.CSTNode]


def mutants(project: Project) -> Iterator[Mutant]:
    """Give every mutant of the guide code and the commands a page gives itself; tests are not mutated."""
    seen: Counter[str] = Counter()
    for mutant in _of_page(project):
        again = seen[mutant.id]
        seen[mutant.id] += 1
        yield replace(mutant, spot=f"{mutant.spot} {again}") if again else mutant


def _of_page(project: Project) -> Iterator[Mutant]:
    yield from _of_files(project, [b for b in project.page.files() if not b.path.startswith("tests/")])
    for block in project.page.steps():
        yield from step_blanked(project, block)


def repeated(project: Project, parents: Sequence[Project]) -> Callable[[Mutant], bool]:
    """Tell mutants apart whose definition stands word for word in a project the page builds on: they are that page's."""
    given = {
        (path, name, ast.dump(node))
        for parent in parents
        for path, text in parent.texts.items()
        if path.endswith(".py")
        for name, node in definitions(text).items()
    }
    lines = {
        (path, line)
        for path, text in project.texts.items()
        if path.endswith(".py")
        for name, node in definitions(text).items()
        if (path, name, ast.dump(node)) in given
        for line in range(span(node)[0], span(node)[1] + 1)
    }
    return lambda mutant: bool(mutant.lines) and (mutant.path, mutant.lines[0]) in lines


def support(project: Project) -> Iterator[Mutant]:
    """Give the mutants of what a page's tests stand on; never of the tests themselves."""
    inside = _of_files(project, [b for b in project.page.files() if b.path.startswith("tests/")])
    yield from (m for m in inside if not _is_in_a_test(project, m))


def _is_in_a_test(project: Project, mutant: Mutant) -> bool:
    for name, node in definitions(project.texts[mutant.path]).items() if mutant.path.endswith(".py") else ():
        if name.startswith(("test_", "Test")) and any(span(node)[0] <= line <= span(node)[1] for line in mutant.lines):
            return True
    return False


def _of_files(project: Project, own: list[Block]) -> Iterator[Mutant]:
    for path in dict.fromkeys(b.path for b in own):
        if path.endswith(".py"):
            yield from _of_python(project, path)
        yield from blanked(project, path, [b for b in own if b.path == path])


def _of_python(project: Project, path: str) -> Iterator[Mutant]:
    wrapper = MetadataWrapper(cst.parse_module(project.texts[path]))
    module, positions, parents = wrapper.module, wrapper.resolve(PositionProvider), wrapper.resolve(ParentNodeProvider)
    whole = wrapper.resolve(WhitespaceInclusivePositionProvider)
    seen = {project.texts[path]}
    lines = project.texts[path].splitlines()
    for node, position in positions.items():
        place = own_place(project, path, position.start.line)
        if place is None or _means_nothing(node, parents):
            continue
        for name, mutated in mutations(node):
            text = _replaced(module, project.texts[path], node, mutated, whole[node])
            if text not in seen:
                seen.add(text)
                before, after = (_shown(module, n) for n in (node, mutated))
                spot = f"{lines[position.start.line - 1].strip()} {position.start.column}"
                if "…" in before + after:  # what is shown does not tell one change from the next
                    spot += module.code_for_node(mutated)
                body = _body(node, parents, positions)
                yield Mutant(path, place, (position.start.line,), f"{name}: {before} -> {after}", spot, text, body)


def _replaced(module: cst.Module, text: str, node: cst.CSTNode, mutated: cst.CSTNode, where: CodeRange) -> str:
    """Give a file with a node replaced. What stands on lines of its own is indented by the tree, which takes long."""
    if isinstance(node, cst.BaseCompoundStatement | cst.ExceptHandler):
        return cst.ensure_type(module.deep_replace(node, mutated), cst.Module).code
    lines = text.splitlines(keepends=True)
    first, last = (sum(map(len, lines[: p.line - 1])) + p.column for p in (where.start, where.end))
    return text[:first] + module.code_for_node(mutated) + text[last:]


def _body(node: cst.CSTNode, parents: Parents, positions: Mapping[cst.CSTNode, CodeRange]) -> range | None:
    """Give the lines of the innermost function in whose body a node lies; not its head, which runs when it is defined."""
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, cst.FunctionDef) and node is parent.body:
            return range(positions[node].start.line, positions[node].end.line + 1)
        node = parent
    return None


def _means_nothing(node: cst.CSTNode, parents: Parents) -> bool:
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
