"""Consoles, transcripts and servers of a page, step by step."""

import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, override

import psutil
import pytest

from mdproof.exercise import steps
from mdproof.exercise.compare import Mismatch
from mdproof.exercise.job import CONTEXT, Job
from mdproof.exercise.steps import Stage
from mdproof.fault import Place
from mdproof.model import Block, Role

SERVER = "$ sleep 5"
"""A server's command in a page; the test listens in its place."""
ASKS = """\
GET /{0} HTTP/1.1

HTTP/1.1 200 OK
"""


def block(number: int, role: Role, source: str) -> Block:
    """Give a block whose source begins at ten times its number."""
    lines = tuple(10 * number + n for n in range(len(source.splitlines())))
    return Block(number, Place("docs/page.md", 10 * number - 1), lines[-1] + 1, role, "", "", (), source, lines)


def asks(number: int) -> Block:
    """Give a transcript that asks for what has its number."""
    return block(number, Role.HTTP, ASKS.format(number))


Staged = Callable[..., Stage]
Started = Callable[[], list[psutil.Process]]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Staged]:
    """Give a function that gives the stage of some blocks; what it starts is stopped."""
    stages: list[Stage] = []

    def stage(*blocks: Block, limit: float = 5.0) -> Stage:
        job = Job(str(tmp_path), "", "page.md", "docs/page.md", blocks, {}, {"PATH": "/usr/bin:/bin"}, {"PORT": "{port}"}, limit)
        stages.append(Stage(job))
        return stages[-1]

    yield stage
    for one in stages:
        one.stop_all()


class Handler(BaseHTTPRequestHandler):
    """Notes what is asked for; what is slow takes a moment."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, Any]]

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append((self.path, self.client_address))
        if self.path == "/slow":
            time.sleep(0.3)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """Let every port that is chosen be one at which somebody answers; give the paths that are asked for there, and by whom."""
    Handler.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(steps, "free_port", lambda: server.server_address[1])
        yield Handler.asked
        server.shutdown()


@pytest.fixture
def started() -> Started:
    """Give a function that gives the children that this process has got in this test."""
    others = set(psutil.Process().children())
    return lambda: [one for one in psutil.Process().children() if one not in others]


def is_running(process: psutil.Process) -> bool:
    """Tell whether a child has not ended."""
    return bool(process.status() != psutil.STATUS_ZOMBIE)


def echo(environ: dict[str, Any], start_response: Callable[..., object]) -> Sequence[bytes]:
    """Answer with all that was asked, by a client that says how often it did so."""
    visits = int(environ.get("HTTP_COOKIE", "visits=0").partition("=")[2]) + 1
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    asked = [environ["REQUEST_METHOD"], environ["HTTP_HOST"], environ["PATH_INFO"], environ.get("HTTP_X_CUP", ""), body, str(visits)]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Set-Cookie", f"visits={visits}")])
    return [" ".join(asked).encode()]


POSTED = """\
POST /{0} HTTP/1.1
X-Cup: large

hot {0}

HTTP/1.1 200 OK

