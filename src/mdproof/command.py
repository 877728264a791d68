"""``python -m mdproof``: what it is asked, what it prints, how it ends."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mdproof.assemble.project import Project, assemble
from mdproof.assemble.take import take
from mdproof.assemble.write import write_snippets
from mdproof.check import check
from mdproof.exercise.processor import Zygote
from mdproof.fault import Refused, refuse_any
from mdproof.model import Guide
from mdproof.mutate.page import hunt_page, spent
from mdproof.mutate.verdict import Verdict
from mdproof.proof import scores
from mdproof.proof.prove import prove_page
from mdproof.proof.record import Record, read_proof, stands, write_union
from mdproof.proof.references import unfounded, unproven
from mdproof.read.guide import read_guide
from mdproof.report import say, summarise
from mdproof.settings import EMBEDDED, REAL, Settings, load_settings
from mdproof.show.origin import answer
from mdproof.watch import watch

PROVEN, UNPROVEN, MISUSED = 0, 1, 2
FOLDERS = ("docs", "snippets", "build", "tests")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give its exit status: 0 proven, 1 not, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        given = {name: getattr(options, name) for name in FOLDERS}
        settings = load_settings(Path(options.root), options.services, **given)
        if vars(options).get("watch"):
            again = [a for a in (sys.argv[1:] if arguments is None else arguments) if a != "--watch"]
            watch(settings, lambda: main(again))
            return PROVEN
        guide = read_guide(settings)
        projects = assemble(guide)
        refuse_any(unfounded(settings, projects))
        status: int = options.run(settings, guide, projects, options)
    except Refused as refused:
        say(refused.faults)
        return UNPROVEN
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mdproof", description="Prove a guide: every fenced block of every page, by running it.")
    parser.add_argument("--root", default=".", help="the guide's folder (default: here)")
    parser.add_argument("--services", choices=(EMBEDDED, REAL), default=EMBEDDED, help="the servers pages reach (default: embedded)")
    for name in FOLDERS:
        parser.add_argument(f"--{name}", help=f"the folder below it (default: {getattr(Settings, name)})")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    prove = commands.add_parser("prove", help="assemble, exercise and record pages")
    prove.add_argument("pages", nargs="*", metavar="PAGE", help="such as docs/part/page.md (default: all)")
    prove.add_argument("--again", action="store_true", help="run pages again whose proof still stands")
    prove.add_argument("--watch", action="store_true", help="go on, and prove again what changes")
    prove.set_defaults(run=_prove)
    write = commands.add_parser("assemble", help="write every page's project below the snippets folder")
    write.set_defaults(run=_assemble)
    show = commands.add_parser("show", help="say where a line went, or came from")
    show.add_argument("place", help="such as docs/part/page.md:41 or snippets/part/page/src/x.py:7")
    show.set_defaults(run=_show)
    mutate = commands.add_parser("mutate", help="change every line of guide code; some test must fail each time")
    mutate.add_argument("pages", nargs="*", metavar="PAGE", help="such as docs/part/page.md (default: all)")
    mutate.add_argument("--again", action="store_true", help="run pages again whose score still stands")
    mutate.set_defaults(run=_mutate)
    start = commands.add_parser("take", help="write a page's project out, to go on from there")
    start.add_argument("page", metavar="PAGE", help="such as docs/part/page.md")
    start.add_argument("folder", metavar="FOLDER", help="a new or empty folder")
    start.add_argument("--name", help="the package's name (default: the folder's)")
    start.set_defaults(run=_take)
    over = commands.add_parser("check", help="run a tool in every project, its findings at page lines")
    over.add_argument("tool", nargs=argparse.REMAINDER, metavar="COMMAND", help="such as ruff check --output-format concise")
    over.set_defaults(run=_check)
    return parser


def _assemble(settings: Settings, guide: Guide, projects: dict[str, Project], options: argparse.Namespace) -> int:
    changed = write_snippets(settings, projects)
    print(f"{len(changed)} of {len(projects)} projects written" + "".join(f"\n  {settings.snippets}/{name}" for name in changed))
    return PROVEN


def _check(settings: Settings, guide: Guide, projects: dict[str, Project], options: argparse.Namespace) -> int:
    if not options.tool or shutil.which(options.tool[0]) is None:
        lacking = f"there is no {options.tool[0]} on the PATH. Install it, or name" if options.tool else "check runs a tool. Name"
        print(f"mdproof: {lacking} one, such as ruff check --output-format concise.", file=sys.stderr)
        return MISUSED
    faults = check(settings, projects, options.tool)
    say(faults)
    return UNPROVEN if faults else PROVEN


def _show(settings: Settings, guide: Guide, projects: dict[str, Project], options: argparse.Namespace) -> int:
    lines = answer(settings, projects, options.place)
    print("\n".join(lines) if lines else f"{options.place}: this line is in no project.")
    return PROVEN if lines else UNPROVEN


def _take(settings: Settings, guide: Guide, projects: dict[str, Project], options: argparse.Namespace) -> int:
    names = _asked(settings, guide, [options.page])
    if names is None:
        return MISUSED
    package = take(projects[names[0]], Path(options.folder).absolute(), options.name)
    proof = "its proof stands" if stands(settings, projects[names[0]]) else "not proven here yet: run `prove` for that"
    print(f"{options.folder}: the project of {options.page} ({proof}), its package now {package}. Go on there with `uv run pytest`.")
    return PROVEN


def _prove(settings: Settings, guide: Guide, projects: dict[str, Project], options: argparse.Namespace) -> int:
    names = _asked(settings, guide, options.pages)
    if names is None:
        return MISUSED
    console = Console(stderr=True)
    proofs: dict[str, Record] = {}
    with (
        Zygote(settings.preload) as zygote,
        Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console) as bar,
    ):
        wanted = [name for name in names if options.again or not stands(settings, projects[name])]
        wanted.sort(key=lambda name: -len(projects[name].page.text))  # what takes long begins first, and no processor idles at the end
        total = bar.add_task("proving", total=len(names), completed=len(names) - len(wanted))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            running = {pool.submit(prove_page, settings, zygote, projects[name]): name for name in wanted}
            for future in as_completed(running):
                name, proven = running[future], future.result()
                proofs[name] = proven.record
                say(proven.faults, console, proven.reports)
                bar.update(total, description=projects[name].page.path, advance=1)
    union = write_union(settings, projects)
    write_snippets(settings, projects, [name for name in names if stands(settings, projects[name])])
    shown = {name: proofs.get(name) or read_proof(settings, name) or {} for name in names}
    say([f for name in names for f in unproven(projects[name].page, union)])
    summarise({name: proof | {"proven": union[name]} for name, proof in shown.items()})
    return PROVEN if all(union[name] for name in names) else UNPROVEN


def _mutate(settings: Settings, guide: Guide, projects: dict[str, Project], options: argparse.Namespace) -> int:
    names = _asked(settings, guide, options.pages)
    if names is None:
        return MISUSED
    old = scores.read_scores(settings)
    console = Console(stderr=True)
    wanted = [n for n in names if projects[n].files and (options.again or not _stands_still(settings, old.get(n), projects[n]))]
    with (
        Zygote(settings.preload) as zygote,
        Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as bar,
    ):
        for name in wanted:

            def track(verdicts: Iterator[Verdict], total: int, name: str = name) -> Iterable[Verdict]:
                return bar.track(verdicts, total=total, description=projects[name].page.path)

            say(hunt_page(settings, zygote, projects, name, track), console)
        seconds = spent(zygote)
    write_union(settings, projects)
    kept = scores.read_scores(settings)
    for name, one in kept.items():
        print(f"{name}: {one['killed']} of {one['mutants']} mutants killed, {one['justified']} justified, {int(scores.percent(one))} %")
    print(f"{len(wanted)} pages hunted in {seconds:.0f} s of CPU")
    return PROVEN if all(scores.is_complete(kept[n]) for n in names if n in kept) else UNPROVEN


def _stands_still(settings: Settings, one: scores.Score | None, project: Project) -> bool:
    """Tell whether a page need not be hunted again: it is as it was, and nothing was left."""
    return one is not None and scores.stands(settings, one, project) and scores.is_complete(one)


def _asked(settings: Settings, guide: Guide, pages: Sequence[str]) -> list[str] | None:
    by_path = {page.path: name for name, page in guide.pages.items()}
    wanted = [Path(p).as_posix() for p in pages]
    unknown = [p for p in wanted if p not in by_path]
    if unknown:
        print(f"mdproof: there is no page {unknown[0]}. Name pages as {settings.docs}/part/page.md.", file=sys.stderr)
        return None
    return [by_path[p] for p in wanted] or list(guide.pages)
