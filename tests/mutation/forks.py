"""Tries each change that mutmut makes of the engine, in a fork of one session of pytest that has collected all tests.

mutmut makes the changes, asks mypy about each, and learns which tests run which function. Its own
runner collects the tests once more for each change, which takes longer than running them. How each
change ended is kept where mutmut keeps it, so that ``mutmut show`` and ``mutmut results`` know it.
"""

from __future__ import annotations

import fnmatch
import gc
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from mutmut.__main__ import collect_or_load_stats, create_mutants, mangled_name_from_mutant_name, store_lines_covered_by_tests
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.file_mutation import filter_mutants_with_type_checker
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.stats import load_stats, status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths, walk_mutatable_files
from mutmut.workers.isolation import get_mutant_runner
from rich.progress import track

SURVIVED, NO_TESTS, TIMEOUT, TYPED = 0, 33, 36, 37
"""How mutmut says that a change ended."""
FOLDERS = Path("mutants/folders").resolve()
"""Where the forks begin."""
LEAST, TIMES = 5, 5
"""Seconds of CPU that the tests of a change may take: so many, and so many times what they take without it."""
WAITING = 3
"""How many times as long they may last, for some wait."""
HOUR = 3600


class Change(NamedTuple):
    """A change of a module, and the tests that run the function it is in, the likeliest first."""

    name: str
    data: SourceFileMutationData
    tests: Sequence[str]
    seconds: int
    """What they may take."""


def prepare() -> None:
    """Let mutmut make all changes, refuse those that mypy refuses, and learn which test runs which function."""
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    hashes = {path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in walk_mutatable_files()}
    Path("mutants/texts.json").write_text(json.dumps(hashes), encoding="utf-8")
    setup_source_paths()
    store_lines_covered_by_tests()
    count = os.cpu_count() or 1
    create_mutants(count)
    refused = filter_mutants_with_type_checker()
    collect_or_load_stats(get_mutant_runner(count), mutants_caught_by_type_checker=refused, apply_config_invalidation=True)
    for data in modules():
        data.exit_code_by_key |= dict.fromkeys(refused.keys() & data.exit_code_by_key.keys(), TYPED)
        data.save()


def modules() -> Iterator[SourceFileMutationData]:
    """Give what is known of each module, to be saved whatever folder is the current one then."""
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.meta_path = data.meta_path.resolve()
        data.load()
        yield data


def changes(patterns: Sequence[str]) -> Iterator[Change]:
    """Give the changes that nothing has noticed yet, of all modules or of those that are named."""
    load_stats()
    seconds = state().duration_by_test
    for data in modules():
        own = f"test_{Path(data.path).stem}"
        for name, code in data.exit_code_by_key.items():
            is_wanted = not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
            if is_wanted and (code is None or status_by_exit_code[code] in {"survived", "no tests"}):
                tests = state().tests_by_mangled_function_name.get(mangled_name_from_mutant_name(name.replace("__init__.", "")), set())
                ordered = sorted(tests, key=lambda test: (own not in test, seconds.get(test, 0), test))
                yield Change(name, data, ordered, int(LEAST + TIMES * sum(seconds.get(test, 0) for test in tests)))


class Forks:
    """A plugin of pytest that runs no test itself: forks do, each with a change."""

    def __init__(self, wanted: Sequence[Change]) -> None:
        """Take what is to be tried."""
        self._wanted = wanted
        self._running: dict[int, Change] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all changes, as many at once as there are processors; keep how each ended."""
        items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        if os.waitstatus_to_exitcode(os.waitpid(fork(session, "", HOUR, session.items), 0)[1]) != SURVIVED:
            raise pytest.UsageError("the tests fail without any change. Mend them first.")
        for change in track(self._wanted, description="Trying changes"):
            found = [items[test] for test in change.tests if test in items]
            while len(self._running) >= (os.cpu_count() or 1):
                self._wait()
            if found:
                self._running[fork(session, change.name, change.seconds, found)] = change
            else:
                keep(change, NO_TESTS)
        while self._running:
            self._wait()
        return True

    def _wait(self) -> None:
        pid, status = os.wait()
        if change := self._running.pop(pid, None):
            code = os.waitstatus_to_exitcode(status)
            keep(change, TIMEOUT if code in {-signal.SIGALRM, -signal.SIGXCPU} else code)


def keep(change: Change, code: int) -> None:
    """Keep at once how a change ended, so that the next run goes on from there."""
    change.data.exit_code_by_key[change.name] = code
    change.data.save()


def fork(session: pytest.Session, change: str, seconds: int, items: Iterable[pytest.Item]) -> int:
    """Run tests with a change, or none, in a process of its own, until one fails; give its id. Its status is 0 if none does.

    It begins in a folder of its own, for what is changed may write wherever it is.
    """
    if pid := os.fork():
        return pid
    code = 3
    try:
        os.chdir(tempfile.mkdtemp(dir=FOLDERS))
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        signal.alarm(WAITING * seconds)
        set_mutant_under_test(change)
        for item in items:
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if session.testsfailed:
                break
        code = 1 if session.testsfailed else SURVIVED
    finally:
        os._exit(code)


def main(patterns: Sequence[str]) -> int:
    """Try the changes of the modules that are named, or of all; give 1 if what is unchanged cannot be collected."""
    preparing = multiprocessing.get_context("fork").Process(target=prepare)
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        return 1
    shutil.rmtree(FOLDERS, ignore_errors=True)
    FOLDERS.mkdir()
    wanted = list(changes(patterns))
    options, tests = config().pytest_add_cli_args, config().pytest_add_cli_args_test_selection
    os.chdir("mutants")
    sys.path.insert(0, str(Path("src").resolve()))
    set_mutant_under_test("")
    return int(pytest.main(["--rootdir=.", "-q", "-s", *options, *tests], plugins=[Forks(wanted)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
