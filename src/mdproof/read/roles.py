"""What each fenced block is for. What has no role is refused."""

from __future__ import annotations

import posixpath
import re
import shlex
import warnings

from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from mdproof.fault import Fault, Place
from mdproof.model import KNOWN_FILES, Block, Role
from mdproof.read.exemptions import exempting
from mdproof.read.fences import Fence

PYTHON = frozenset({"python", "py", "python3"})
EDITS = {"append": Role.APPEND, "replace": Role.REPLACE}
PROCESSES = {"Server": Role.SERVER, "Worker": Role.WORKER}
LAYOUT = "Project layout"


def block_of(fence: Fence, path: str, lines: tuple[int, ...], end: int) -> Block | Fault:
    """Turn a fence into a block with its role, or say why it has none.

    ``lines`` are the page lines from the opening fence on, one for the fence and one for each
    line of the source.
    """
    place = Place(path, lines[0])
    title = fence.options.get("title", "")
    role = _fault_of(fence, title) or _role(fence, title)
    if isinstance(role, str) and not isinstance(role, Role):
        return Fault(place, role)
    block = Block(fence.number, place, end, role, fence.language, title, fence.classes, fence.source, lines[1:])
    if not (block.path.endswith(".py") or (block.language in PYTHON and not block.path)):
        return block
    return _unparsable(block) or exempting(block) or block


def _fault_of(fence: Fence, title: str) -> str | None:
    """Say what is wrong with the fence's head line."""
    if not fence.language:
        return "this block names no language, so it has no role. Write the language after the fence."
    try:
        get_lexer_by_name(fence.language)
    except ClassNotFound:
        return f"{fence.language!r} is no language the site can colour. Name one that is."
    if fence.attributes:
        return f"unknown option {next(iter(fence.attributes))!r} in braces. Known are: title, hl_lines, linenums, .append, .replace."
    if unknown := [c for c in fence.classes if c not in EDITS]:
        return f"unknown option '.{unknown[0]}' in braces. Known are: .append, .replace."
    if len(fence.classes) > 1:
        return "a block either appends or replaces. Drop one of .append and .replace."
    if not title.isprintable():
        return "the title holds a line break or a control character. Write it in plain characters, on one line."
    if fence.classes and not is_path(title):
        return f'.{fence.classes[0]} changes a file, and no path is given. Add title="path/of/file".'
    return _fault_of_path(title) if is_path(title) else None


def is_path(title: str) -> bool:
    """Tell whether a title is the path of a project's file."""
    return "/" in title or "." in title or title in KNOWN_FILES


def _fault_of_path(title: str) -> str | None:
    if title.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:", title):
        return f"{title!r} is an absolute path. Give it relative to the project."
    if "\\" in title or posixpath.normpath(title) != title or title.partition("/")[0] in {".", ".."} or title != title.strip():
        return f"{title!r} leaves the project or is not in its plain form. Give a path such as src/package/module.py."
    if title in {"pyproject.toml", "README.md"}:
        return f"{title} is generated for every project. Choose another path; dependencies are declared by `$ uv add`."
    return None


def _role(fence: Fence, title: str) -> Role | str:
    """Give the role, or say why there is none."""
    if is_path(title):
        if fence.classes:
            return EDITS[fence.classes[0]]
        return Role.TEST if re.fullmatch(r"tests/(.*/)?test_[^/]*\.py", title) else Role.FILE
    if title == LAYOUT and fence.language == "text":
        return Role.LAYOUT
    if fence.language == "console":
        return _console_role(fence.source, title)
    if title:
        return f"the title {title!r} is no path, and gives a {fence.language} block no role. Drop it, or make it a path."
    if fence.language in PYTHON:
        return Role.DEMONSTRATION
    if fence.language == "http":
        return Role.HTTP
    return f"a {fence.language} block without a title has no role. Give it the path of the file it is."


def _console_role(source: str, title: str) -> Role | str:
    if title in PROCESSES:
        return PROCESSES[title]
    if title:
        return f"a console block titled {title!r} has no role. Known titles are: Server, Worker."
    commands = [line[2:] for line in source.splitlines() if line.startswith("$ ")]
    if not source.startswith("$ "):
        return "a console block begins with a command: a line that starts with '$ '. Write the command first."
    return Role.DEPENDENCIES if all(is_declaration(c) for c in commands) else Role.CONSOLE


def is_declaration(command: str) -> bool:
    """Tell whether a console command declares dependencies: ``uv add ...``."""
    try:
        return shlex.split(command)[:2] == ["uv", "add"]
    except ValueError:
        return False


def _unparsable(block: Block) -> Fault | None:
    """Say where a Python block does not compile, or only with a warning, at its own line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(block.source, block.place.path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return Fault(block.place_of(error.lineno or 1), f"this Python does not parse: {error.msg.removesuffix('.')}. Mend the line.")
    except ValueError as error:
        return Fault(block.place, f"this Python does not parse: {error}. Mend the block.")
    return None
