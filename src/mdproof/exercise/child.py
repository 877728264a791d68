"""The process of one page: its environment and its session."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from multiprocessing.connection import Connection

import pytest

from mdproof.exercise.importing import Import
from mdproof.exercise.inner import Session
from mdproof.exercise.job import Job
from mdproof.exercise.recorder import Recorder
from mdproof.exercise.services import Services

QUIET = ("-W", "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning")
"""The zygote has imported the plugins; their own assertions are none of ours."""
PLUGINS = ("--disable-plugin-autoload", "-p", "pytest_markdown_docs.plugin", "-p", "no:cacheprovider")
"""What else is installed beside the engine does not belong to the project, and takes seconds to load."""
ARGUMENTS = ("--rootdir=.", "-c", "pyproject.toml", *PLUGINS, "-q", *QUIET)
UNEXPLAINED = ("--tb=no",)


def serve(connection: Connection) -> None:
    """Run the job a connection brings; never returns.

    The parent trusts only the message ``done``: a process that ends before it sent one died.
    """
    job: Job = connection.recv()
    connection.send(("started", os.getpid()))
    try:
        enter(job)
        services = Services(job.services)
        services.start(connection)
        os.environ.update(services.variables)
        job = replace(job, environment={**job.environment, **services.variables})
        recorder = Recorder(job)
        session = Session(job, connection, services, recorder)
        if job.until:
            sys.meta_path.insert(0, Import(job.until, session.wait))
        own = [option for module in job.plugins for option in ("-p", module)]
        pytest.main([*own, *ARGUMENTS, *(() if job.explained else UNEXPLAINED), *job.tests], plugins=[session])
        connection.send(("done", recorder.measured(session.stage, session.widening)))
    except BaseException as error:  # noqa: BLE001 - the parent must hear of everything
        _report(connection, error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _report(connection: Connection, error: BaseException) -> None:
    try:
        connection.send(("broken", f"{type(error).__name__}: {error}"))
    except OSError:
        return


def enter(job: Job) -> None:
    """Leave everything of the parent behind but the modules it loaded."""
    os.setsid()
    os.chdir(job.folder)
    os.environ.clear()
    os.environ.update(job.environment)
    output = os.open(job.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.dont_write_bytecode, sys.pycache_prefix = not job.bytecode, job.bytecode or None
    sys.argv = ["pytest"]
