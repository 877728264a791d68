"""The pytest edge: each page a file, each of its tests an ordinary item.

Switched on by ``pytest_plugins = ["mdproof.plugin"]`` in the guide's own ``conftest.py``.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mdproof.fault import Refused
from mdproof.outer.items import InnerItem, PageNode
from mdproof.outer.proving import PROVING, proving_of
from mdproof.proof.record import write_union
from mdproof.read.guide import page_paths
from mdproof.settings import EMBEDDED, REAL, load_settings

PAGES = pytest.StashKey[frozenset[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the pages' services be chosen."""
    group = parser.getgroup("proving a guide")
    group.addoption("--services", choices=(EMBEDDED, REAL), default=EMBEDDED, help="the servers pages reach: embedded, or real ones")


def pytest_configure(config: pytest.Config) -> None:
    """Find the guide's pages, without reading them: other tests need none. Refuses settings that are wrong."""
    try:
        config.stash[PAGES] = frozenset(page_paths(load_settings(config.rootpath, str(config.getoption("services")))))
    except Refused as refused:
        raise pytest.UsageError(str(refused)) from refused


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the guide's pages."""
    if file_path not in parent.config.stash[PAGES]:
        return None
    page: pytest.Collector = PageNode.from_parent(parent, path=file_path)
    return page


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_markdown_docs_markdown_it() -> object:
    """Let ``pytest --markdown-docs`` find nothing that would run twice."""
    return SimpleNamespace(parse=lambda _: [])


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Tell a test which one of its page comes after it, for the sake of its fixtures."""
    if isinstance(item, InnerItem):
        same = isinstance(nextitem, InnerItem) and nextitem.exerciser is item.exerciser
        item.following = nextitem.inner if same and isinstance(nextitem, InnerItem) else ""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the union of the pages' proofs."""
    config = session.config
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    proving = proving_of(config) if config.getoption("numprocesses", None) else config.stash.get(PROVING, None)
    if proving and proving.projects:
        write_union(proving.settings, proving.projects)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the processes."""
    if proving := config.stash.get(PROVING, None):
        proving.zygote.close()
