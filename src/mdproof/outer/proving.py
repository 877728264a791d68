"""What the pages of one pytest session share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mdproof.assemble.project import Project, assemble
from mdproof.exercise.processor import Zygote
from mdproof.fault import Fault, Refused, refuse_any
from mdproof.proof.references import unfounded
from mdproof.read.guide import read_guide
from mdproof.settings import load_settings


class Proving:
    """What the pages of one pytest session share."""

    def __init__(self, root: Path, services: str, worker: str) -> None:
        """Read the guide; what is wrong with it is kept for its pages to say."""
        settings = load_settings(root, services)
        self.settings = replace(settings, run=f"{settings.run}-{worker}") if worker else settings
        self.zygote = Zygote(self.settings.preload)
        self.faults: tuple[Fault, ...] = ()
        self.projects: dict[str, Project] = {}
        try:
            self.projects = assemble(read_guide(self.settings))
            refuse_any(unfounded(self.settings, self.projects))
        except Refused as refused:
            self.faults = refused.faults


PROVING = pytest.StashKey[Proving]()


def proving_of(config: pytest.Config) -> Proving:
    """Give what a session shares, made when it is asked for first; xdist's workers run pages in folders of their own."""
    if PROVING not in config.stash:
        worker = getattr(config, "workerinput", {"workerid": ""})["workerid"]
        config.stash[PROVING] = Proving(config.rootpath, str(config.getoption("services")), worker)
    return config.stash[PROVING]
