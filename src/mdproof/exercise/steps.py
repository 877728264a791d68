"""Consoles, transcripts and servers of a page, performed in page order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from mdproof.exercise.compare import Mismatch, compare_console, compare_http, shows_anything_only
from mdproof.exercise.job import CONTEXT, Job
from mdproof.exercise.processes import Background, free_port, run_commands
from mdproof.exercise.transcript import Command, Message, Unreadable, commands, exchanges, method_of
from mdproof.model import Block, Role
from mdproof.read.roles import is_declaration

BASE = "http://localhost"


class Stage:
    """What the steps of a page share: servers that run, requests already made to them."""

    def __init__(self, job: Job) -> None:
        """Begin with nothing started."""
        self._job = job
        self._running: dict[int, Background] = {}
        self._sessions: dict[int, httpx.Client] = {}
        self._made: set[int] = set()
        self.compared: dict[str, int] = {}
        self.commands: list[str] = []

    def blocks(self, *roles: Role) -> list[Block]:
        """Give the page's blocks of some roles, in page order."""
        return [b for b in self._job.blocks if b.role in roles]

    def step_of(self, block: Block) -> Callable[..., None]:
        """Give the function that performs a block; its parameters are fixtures it needs."""
        if block.role is Role.HTTP and not self._server_of(block):

            def in_process(app: Any) -> None:
                self.transcripts_in_process(block, app)

            return in_process
        perform = {Role.HTTP: self.transcript_of_server, Role.CONSOLE: self.console}.get(block.role, self.start)
        return lambda: perform(block)

    def start(self, block: Block) -> None:
        """Start a server or worker, once, after those before it."""
        for earlier in self.blocks(Role.SERVER, Role.WORKER):
            if earlier.number <= block.number and earlier.number not in self._running:
                self._start(earlier)
        self._count(block, 1)

    def _start(self, block: Block) -> None:
        listed = commands(block.source)
        if len(listed) != 1:
            raise Mismatch(block, 1, "a Server or Worker block holds one command. Split it.")
        if re.search(r"[;&|\n]", listed[0].text):
            raise Mismatch(block, 1, "a Server or Worker is one command, without ; & or |. Start one program.")
        port = free_port()
        environment = {**self._job.environment, **_ports(self._job.ports, port)}
        self.commands.append(listed[0].text)
        process = Background(listed[0], Path(self._job.folder), environment | _context(block), port)
        self._running[block.number] = process
        try:
            process.wait_ready(listens=block.role is Role.SERVER, limit=self._job.limit)
        except AssertionError as error:
            raise Mismatch(block, 1, str(error)) from error

    def stop(self, block: Block) -> None:
        """Stop a server or worker with SIGTERM; what it leaves behind is a failure."""
        self.start(block)
        if block.number in self._sessions:
            self._sessions.pop(block.number).close()
        try:
            self._running.pop(block.number).stop()
        except AssertionError as error:
            raise Mismatch(block, 1, str(error)) from error

    def stop_all(self) -> None:
        """Stop what still runs, whatever became of it."""
        for client in self._sessions.values():
            client.close()
        for process in self._running.values():
            try:
                process.stop()
            except AssertionError:
                continue
        self._running.clear()

    def console(self, block: Block) -> None:
        """Run the commands of a block and compare status and output of each."""
        for earlier in self.blocks(Role.SERVER, Role.WORKER):
            if earlier.number < block.number:
                self.start(earlier)
        listed = commands(block.source)
        shown = [c for c in listed if not is_declaration(c.text)]
        self.commands.extend(c.text for c in shown)
        server = self._server_of(block)
        port = self._running[server.number].port if server else free_port()
        environment = {**self._job.environment, **_ports(self._job.ports, port), **_context(block)}
        with closing(run_commands(shown, Path(self._job.folder), environment, self._job.limit)) as results:
            for command, following in zip(shown, [*shown[1:], None], strict=True):
                compare_console(block, command, *_ended(block, command, results), following)
        self._count(block, sum(not shows_anything_only(c) for c in shown))

    def transcripts_in_process(self, block: Block, app: Any) -> None:
        """Make the page's requests up to this block's to a WSGI app, with one client."""
        with httpx.Client(transport=httpx.WSGITransport(app), base_url=BASE) as client:
            for earlier in self.blocks(Role.HTTP):
                if earlier.number <= block.number:
                    self._transcript(earlier, client)

    def transcript_of_server(self, block: Block) -> None:
        """Make the page's requests to its server up to this block's, each once."""
        server = self._server_of(block)
        if server is None:
            raise Mismatch(block, 1, "no server runs here")
        self.start(server)
        if server.number not in self._sessions:
            base = f"http://127.0.0.1:{self._running[server.number].port}"
            self._sessions[server.number] = httpx.Client(base_url=base, timeout=self._job.limit)
        for earlier in self.blocks(Role.HTTP):
            if server.number < earlier.number <= block.number and earlier.number not in self._made:
                self._made.add(earlier.number)
                self._transcript(earlier, self._sessions[server.number])

    def _transcript(self, block: Block, client: httpx.Client) -> None:
        try:
            listed = exchanges(block.source)
        except Unreadable as error:
            raise Mismatch(block, error.line, str(error)) from error
        for exchange in listed:
            compare_http(block, exchange, _send(exchange.request, client))
        self._count(block, len(listed))

    def _server_of(self, block: Block) -> Block | None:
        """Give the last server started above a block."""
        above = [b for b in self.blocks(Role.SERVER) if b.number < block.number]
        return above[-1] if above else None

    def _count(self, block: Block, comparisons: int) -> None:
        self.compared[f"block-{block.number}"] = comparisons


def _ended(block: Block, command: Command, results: Iterator[tuple[str, int]]) -> tuple[str, int]:
    """Give output and status of a command once it has ended."""
    try:
        return next(results)
    except TimeoutError as error:
        raise Mismatch(block, command.line, str(error)) from error


def _ports(variables: Mapping[str, str], port: int) -> dict[str, str]:
    return {name: value.format(port=port) for name, value in variables.items()}


def _context(block: Block) -> dict[str, str]:
    """Name the block to the coverage of the processes it starts."""
    return {CONTEXT: f"block-{block.number}"}


def _send(request: Message, client: httpx.Client) -> httpx.Response:
    method, target = method_of(request)
    return client.request(method, target, headers=list(request.headers), content=request.body.encode())
