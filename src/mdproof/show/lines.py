"""What the site says about a proof, as HTML. Everything taken from the proof is escaped here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mdproof.model import Role
from mdproof.proof.record import Record

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Among them the two that Python-Markdown builds its placeholders from."""

SAID = {
    Role.LAYOUT: "matches the project",
    Role.DEPENDENCIES: "declared and used",
    Role.SERVER: "started, used, stopped",
    Role.WORKER: "started, used, stopped",
}


def escape(text: object) -> str:
    """Escape a text for HTML, for attributes too, and so that Python-Markdown finds no placeholder in it."""
    return html.escape(CONTROL.sub("\ufffd", str(text)))


def count(number: int, noun: str) -> str:
    """Say how many: ``1 test``, ``2 tests``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def block_line(block: Record, project: str | None) -> str:
    """Give the line below a block: what ran of it, or what caught it."""
    if block["role"] == Role.COUNTEREXAMPLE:
        return _line("✗", f"caught by {_names(block['tests'])}", "caught")
    said = SAID.get(block["role"]) or _ran(block)
    path = f"{project}/{block['path']}" if project and "lines_total" in block else ""
    return _line("✓", said + (f' · <span class="proof-path">{escape(path)}</span>' if path else ""))


def _ran(block: Record) -> str:
    if "lines_total" not in block:
        return "ran"
    tests = f"in {count(len(block['tests']), 'test')}" if block["tests"] else ""
    total = block["lines_total"]
    return f"ran {block['lines_run']} of {count(total, 'line')} {tests}".strip() if total else f"used {tests}".strip()


def rule_line(rule: Record, tests: Sequence[Record]) -> str:
    """Give the line at the foot of a rule: the state of the tests that prove it."""
    found = [[t for t in tests if t["id"] == name or t["id"].startswith(f"{name}[")] for name in rule["tests"]]
    held = sum(bool(group) and all(t["outcome"] == "passed" for t in group) for group in found)
    assertions = sum(t["assertions"] for group in found for t in group)
    mark, kind = ("✓", "") if held == len(found) else ("✗", "caught")
    return _line(mark, f"{held} of {count(len(found), 'test')} passed, {count(assertions, 'assertion')}", kind)


def seen_broken(score: Mapping[str, Any] | None, rule: str) -> str:
    """Give the line that says by which change a rule's own test was seen to fail; nothing if that is not known of the page as it is."""
    tie = (score or {}).get("rules", {}).get(rule)
    if not score or score["stale"] or not tie or not tie["noticed"]:
        return ""
    return _line("✗", f"seen to fail under <code>{escape(tie['broken'])}</code>: {_names([tie['noticed']])}", "caught")


def caught(counterexample: Record) -> str:
    """Give the failure message of a Don't, folded."""
    tests = _names(counterexample["caught_by"])
    return _folded(f"What {tests} said", f"<pre data-proof><code>{escape(counterexample['message'])}</code></pre>", "proof-message")


def _names(tests: Iterable[str]) -> str:
    """Give the short names of tests, their full ones when pointed at."""
    return ", ".join(f'<code title="{escape(t)}">{escape(t.rpartition("::")[2])}</code>' for t in tests)


def _line(mark: str, said: str, kind: str = "") -> str:
    return f'<p class="{f"proof {kind}".strip()}" data-search-exclude><span class="proof-mark">{mark}</span> {said}</p>'


def _folded(summary: str, content: str, kind: str) -> str:
    return f'<details class="{kind}" data-search-exclude><summary>{summary}</summary>{content}</details>'


def summary(page: Record, versions: Mapping[str, str], subject: str) -> str:
    """Say with what a page is proven, and how much of it there is."""
    named = [f"{escape(subject)} {escape(versions[subject.lower()])}"] if versions.get(subject.lower()) else []
    python = [f"Python {escape(versions['python'])}"] if "python" in versions else []
    amounts = [("block", "blocks"), ("test", "tests"), ("rule", "rules"), ("Don't", "counterexamples")]
    held = ", ".join(count(len(page[key]), noun) for noun, key in amounts if page[key])
    return f"Proven with {' on '.join(named + python)}: {held}."


def banner(faults: Sequence[str]) -> str:
    """Give the warning on a page that is not proven, with what is known of the reasons."""
    reasons = "".join(f"<li>{escape(fault)}</li>" for fault in faults)
    listed = f"<ul>{reasons}</ul>" if reasons else ""
    return f'<div class="unproven" role="alert" data-search-exclude><p>This page is not proven as it stands.</p>{listed}</div>'


def foot(files: Mapping[str, str]) -> str:
    """Give the generated files of a project, coloured and folded; ``files`` is their HTML by path."""
    shown = "".join(f'<div class="highlight"><span class="filename">{escape(path)}</span>{code}</div>' for path, code in files.items())
    return _folded("The rest of the project: its generated files", shown, "proof-foot") if files else ""
