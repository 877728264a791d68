"""All pages of a guide, and what builds on what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mdproof.fault import Fault, Place, Refused, refuse, refuse_any
from mdproof.model import Guide, Page
from mdproof.read.markdown import extensions_of, parser
from mdproof.read.page import read_page
from mdproof.settings import Settings


def page_paths(settings: Settings) -> list[Path]:
    """Give the files of a guide's pages; folders that begin with ``_`` hold shared text, not pages."""
    docs = settings.root / settings.docs
    found = sorted(p for p in docs.rglob("*.md") if not p.is_dir())
    return [p for p in found if not any(part.startswith(("_", ".")) for part in p.relative_to(docs).parts)]


def name_of(settings: Settings, path: Path) -> str:
    """Give a page's name: its path below the docs, without the ending."""
    return path.relative_to(settings.root / settings.docs).with_suffix("").as_posix()


def read_guide(settings: Settings) -> Guide:
    """Read every page. Raises ``Refused`` with the faults of all of them."""
    extensions = extensions_of(settings.root / "mkdocs.yml")
    paths = page_paths(settings)
    if not paths:
        raise refuse(settings.docs, 1, "there is no page below this folder. Write one: docs/part/page.md.")
    pages: dict[str, Page] = {}
    faults: list[Fault] = []
    for path in paths:
        name, shown = name_of(settings, path), settings.relative(path)
        try:
            pages[name] = read_page(shown, name, path.read_bytes(), parser(extensions, settings.root))
        except OSError as error:
            faults.append(Fault(Place(shown, 1), f"the page cannot be read: {error.strerror}. Mend the file."))
        except Refused as refused:
            faults.extend(refused.faults)
    faults.extend(_deeper_tests(settings, paths))
    faults.extend(_repeated_rules(pages))
    faults.extend(_unknown_parents(pages, {name_of(settings, p) for p in paths}))
    refuse_any(faults)
    return Guide({name: pages[name] for name in _building_order(pages)})


def _deeper_tests(settings: Settings, paths: Sequence[Path]) -> Iterator[Fault]:
    """Refuse further tests that are no Python, or whose page is not there (any more)."""
    expected = {settings.deeper_tests(name_of(settings, p)): settings.relative(p) for p in paths}
    for path in sorted((settings.root / settings.tests).rglob("test_*.py")):
        shown = settings.relative(path)
        if path not in expected:
            said = f"there is no page that these tests are of. Name the file after one: {settings.tests}/part/test_page.py."
            yield Fault(Place(shown, 1), said)
        try:
            compile(path.read_bytes(), shown, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            said = f"this Python does not parse: {getattr(error, 'msg', error)}. Mend the line."
            page = expected.get(path)
            yield Fault(Place(page, 1), f"{shown}:{line}: {said}") if page else Fault(Place(shown, line), said)


def _repeated_rules(pages: Mapping[str, Page]) -> Iterator[Fault]:
    first: dict[str, Place] = {}
    for page in pages.values():
        for rule in page.rules:
            if rule.id in first:
                yield Fault(rule.place, f"the rule id {rule.id} is already used at {first[rule.id]}. Take one that never was.")
            first.setdefault(rule.id, rule.place)


def _unknown_parents(pages: Mapping[str, Page], known: set[str]) -> Iterator[Fault]:
    for page in pages.values():
        for parent in page.builds_on:
            if parent not in known:
                yield Fault(Place(page.path, 1), f"builds_on names {parent!r}, and there is no such page. Name one as part/page.")


def _building_order(pages: Mapping[str, Page]) -> list[str]:
    """Sort pages so that parents come first. Raises ``Refused`` for a circle."""
    done: dict[str, None] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            circle = " -> ".join((*trail[trail.index(name) :], name))
            raise refuse(pages[name].path, 1, f"builds_on goes in a circle: {circle}. Break it.")
        if name not in done:
            for parent in pages[name].builds_on:
                visit(parent, (*trail, name))
            done[name] = None

    for name in pages:
        visit(name, ())
    return list(done)
