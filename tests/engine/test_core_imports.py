"""What the engine's core may not need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "mdproof"
CORE = ["fault", "model", "settings", "exercise.job", "exercise.transcript"]

SCRIPT = """
import importlib, sys
for name in ("pytest", "_pytest", "mkdocs", "material", "zensical", "pytest_markdown_docs"):
    sys.modules[name] = None
for name in sys.argv[1:]:
    importlib.import_module(f"mdproof.{name}")
"""


def core_modules() -> list[str]:
    """Give the modules of the core: what reads, assembles and judges."""
    packages = ("read", "assemble", "proof")
    found = [p.relative_to(SOURCE).with_suffix("") for package in packages for p in (SOURCE / package).rglob("*.py")]
    return sorted(".".join(p.parts) for p in found if p.name != "__init__") + CORE


def test_core_imports_without_pytest_and_mkdocs() -> None:
    """Reading, assembling and judging need neither pytest nor MkDocs."""
    command = [sys.executable, "-c", SCRIPT, *core_modules()]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_nothing_imports_the_inside_of_pytest() -> None:
    """Only pytest's public names are used, everywhere."""
    paths = [*SOURCE.rglob("*.py"), *Path(__file__).parent.glob("*.py")]
    imports = re.compile(r"^\s*(import|from)\s+_pytest\b", re.MULTILINE)

    assert [] == [p.name for p in paths if imports.search(p.read_text("utf-8"))]


def test_what_is_private_of_pymdownx_is_in_one_file() -> None:
    """Only ``read/fences.py`` knows the preprocessors of pymdown-extensions."""
    names = ("process_nested_block", "_store", "fenced_code_block", "rebuild_block")

    found = {p.name for p in SOURCE.rglob("*.py") if any(f'"{n}"' in (text := p.read_text("utf-8")) or f".{n}" in text for n in names)}

    assert {"fences.py"} == found
