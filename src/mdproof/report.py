"""What a command tells: faults with their places, and a table of pages."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from mdproof.exercise.job import Outcome
from mdproof.fault import Fault
from mdproof.proof.record import Record


def say(faults: Sequence[Fault], console: Console | None = None, reports: dict[Fault, Outcome] | None = None) -> None:
    """Print each fault, its place first, and below it the report it came from."""
    console = console or Console(stderr=True)
    for fault in faults:
        console.print(str(fault), style="red", markup=False, emoji=False, highlight=False, soft_wrap=True)
        outcome = (reports or {}).get(fault)
        if outcome:
            text = "\n".join([outcome.text, *(f"-- {name} --\n{content}" for name, content in outcome.sections)])
            console.print(
                "\n".join(f"    {line}" for line in text.splitlines()), markup=False, emoji=False, highlight=False, soft_wrap=True
            )


def summarise(proofs: dict[str, Record]) -> None:
    """Print a table: for each page what ran of it, and whether it is proven."""
    table = Table("page", *("blocks", "tests", "rules", "Don'ts", "lines run", "seconds"), "")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, proof in proofs.items():
        blocks = proof.get("blocks", [])
        run, total = (sum(b.get(key, 0) for b in blocks) for key in ("lines_run", "lines_total"))
        counts = [len(proof.get(key, [])) for key in ("blocks", "tests", "rules", "counterexamples")]
        verdict = "proven" if proof.get("proven") else "[red]not proven[/]"
        table.add_row(name, *map(str, counts), f"{run} of {total}", f"{proof.get('seconds', 0):.1f}", verdict)
    console = Console()
    (console if console.is_terminal else Console(width=120)).print(table)
