"""What a page shows, compared with what happened."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from mdproof.exercise.processes import is_question
from mdproof.exercise.transcript import ANY, Command, Exchange, body_matches, lines_match, says_nothing, status_of
from mdproof.model import Block


class Mismatch(AssertionError):  # noqa: N818 - it is the word
    """What a page shows is not what happened; ``place`` is the line it shows it at."""

    def __init__(self, block: Block, line: int, message: str) -> None:
        """Keep the page line of a line of the block's source."""
        self.place = block.place_of(line)
        super().__init__(f"{self.place}: {message}")


def compare_console(block: Block, command: Command, output: str, status: int, following: Command | None) -> None:
    """Refuse a status other than 0 that the page does not ask for, and output other than it shows."""
    asked = following is not None and is_question(following)
    if not asked and not is_question(command) and status != 0:
        raise Mismatch(block, command.line, f"`{command.text}` ended with status {status}, not 0. It printed:\n{output}")
    expected = _trimmed(command.output)
    if len(expected) == 1 and says_nothing(expected[0]) and ANY in expected[0] and not output.strip():
        raise Mismatch(block, command.line, f"`{command.text}` printed nothing, and the page shows output.")
    if not lines_match(expected, _trimmed(output.splitlines())):
        raise Mismatch(block, command.line, f"`{command.text}` printed something else than the page shows:\n{output}")


def shows_anything_only(command: Command) -> bool:
    """Tell whether what is shown below a command would match whatever it printed."""
    return bool(command.output) and not is_question(command) and set(_trimmed(command.output)) == {ANY}


def _trimmed(lines: Iterable[str]) -> list[str]:
    """Drop empty lines at both ends."""
    return "\n".join(line.rstrip() for line in lines).strip("\n").splitlines()


def compare_http(block: Block, exchange: Exchange, response: httpx.Response) -> None:
    """Refuse another status, header or body than the page shows."""
    shown = exchange.response
    if response.status_code != status_of(shown):
        raise Mismatch(block, shown.line, f"the status is {response.status_code}, not {status_of(shown)}:\n{response.text}")
    for offset, (name, value) in enumerate(shown.headers, 1):
        actual = response.headers.get_list(name)
        if not any(lines_match([value], [a]) for a in actual):
            raise Mismatch(block, shown.line + offset, f"the header {name} is {actual or 'missing'}, not {value!r}.")
    if shown.body and not body_matches(shown.body, response.text, response.headers.get("content-type", "")):
        raise Mismatch(block, shown.line, f"the body is another:\n{response.text}")
