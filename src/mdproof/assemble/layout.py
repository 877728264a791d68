"""A project's tree as a page draws it, compared with the real one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mdproof.fault import Fault
from mdproof.model import Block

ENTRY = re.compile(r"^(?P<drawing>[\s│├└─|`+-]*)(?P<name>[^\s#│├└─|`][^#]*?)/?\s*(?:#.*)?$")


def drawn_paths(block: Block) -> dict[str, int]:
    """Give the paths of the files a tree draws, with the source line of each; its first line is the root."""
    stack: list[tuple[int, str]] = []
    entries: list[tuple[str, int]] = []
    for number, line in enumerate(block.source.splitlines()[1:], 2):
        found = ENTRY.match(line)
        if not found:
            continue
        depth = len(found["drawing"])
        while stack and stack[-1][0] >= depth:
            stack.pop()
        stack.append((depth, found["name"].strip()))
        entries.append(("/".join(name for _, name in stack), number))
    return {path: number for path, number in entries if not any(p.startswith(f"{path}/") for p, _ in entries)}


def compare_layout(block: Block, paths: Iterable[str]) -> list[Fault]:
    """Say where a drawn tree and the project's real files differ."""
    drawn = drawn_paths(block)
    real = set(paths)
    faults = [
        Fault(block.place_of(line), f"the project has no {path}. Drop it from the tree.")
        for path, line in drawn.items()
        if path not in real
    ]
    missing = sorted(real - set(drawn))
    return [*faults, *(Fault(block.place, f"the tree lacks {path}. Draw it.") for path in missing)]
