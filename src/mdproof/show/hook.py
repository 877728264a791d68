"""The MkDocs hook that keeps unproven pages from being published.

``mkdocs build`` fails and says where; ``mkdocs serve`` goes on, and the page itself says that it
is not proven. MkDocs loads this file by its path, so its imports are absolute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import event_priority
from mkdocs.structure.pages import Page

from mdproof.show.check import code_faults, text_faults
from mdproof.show.proofs import Proofs, load

EXTENSION = "mdproof.show.extension"
LAST = -1000


class Unproven(Abort):
    """The site is not built. Prints one line a fault, and no more."""

    def show(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - click's signature
        """Print the faults."""
        click.echo(self.format_message(), err=True)


@dataclass
class _Build:
    """What MkDocs' events have to know of one another."""

    lenient: bool = False
    """Whether unproven pages are shown all the same: ``mkdocs serve``."""
    root: Path = field(default_factory=Path)
    path: Path = field(default_factory=Path)
    proofs: Proofs | None = None
    faults: list[str] = field(default_factory=list)

    def stop(self) -> None:
        """Stop the build if anything is wrong."""
        if self.faults and not self.lenient:
            raise Unproven("\n".join(dict.fromkeys(self.faults)))

    def check(self, page: Page, html: str) -> None:
        """Note what is wrong with a page."""
        path = Path(page.file.abs_src_path or page.file.src_uri)
        path = path.parent.resolve() / path.name
        shown = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else page.file.src_uri
        record = self.proofs.of_path(shown) if self.proofs else None
        stale = text_faults(shown, page.markdown or "", record)
        self.faults += stale or code_faults(shown, page.file.content_string, record, html)


_build = _Build()


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:  # noqa: ARG001, FBT001 - MkDocs' signature
    """Learn whether this is a preview."""
    _build.lenient = command == "serve"


def on_config(config: MkDocsConfig) -> None:
    """Find the proof, wherever MkDocs was started from."""
    if EXTENSION not in config.markdown_extensions:
        raise Unproven(f"mkdocs.yml:1: {EXTENSION} is not among the markdown_extensions. List it, as the last one.")
    options = config.mdx_configs.setdefault(EXTENSION, {})
    base = Path(config.config_file_path).parent
    _build.root = (base / options.get("root", ".")).resolve()
    options["root"] = str(_build.root)
    _build.path = _build.root / options.get("proof", "build/proof.json")
    _build.proofs, _build.faults = load(_build.path), []
    if _build.proofs is None:
        shown = _build.path.relative_to(_build.root) if _build.path.is_relative_to(_build.root) else _build.path
        _build.faults = [f"{shown}:1: there is no proof that can be read. Run `python -m mdproof prove`."]
    _build.stop()


@event_priority(LAST)
def on_page_content(html: str, page: Page, **_: Any) -> None:
    """Check a page's content."""
    _build.check(page, html)


def on_env(env: Any, **_: Any) -> Any:
    """Stop before any page is written, with what is wrong with all of them."""
    _build.stop()
    return env


@event_priority(LAST)
def on_post_page(output: str, page: Page, **_: Any) -> None:
    """Check a finished page, as the reader will get it."""
    _build.check(page, output)
    _build.stop()


def on_serve(server: LiveReloadServer, **_: Any) -> None:
    """Build the preview again when pages were proven again."""
    _build.path.parent.mkdir(parents=True, exist_ok=True)
    _build.path.touch()  # before the first proof there is nothing yet that could be watched
    server.watch(str(_build.path))
