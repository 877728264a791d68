"""A page's project as a start of one's own: under a name of choice, and no longer ours."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from mdproof.assemble.generated import package_of
from mdproof.assemble.project import Project
from mdproof.assemble.write import write_project
from mdproof.fault import refuse

README = """\
# {name}

Taken from the page “{title}” ({page}), its package renamed.
{example}
```console
$ uv run pytest
{commands}```
"""
EXAMPLE = "To run it, copy `.env.example` to `.env` and fill it in; the tests need no settings.\n"


def take(project: Project, folder: Path, name: str | None = None) -> str:
    """Write a project to a new folder, its package renamed throughout; give the package's name.

    The name is the folder's unless one is given. Raises ``Refused``, with nothing written, for a
    name no package can have and for a folder that holds something.
    """
    old = package_of(project.files)
    new = name or re.sub(r"\W", "_", folder.name)
    if not old:
        raise refuse(project.page.path, 1, "this page's project has no package below src/ that could be taken. Name another page.")
    if not new.isidentifier() or keyword.iskeyword(new):
        raise refuse(str(folder), 1, f"{new!r} cannot be the name of a package. Give another with --name.")
    if new in {"tests", *sys.stdlib_module_names} or (new != old and _is_taken(new)):
        raise refuse(str(folder), 1, f"{new!r} is the name of another package already. Give another with --name.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refuse(str(folder), 1, "there is something here already, and nothing was written. Name a folder that is new or empty.")
    write_project(folder, _renamed(project, old, new))
    return new


def _is_taken(name: str) -> bool:
    """Tell whether a package of this name is installed here; a mere folder of the name is none."""
    spec = find_spec(name)
    return spec is not None and spec.origin is not None


def _renamed(project: Project, old: str, new: str) -> Mapping[str, str]:
    """Give the texts by path with one word in the place of another."""
    word = re.compile(rf"\b{re.escape(old)}\b")
    texts = {word.sub(new, path): word.sub(new, text) for path, text in project.texts.items()}
    shown = [line for line in project.texts["README.md"].splitlines() if line.startswith("$ ")]
    commands = "".join(f"{word.sub(new, line)}\n" for line in shown if line != "$ uv run pytest")
    example = EXAMPLE if ".env.example" in project.texts else ""
    told = README.format(name=new, title=project.page.title, page=project.page.path, example=example, commands=commands)
    return {**texts, "README.md": told}
