"""Where a guide's folders are, and what its processes are given."""

from __future__ import annotations

import os
import shlex
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from mdproof.fault import refuse

KINDS: Mapping[str, type | tuple[type, ...]] = {
    "limit": (int, float),
    "preload": list,
    "ports": dict,
    "environment": dict,
    "services": dict,
}
"""Of settings that are no folder's name."""
EMBEDDED, REAL = "embedded", "real"
"""The two ways to run a service."""


@dataclass(frozen=True)
class Service:
    """A server that pages reach through an environment variable; it runs for pages whose project names that variable."""

    variable: str
    url: str
    """What the variable holds; ``{port}`` is replaced."""
    module: str = ""
    """A module whose ``serve(port)`` is the server."""
    command: str = ""
    """Or the server's command line; ``{port}`` is replaced."""


@dataclass(frozen=True)
class Settings:
    """The guide's table ``[tool.mdproof]``; folders are relative to the root."""

    root: Path
    docs: str = "docs"
    snippets: str = "snippets"
    tests: str = "tests/guide"
    build: str = "build"
    run: str = "run"
    """Below the build folder: where pages run; processes that run at once need one each."""
    mutation: str = "tests/mutation"
    limit: float = 60.0
    """Seconds a single test may take."""
    preload: tuple[str, ...] = ()
    """Modules the zygote imports once, so that pages start warm."""
    ports: Mapping[str, str] = field(default_factory=lambda: {"PORT": "{port}"})
    """Environment variables that tell a server its port."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further environment variables of every process of a page."""

    services: tuple[Service, ...] = ()
    """What further servers there are."""

    def deeper_tests(self, name: str) -> Path:
        """Give the path of a page's file of further tests, which need not exist."""
        part, _, page = name.rpartition("/")
        return self.root / self.tests / part / f"test_{page.replace('-', '_')}.py"

    def relative(self, path: Path) -> str:
        """Give a path relative to the root, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def load_settings(root: Path, services: str = EMBEDDED, **options: str | None) -> Settings:
    """Read ``[tool.mdproof]`` of the guide's ``pyproject.toml``; options win.

    With real services everything is built in a folder beside, so that proofs are not mixed.
    Raises ``Refused`` for a table that cannot be read or names an unknown setting.
    """
    table = _table(root / "pyproject.toml")
    table["services"] = tuple(_services(table.get("services", {}), services))
    settings = Settings(root.resolve(), **table)
    if services == REAL:
        settings = replace(settings, build=f"{settings.build}/{REAL}")
    settings = replace(settings, **{k: v for k, v in options.items() if v is not None})  # type: ignore[arg-type]
    return replace(settings, **{name: _folder(settings, name) for name in ("docs", "snippets", "build", "tests")})  # type: ignore[arg-type]


def _folder(settings: Settings, name: str) -> str:
    """Give a folder in its plain form. What is generated is also deleted, so it has a folder of its own."""
    given = getattr(settings, name)
    path = Path(os.path.normpath(settings.root / given))
    generated = name in {"snippets", "build"}
    others = [os.path.normpath(settings.root / getattr(settings, n)) for n in ("docs", "snippets", "build", "tests") if n != name]
    if settings.root.is_relative_to(path) or (generated and str(path) in others):
        raise refuse("pyproject.toml", 1, f"the folder of the {name} is {given!r}, which holds more than that. Give it one of its own.")
    if not generated and not path.is_relative_to(settings.root):
        raise refuse("pyproject.toml", 1, f"the folder of the {name} is {given!r}, which is outside the guide. Name one below it.")
    return settings.relative(path) if path.is_relative_to(settings.root) else path.as_posix()


def _services(tables: Mapping[str, Any], kind: str) -> Iterator[Service]:
    """Give the services to run; one without an embedded form is there only when services are real."""
    known = {"variable", "url", EMBEDDED, REAL}
    for name, table in tables.items():
        texts = isinstance(table, dict) and all(isinstance(v, str) for v in table.values())
        if not texts or not {"variable", "url"} <= set(table) <= known:
            wanted = f"needs variable and url, and may have {EMBEDDED} and {REAL}, all of them texts"
            raise refuse("pyproject.toml", 1, f"[tool.mdproof.services.{name}] {wanted}. Mend the setting.")
        command = table.get(REAL, "") if kind == REAL else ""
        if command and shutil.which(program := shlex.split(command)[0]) is None:
            raise refuse("pyproject.toml", 1, f"the real service {name!r} is {program}, which is not installed. Install it.")
        if command or EMBEDDED in table:
            yield Service(table["variable"], table["url"], "" if command else table[EMBEDDED], command)


def _table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse(path.name, 1, f"it cannot be read: {error}. Mend the file.") from error
    table = document.get("tool", {}).get("mdproof", {})
    known = {f.name for f in fields(Settings)} - {"root"}
    if unknown := sorted(set(table) - known):
        raise refuse(path.name, 1, f"[tool.mdproof] has no setting {unknown[0]!r}. Known are: {', '.join(sorted(known))}.")
    for name, value in table.items():
        if not isinstance(value, KINDS.get(name, str)):
            raise refuse(path.name, 1, f"[tool.mdproof] sets {name} to {value!r}, which is of the wrong type. Mend the setting.")
    return {**table, **({"preload": tuple(table["preload"])} if "preload" in table else {})}
