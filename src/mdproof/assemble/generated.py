"""The two files of a project that no page shows as a block of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from mdproof.assemble.dependencies import Dependency
from mdproof.model import Page, Role

PYPROJECT = """\
[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[dependency-groups]
dev = [{development}]
{build}
[tool.pytest]
testpaths = ["tests"]
pythonpath = ["{source}"]
addopts = ["-p", "no:cacheprovider", "--import-mode=importlib"]
filterwarnings = ["error"]
strict = true
"""

BUILD = """
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["src/{package}"]
"""

GENERATED = "Do not edit it here: edit the page."
"""By this line of its README a folder is known as one of ours."""

README = """\
# {title}

The project of the page `{page}`, assembled from the blocks it shows and from those of the pages it builds on.
{generated}

```console
$ uv run pytest
{commands}```
"""


def package_of(paths: Iterable[str]) -> str:
    """Give the name of the package below ``src/``, or nothing."""
    return next((p.split("/")[1] for p in sorted(paths) if p.startswith("src/") and p.count("/") > 1), "")


def pyproject(name: str, files: Mapping[str, object], dependencies: Sequence[Dependency]) -> str:
    """Write the ``pyproject.toml`` of a page's project."""
    package = package_of(files)
    development = [d.requirement for d in dependencies if d.development]
    if "pytest" not in [d.name for d in dependencies if d.development]:
        development.append("pytest")
    return PYPROJECT.format(
        name=package or name.rpartition("/")[2],
        dependencies=_listed(d.requirement for d in dependencies if not d.development),
        development=_listed(development),
        build=BUILD.format(package=package) if package else "",
        source="src" if package else ".",
    )


def readme(page: Page) -> str:
    """Write the ``README.md`` of a page's project: what it is and how to run it."""
    servers = [line for b in page.blocks if b.role is Role.SERVER for line in b.source.splitlines() if line.startswith("$ ")]
    return README.format(title=page.title, page=page.path, generated=GENERATED, commands="".join(f"{line}\n" for line in servers))


def _listed(requirements: Iterable[str]) -> str:
    return ", ".join(json.dumps(r) for r in sorted(set(requirements)))