POST localhost /{0} large hot {0} {0}
"""


def test_an_app_is_asked_all_that_the_page_asked_so_far(stage: Staged) -> None:
    """By one client, in this process, with what is shown; a transcript without a server needs the app."""
    blocks = [block(n, Role.HTTP, POSTED.format(n)) for n in (1, 2, 3)]
    asking = stage(*blocks)
    perform = asking.step_of(blocks[1])

    perform(echo)

    assert ["app"] == list(inspect.signature(perform).parameters)
    assert {"block-1": 1, "block-2": 1} == asking.compared


def test_another_answer_is_told_of_at_its_line(stage: Staged) -> None:
    """That of the transcript it is in."""
    one = block(1, Role.HTTP, POSTED.format(1).replace("200 OK", "404 Not Found"))

    with pytest.raises(Mismatch, match=r"^docs/page.md:15: the status is 200, not 404:\nPOST localhost"):
        stage(one).transcripts_in_process(one, echo)


def test_a_transcript_that_cannot_be_read_is_told_of(stage: Staged) -> None:
    """At the line that cannot."""
    one = block(1, Role.HTTP, "GET /1 HTTP/1.1\nno header\n\nHTTP/1.1 200 OK\n")

    with pytest.raises(Mismatch, match=r"^docs/page\.md:11: 'no header' is no header\. Leave a blank line before the body\.$"):
        stage(one).transcripts_in_process(one, echo)


def test_a_server_is_asked_each_thing_once(stage: Staged, asked: list[tuple[str, Any]]) -> None:
    """By one client, of all below it so far, whichever block is performed; what stands above it has no server."""
    blocks = [asks(1), block(2, Role.SERVER, SERVER), asks(3), asks(4), asks(5)]
    asking = stage(*blocks)
    perform = asking.step_of(blocks[3])

    perform()
    perform()
    asking.step_of(blocks[2])()

    assert [] == list(inspect.signature(perform).parameters)
    assert ["app"] == list(inspect.signature(asking.step_of(blocks[0])).parameters)
    assert (["/3", "/4"], 1) == ([path for path, _ in asked], len({client for _, client in asked}))
    assert ({"block-2": 1, "block-3": 1, "block-4": 1}, ["sleep 5"]) == (asking.compared, asking.commands)


@pytest.mark.usefixtures("asked")
def test_the_last_server_above_is_asked(stage: Staged) -> None:
    """There may be several."""
    blocks = [block(n, Role.SERVER, f"$ sleep 5.{n}") for n in (1, 2)]
    asking = stage(*blocks, asks(3), block(4, Role.SERVER, "$ sleep 5.4"))

    asking.transcript_of_server(asks(3))

    assert ["sleep 5.1", "sleep 5.2"] == asking.commands


def test_a_transcript_without_a_server_asks_nobody(stage: Staged) -> None:
    """It is told of at its first line."""
    with pytest.raises(Mismatch, match=r"^docs/page\.md:10: no server runs here$"):
        stage(asks(1)).transcript_of_server(asks(1))


@pytest.mark.usefixtures("asked")
def test_an_answer_has_its_limit(stage: Staged) -> None:
    """As a command has."""
    blocks = [block(1, Role.SERVER, SERVER), block(2, Role.HTTP, ASKS.format("slow"))]

    with pytest.raises(steps.httpx.ReadTimeout):
        stage(*blocks, limit=0.1).transcript_of_server(blocks[1])


@pytest.mark.usefixtures("asked")
def test_servers_and_workers_start_once_and_in_order(stage: Staged) -> None:
    """Those above are there before one starts, and those below are not."""
    roles = (Role.SERVER, Role.WORKER, Role.SERVER, Role.WORKER, Role.SERVER)
    blocks = [block(number, role, f"$ sleep 5.{number}") for number, role in enumerate(roles, 1)]
    starting = stage(*blocks)

    for _ in range(2):
        starting.step_of(blocks[3])()

    assert [f"sleep 5.{number}" for number in (1, 2, 3, 4)] == starting.commands
    assert {"block-4": 1} == starting.compared


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("$ sleep 5\n$ sleep 5", "a Server or Worker block holds one command. Split it.", id="two-commands"),
        pytest.param("sleep 5\nsleep 5", "a Server or Worker block holds one command. Split it.", id="no-command"),
        pytest.param(
            "$ sleep 5 | cat\nready", "a Server or Worker is one command, without ; & or |. Start one program.", id="several-programs"
        ),
        pytest.param(
            "$ sleep \\\n> 5\nready", "a Server or Worker is one command, without ; & or |. Start one program.", id="several-lines"
        ),
        pytest.param("$ false\nready", "it ended with status 1 before it was ready:\n", id="ended"),
    ],
)
def test_what_does_not_start_is_told_of(stage: Staged, source: str, message: str) -> None:
    """At its first line."""
    one = block(1, Role.WORKER, source)

    with pytest.raises(Mismatch) as failed:
        stage(one).start(one)

    assert f"docs/page.md:10: {message}" == str(failed.value)


@pytest.mark.parametrize("role", [Role.SERVER, Role.WORKER])
def test_a_server_listens_and_a_worker_need_not(stage: Staged, role: Role) -> None:
    """Nobody answers here."""
    one = block(1, role, SERVER)
    starting = stage(one, limit=0.1)
    try:
        starting.start(one)
    except Mismatch:
        assert role is Role.SERVER
    else:
        assert role is Role.WORKER


def until_ended(process: psutil.Process) -> None:
    """Wait until a child has ended."""
    while is_running(process):
        time.sleep(0.005)


@pytest.mark.usefixtures("asked")
def test_what_was_stopped_runs_no_more(stage: Staged, started: Started) -> None:
    """It is started for that if it did not run; what is above it stays."""
    blocks = [block(1, Role.WORKER, "$ sleep 5.1"), block(2, Role.WORKER, "$ sleep 5.2")]
    stopping = stage(*blocks)

    stopping.stop(blocks[1])

    assert [["sleep", "5.1"]] == [one.cmdline() for one in started() if is_running(one)]
    assert ["sleep 5.1", "sleep 5.2"] == stopping.commands


def test_a_stopped_server_is_asked_by_nobody(
    stage: Staged, asked: list[tuple[str, Any]], started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asked it is closed before it is stopped."""
    blocks = [block(1, Role.SERVER, SERVER), asks(2)]
    stopping, closed = stage(*blocks), []
    close = steps.httpx.Client.close
    monkeypatch.setattr(steps.httpx.Client, "close", lambda client: closed.append((close(client), [is_running(s) for s in started()])))
    stopping.transcript_of_server(blocks[1])

    with pytest.raises(Mismatch, match=r"^docs/page\.md:10: port \d+ still answers after it stopped$"):
        stopping.stop(blocks[0])

    assert ([(None, [True])], ["/2"]) == (closed, [path for path, _ in asked])


