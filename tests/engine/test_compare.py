"""What a page shows against what happened: what is refused, and how that is said."""

from __future__ import annotations

import httpx
import pytest

from mdproof.exercise.compare import Mismatch, compare_console, compare_http, shows_anything_only
from mdproof.exercise.transcript import Command, Exchange, exchanges
from mdproof.fault import Place
from mdproof.model import Block, Role

BLOCK = Block(1, Place("docs/sums.md", 10), 20, Role.CONSOLE, "console", "", (), "", tuple(range(11, 20)))
QUESTION = Command(4, "echo $?", ("1",))
EXCHANGE = """\
GET / HTTP/1.1

HTTP/1.1 200 OK
X-One: a
X-Two: b...

{"id": 1}
"""


@pytest.mark.parametrize(
    ("command", "output", "status", "following"),
    [
        (Command(3, "run", ("", "a ", "", "b", "")), "\na\n\nb \n\n", 0, None),
        (Command(3, "run", ()), "", 1, QUESTION),
        (QUESTION, "1\n", 1, None),
        (Command(3, "run", ("...",)), "a\n", 0, QUESTION),
        (Command(3, "run", ("...", "...")), "", 0, None),
        (Command(3, "run", ("", "")), "", 0, None),
        (Command(3, "run", (" ", "  a", " ")), "  a\n", 0, None),
    ],
)
def test_a_console_as_shown(command: Command, output: str, status: int, following: Command | None) -> None:
    """Empty lines at both ends do not count, and a status the page asks for may be any."""
    compare_console(BLOCK, command, output, status, following)


@pytest.mark.parametrize(
    ("shown", "output", "status", "said"),
    [
        (("a",), "b\n", 2, "`run` ended with status 2, not 0. It printed:\nb\n"),
        (("...",), " \n", 0, "`run` printed nothing, and the page shows output."),
        (("a",), "b\n", 0, "`run` printed something else than the page shows:\nb\n"),
        ((), "b\n", 0, "`run` printed something else than the page shows:\nb\n"),
        ((".",), "", 0, "`run` printed something else than the page shows:\n"),
        (("  a",), "a\n", 0, "`run` printed something else than the page shows:\na\n"),
        (("aX",), "a\n", 0, "`run` printed something else than the page shows:\na\n"),
    ],
)
def test_a_console_that_is_not_as_shown(shown: tuple[str, ...], output: str, status: int, said: str) -> None:
    """The line of the command is named, and what it printed."""
    with pytest.raises(Mismatch) as mismatch:
        compare_console(BLOCK, Command(3, "run", shown), output, status, Command(5, "echo", ()))

    assert (Place("docs/sums.md", 13), f"docs/sums.md:13: {said}") == (mismatch.value.place, str(mismatch.value))


def test_what_shows_anything_only() -> None:
    """Dots alone say nothing; of a question they would be odd, and no output shows nothing at all."""
    shown = [("...",), ("", "...", "...", ""), ("a", "..."), ()]

    assert [True, True, False, False] == [shows_anything_only(Command(1, "run", output)) for output in shown]
    assert not shows_anything_only(Command(1, "echo $?", ("...",)))


def exchange() -> Exchange:
    """Give the one that is shown."""
    (found,) = exchanges(EXCHANGE)
    return found


def answered(status: int = 200, **headers: str) -> httpx.Response:
    """Give a response as shown, but for what is given."""
    given = {"x-one": "a", "x-two": "bc", "content-type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return httpx.Response(status, headers={k: v for k, v in given.items() if v}, text='{"id":1}')


def test_a_response_as_shown() -> None:
    """JSON is compared as such, and of a header that is there twice one is enough."""
    compare_http(BLOCK, exchange(), answered())
    compare_http(BLOCK, exchange(), httpx.Response(200, headers=[("X-One", "b"), ("X-One", "a"), ("X-Two", "b")], text='{"id": 1}'))


def test_a_body_of_no_type_is_a_text() -> None:
    """Whoever sends one need not say what it is."""
    headers = {"X-One": "a", "X-Two": "b"}

    compare_http(BLOCK, exchange(), httpx.Response(200, headers=headers, content=b'{"id": 1}'))
    with pytest.raises(Mismatch):
        compare_http(BLOCK, exchange(), httpx.Response(200, headers=headers, content=b'{"id":1}'))


@pytest.mark.parametrize(
    ("response", "line", "said"),
    [
        (answered(404), 13, 'the status is 404, not 200:\n{"id":1}'),
        (answered(x_one="b"), 14, "the header X-One is ['b'], not 'a'."),
        (answered(x_two=""), 15, "the header X-Two is missing, not 'b...'."),
        (answered(content_type=""), 13, 'the body is another:\n{"id":1}'),
        (answered(content_type="text/plain"), 13, 'the body is another:\n{"id":1}'),
    ],
)
def test_a_response_that_is_not_as_shown(response: httpx.Response, line: int, said: str) -> None:
    """The line of the status or of the header is named, and what came instead."""
    with pytest.raises(Mismatch) as mismatch:
        compare_http(BLOCK, exchange(), response)

    assert (Place("docs/sums.md", line), f"docs/sums.md:{line}: {said}") == (mismatch.value.place, str(mismatch.value))
