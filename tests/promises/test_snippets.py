"""The committed projects are what the pages say."""

from pathlib import Path

from mdproof.assemble.project import assemble
from mdproof.assemble.write import stale
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings

ROOT = Path(__file__).parents[2]


def test_snippets_are_fresh() -> None:
    """Every file below snippets/ is what its page assembles to; a stale one names the page's line."""
    settings = load_settings(ROOT)

    faults = list(stale(settings, assemble(read_guide(settings))))

    assert faults == [], "\n".join(map(str, faults))