def test_a_server_that_has_ended_is_told_of(stage: Staged, started: Started) -> None:
    """At its first line, when it is to be stopped."""
    one = block(1, Role.WORKER, "$ true\n...")
    stopping = stage(one)
    stopping.start(one)
    until_ended(*started())

    with pytest.raises(Mismatch, match=r"^docs/page\.md:10: it had ended by itself with status 0:\n$"):
        stopping.stop(one)


def test_all_are_stopped_whatever_became_of_one(stage: Staged, started: Started) -> None:
    """One that has ended by itself is no reason to leave the others."""
    blocks = [block(1, Role.WORKER, "$ true\n..."), block(2, Role.WORKER, SERVER)]
    stopping = stage(*blocks)
    stopping.start(blocks[1])
    ended, other = started()
    until_ended(ended)

    stopping.stop_all()

    assert [False, False] == [one.is_running() and is_running(one) for one in (ended, other)]


CONSOLE = f"""\
$ uv add flask
$ sh -c 'exit 3'
$ echo $?
3
$ echo $PORT ${CONTEXT}
{{port}} block-{{number}}
$ echo cold
...
"""


def test_a_console_has_the_port_of_the_server_above(stage: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is above it runs; what is only declared is not run, and what may print anything is not compared."""
    ports = iter([5001, 5002, 5003])
    monkeypatch.setattr(steps, "free_port", lambda: next(ports))
    monkeypatch.setattr(steps.Background, "wait_ready", lambda *_, **__: None)
    sources = [CONSOLE.format(port=port, number=number) for port, number in ((5001, 1), (5002, 4))]
    before, console = (block(number, Role.CONSOLE, source) for number, source in zip((1, 4), sources, strict=True))
    blocks = [before, block(2, Role.SERVER, "$ sleep 5.2"), block(3, Role.WORKER, "$ sleep 5.3"), console, block(5, Role.WORKER, SERVER)]
    performing = stage(*blocks)

    for one in (before, console):
        performing.step_of(one)()

    said = ["sh -c 'exit 3'", "echo $?", f"echo $PORT ${CONTEXT}", "echo cold"]
    assert [*said, "sleep 5.2", "sleep 5.3", *said] == performing.commands
    assert {"block-1": 3, "block-2": 1, "block-3": 1, "block-4": 3} == performing.compared


def test_a_worker_above_a_console_runs(stage: Staged) -> None:
    """Though no server does."""
    blocks = [block(1, Role.WORKER, SERVER), block(2, Role.CONSOLE, "$ echo tea\ntea\n")]
    performing = stage(*blocks)

    performing.console(blocks[1])

    assert ["sleep 5", "echo tea"] == performing.commands


def test_a_command_that_never_ends_is_told_of(stage: Staged) -> None:
    """At its line."""
    one = block(1, Role.CONSOLE, "$ echo tea\ntea\n$ echo cold; sleep 60\n")

    with pytest.raises(Mismatch, match=r"^docs/page\.md:12: it did not end within 2 s; it printed:\ncold\n$"):
        stage(one, limit=2).console(one)
