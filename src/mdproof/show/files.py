"""A project's files as the site shows them: the generated ones, and what a page changed in the others."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from mdproof.show.lines import CONTROL

GENERATED = {"pyproject.toml": "toml", "README.md": "markdown"}


def generated(project: Path) -> dict[str, str]:
    """Give the generated files of a project as HTML that does not count as blocks of the page."""
    found = {path: project / path for path in GENERATED if (project / path).is_file()}
    return {path: _coloured(file.read_text(encoding="utf-8"), GENERATED[path]) for path, file in found.items()}


def _coloured(text: str, language: str) -> str:
    formatter = HtmlFormatter(nowrap=True)
    code = highlight(CONTROL.sub("\ufffd", text), get_lexer_by_name(language), formatter)
    return f"<pre data-proof><code>{code}</code></pre>"


def first_text(projects: Sequence[Path], path: str) -> str | None:
    """Give a file's text from the first of these projects that has it."""
    found = next((p / path for p in projects if (p / path).is_file()), None)
    return found.read_text(encoding="utf-8", errors="replace") if found else None


def changed_lines(before: str, after: str) -> str:
    """Give the lines of a text that an earlier one did not have, as ``hl_lines`` wants them; none if all are new."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    spans = [(start, end) for kind, _, _, start, end in matcher.get_opcodes() if kind in {"insert", "replace"}]
    lines = [number + 1 for start, end in spans for number in range(start, end) if new[number].strip()]
    written = [line for line in new if line.strip()]
    return "" if len(lines) == len(written) else " ".join(map(str, lines))
