"""What can be done here: ``nox --list`` is the menu, ``nox`` alone is what CI runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "none"

UV = os.environ.get("UV") or shutil.which("uv") or "uv"
TARGET = "3.14" if shutil.which("python3.14") else f"{sys.version_info.major}.{sys.version_info.minor}"
ENVIRONMENT = {"NO_MKDOCS_2_WARNING": "1", "UV_COMPILE_BYTECODE": "1"}
"""Bytecode is written once, for pages start many processes, and none of them writes any."""
COMPILE = """
import compileall, re, sysconfig
compileall.compile_dir(sysconfig.get_path("stdlib"), quiet=2, rx=re.compile(r"/(test|idlelib|turtledemo|(site|dist)-packages)/"))
compileall.compile_dir("src", quiet=2)
"""
"""Writes the bytecode of Python's own library, where whoever installed it left it out, and of the engine."""


def run(session: nox.Session, *command: str) -> None:
    """Run a command in the locked environment ``.venv``, made if need be."""
    session.run(UV, "run", "--frozen", "--python", TARGET, *command, external=True, env=ENVIRONMENT)


def compiled(session: nox.Session) -> None:
    """Make the environment, with all bytecode: without that of Python's own library a process takes twice as long to start."""
    run(session, "python", "-c", COMPILE)


def reaching(variable: str) -> list[str]:
    """Give the pages that name an environment variable."""
    return [str(page) for page in sorted(Path("docs").rglob("*.md")) if variable in page.read_text(encoding="utf-8")]


@nox.session
def lint(session: nox.Session) -> None:
    """Check the engine's and the guide's code with ruff."""
    run(session, "ruff", "check", *session.posargs)
    run(session, "ruff", "format", "--check", "src", "tests", "noxfile.py", "conftest.py")
    configuration = str(Path("guide-ruff.toml").resolve())
    run(session, "python", "-m", "mdproof", "check", "ruff", "check", "--config", configuration, "--output-format", "concise", "--quiet")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    run(session, "mypy", *session.posargs)
    configuration, cache = (str(Path(p).resolve()) for p in ("guide-mypy.ini", ".mypy_cache/guide"))
    run(session, "python", "-m", "mdproof", "check", "mypy", "--config-file", configuration, "--cache-dir", cache, ".")


@nox.session
def tests(session: nox.Session) -> None:
    """Pass the tests: engine, guide, snippets, promises."""
    compiled(session)
    run(session, "pytest", *(session.posargs or ["--numprocesses=auto", "--dist=loadfile"]))


@nox.session
def site(session: nox.Session) -> None:
    """Prove every page and build the site: the main job."""
    compiled(session)
    run(session, "python", "-m", "mdproof", "prove", *session.posargs)
    run(session, "mkdocs", "build")
    session.log("site/index.html is built from proven pages")


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Read the built site and log in, in the Chromium of this machine."""
    run(session, "--group", "browser", "pytest", "tests/browser", *session.posargs)


@nox.session(default=False)
def services(session: nox.Session) -> None:
    """Prove the pages that reach servers, against real ones."""
    compiled(session)
    run(session, "python", "-m", "mdproof", "--services", "real", "prove", *(session.posargs or reaching("REDIS_URL")))


@nox.session(default=False)
def mutate(session: nox.Session) -> None:
    """Prove the proof: change every line, see a test fail."""
    compiled(session)
    run(session, "python", "-m", "mdproof", "mutate", *session.posargs)


@nox.session(default=False)
def mutate_engine(session: nox.Session) -> None:
    """Hold the engine's modules to the same; name some: ``-- "mdproof.read.*"``."""
    run(session, "python", "tests/mutation/forks.py", *session.posargs)
    run(session, "python", "tests/mutation/engine.py")


@nox.session(default=False)
def assemble(session: nox.Session) -> None:
    """Write every page's project to snippets/."""
    run(session, "python", "-m", "mdproof", "assemble")


@nox.session(default=False)
def take(session: nox.Session) -> None:
    """Take the whole app as a start of your own, in a new folder."""
    run(session, "python", "-m", "mdproof", "take", "docs/whole-app/the-whole-app.md", *session.posargs)


@nox.session(default=False)
def serve(session: nox.Session) -> None:
    """Preview the site; a changed page is proven again and says whether it holds."""
    prover = subprocess.Popen([UV, "run", "--frozen", "--python", TARGET, "python", "-m", "mdproof", "prove", "--watch"])
    try:
        run(session, "mkdocs", "serve", "--no-strict", *session.posargs)
    finally:
        prover.terminate()
        prover.wait()
