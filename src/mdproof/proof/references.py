"""What a page says is proven elsewhere: each test, rule or Don't it links must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mdproof.assemble.project import Project
from mdproof.fault import Fault
from mdproof.model import Page
from mdproof.proof.assertions import defined_tests
from mdproof.settings import Settings


def unfounded(settings: Settings, projects: Mapping[str, Project]) -> Iterator[Fault]:
    """Refuse references to what the page they lead to does not have."""
    proofs = {name: set(_proofs(settings, projects[name])) for name in _referred_to(projects) if name in projects}
    for project in projects.values():
        for reference in project.page.references:
            if reference.name not in proofs.get(reference.page, ()):
                where = f"{settings.docs}/{reference.page}.md"
                yield Fault(reference.place, f"{where} has no {reference.name!r}. Mind the spelling, or link what proves it.")


def _referred_to(projects: Mapping[str, Project]) -> set[str]:
    return {reference.page for project in projects.values() for reference in project.page.references}


def _proofs(settings: Settings, project: Project) -> Iterator[str]:
    """Give what can be referred to on a page: its rules' ids, its Don'ts' titles, its tests."""
    page = project.page
    yield from (rule.id for rule in page.rules)
    yield from (box.title for box in page.counterexamples)
    deeper = settings.deeper_tests(page.name)
    texts = dict(project.texts) | ({f"tests/guide/{deeper.name}": deeper.read_text(encoding="utf-8")} if deeper.is_file() else {})
    for path, text in texts.items():
        if path.startswith("tests/") and path.endswith(".py"):
            yield from (f"{path}::{name}" for name in defined_tests(text))


def unproven(page: Page, proven: Mapping[str, bool]) -> Iterator[Fault]:
    """Refuse references to pages that are not proven; ``proven`` is by page's name."""
    for reference in page.references:
        if not proven.get(reference.page):
            yield Fault(reference.place, f"{reference.name} is on the page {reference.page}, which is not proven. Prove that first.")
