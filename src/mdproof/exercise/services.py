"""The services a page's processes reach: each in a process of its own, fresh for every run of the page."""

from __future__ import annotations

import importlib
import os
import shlex
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from threading import Thread
from typing import NoReturn

import psutil

from mdproof.exercise.processes import POLL, accepts, free_port
from mdproof.exercise.trees import stop_tree
from mdproof.settings import Service

START = 30.0
"""Seconds a service has to accept connections."""


class Services:
    """The services of one process, each at a port that stays its own, to be started once or again."""

    def __init__(self, services: Sequence[Service]) -> None:
        """Choose the ports; nothing is started yet."""
        self._ports = {service: free_port() for service in services}
        self._ends: list[int] = []

    @property
    def variables(self) -> Mapping[str, str]:
        """Give the environment variables that lead to them."""
        return {service.variable: service.url.format(port=port) for service, port in self._ports.items()}

    def start(self, inherited: Connection) -> None:
        """Start them fresh; they end with this process.

        ``inherited`` is closed in their processes, so that who holds its other end learns of this
        process' death. Raises ``RuntimeError`` for a service that does not come up.
        """
        for service, port in self._ports.items():
            _wait(service, port, answers=False)  # what was there before is about to end
            _wait(service, port, answers=True, process=self._start(service, port, inherited))

    def stop(self) -> None:
        """Let them end."""
        while self._ends:
            os.close(self._ends.pop())

    def _start(self, service: Service, port: int, inherited: Connection) -> psutil.Process:
        if not hasattr(os, "fork"):
            return psutil.Process(subprocess.Popen(_command(service, port), stdin=subprocess.DEVNULL).pid)
        alive, ours = os.pipe()  # the kernel closes ours when this process ends, however it ends
        if (pid := os.fork()) == 0:
            os.close(ours)
            inherited.close()
            Thread(target=_end_with, args=(alive, service)).start()
            _run(service, port)
        os.close(alive)
        self._ends.append(ours)
        return psutil.Process(pid)


def _run(service: Service, port: int) -> NoReturn:
    try:
        if service.command:
            subprocess.run(_command(service, port), stdin=subprocess.DEVNULL, check=False)
        else:
            importlib.import_module(service.module).serve(port)
    except BaseException:  # noqa: BLE001 - this process must not go on as the page's
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _command(service: Service, port: int) -> list[str]:
    if service.command:
        return shlex.split(service.command.format(port=port))
    return [sys.executable, "-c", f"import {service.module} as service; service.serve({port})"]


def _end_with(alive: int, service: Service) -> None:
    """Kill this process and all it started once the other end of a pipe is closed; what is embedded starts nothing."""
    os.read(alive, 1)
    stop_tree(os.getpid(), alone=not service.command)


def _wait(service: Service, port: int, *, answers: bool, process: psutil.Process | None = None) -> None:
    deadline = time.monotonic() + START
    while accepts(port) is not answers:
        if (process and process.status() == psutil.STATUS_ZOMBIE) or time.monotonic() > deadline:
            why = "accepted no connection" if answers else "still answers from before"
            raise RuntimeError(f"the service behind {service.variable} {why}: mind its settings")
        time.sleep(POLL)
