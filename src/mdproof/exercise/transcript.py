"""Consoles and http transcripts: parsed, and compared with what happened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

ANY = "..."
STATUS_QUESTION = "echo $?"
REQUEST = re.compile(r"(?P<method>[A-Z]+) (?P<target>\S+) HTTP/1\.[01]")
RESPONSE = re.compile(r"HTTP/1\.[01] (?P<status>\d{3})(?: .*)?")
HEADER = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(?P<value>.*)")


@dataclass(frozen=True)
class Command:
    """A command of a console block and what it should print."""

    line: int
    """Line of the block's source, from 1."""
    text: str
    output: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """A request or a response of an http block."""

    line: int
    first: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True)
class Exchange:
    """A request and the response it should get."""

    request: Message
    response: Message


class Unreadable(Exception):  # noqa: N818 - the transcript is unreadable
    """A transcript does not have the form it should; ``line`` counts in the block's source."""

    def __init__(self, line: int, message: str) -> None:
        """Keep the line and the words."""
        self.line = line
        super().__init__(message)


def commands(source: str) -> list[Command]:
    """Split a console block; a command that ends in a backslash goes on in the next line."""
    found: list[Command] = []
    for number, line in enumerate(source.splitlines(), 1):
        last = found[-1] if found else None
        if last and last.text.endswith("\\") and not last.output:
            found[-1] = replace(last, text=f"{last.text}\n{line.removeprefix('> ')}")
        elif line.startswith("$ "):
            found.append(Command(number, line[2:], ()))
        elif last:
            found[-1] = replace(last, output=(*last.output, line))
    return found


def exchanges(source: str) -> list[Exchange]:
    """Split an http block into requests and their responses. Raises ``Unreadable``."""
    messages = list(_messages(source.splitlines()))
    found = []
    for index in range(0, len(messages), 2):
        request = messages[index]
        if not REQUEST.fullmatch(request.first):
            raise Unreadable(request.line, f"{request.first!r} is no request. Write METHOD /path HTTP/1.1.")
        if index + 1 >= len(messages) or not RESPONSE.fullmatch(messages[index + 1].first):
            raise Unreadable(request.line, "this request shows no response. Add one: HTTP/1.1 200 OK.")
        found.append(Exchange(request, messages[index + 1]))
    if not found:
        raise Unreadable(1, "an http block holds requests with their responses. Write METHOD /path HTTP/1.1.")
    return found


def _messages(lines: Sequence[str]) -> Iterator[Message]:
    starts = [i for i, line in enumerate(lines) if REQUEST.fullmatch(line) or RESPONSE.fullmatch(line)]
    if lines and (not starts or starts[0] != 0):
        raise Unreadable(1, f"{lines[0]!r} begins neither a request nor a response. Write METHOD /path HTTP/1.1.")
    for start, end in pairwise([*starts, len(lines)]):
        yield _message(start, lines[start:end])


def _message(start: int, lines: Sequence[str]) -> Message:
    blank = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    headers = []
    for offset, line in enumerate(lines[1:blank], 1):
        found = HEADER.fullmatch(line)
        if not found:
            raise Unreadable(start + offset + 1, f"{line!r} is no header. Leave a blank line before the body.")
        headers.append((found["name"], found["value"].strip()))
    return Message(start + 1, lines[0], tuple(headers), "\n".join(lines[blank + 1 :]).strip("\n"))


def method_of(request: Message) -> tuple[str, str]:
    """Give a request's method and target."""
    found = REQUEST.fullmatch(request.first)
    if not found:
        raise Unreadable(request.line, f"{request.first!r} is no request.")
    return found["method"], found["target"]


def status_of(response: Message) -> int:
    """Give a response's status."""
    return int(response.first.split()[1])


def text_matches(expected: str, actual: str) -> bool:
    """Compare texts; ``...`` matches anything, also over several lines."""
    pattern = ".*?".join(re.escape(part) for part in expected.rstrip("\n").split(ANY))
    return re.fullmatch(pattern, actual.rstrip("\n"), re.DOTALL) is not None


def lines_match(expected: Sequence[str], actual: Sequence[str]) -> bool:
    """Compare output line by line; a line ``...`` stands for any lines, ``...`` in a line for any text in it."""
    parts = []
    for line in expected:
        if line.strip() == ANY:
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*?".join(re.escape(p) for p in line.rstrip().split(ANY)) + r"[ \t]*\n")
    return re.fullmatch("".join(parts), "".join(f"{line.rstrip()}\n" for line in actual)) is not None


def body_matches(expected: str, actual: str, content_type: str) -> bool:
    """Compare bodies: as JSON where the response is JSON, else line by line."""
    if "json" not in content_type:
        return lines_match(expected.splitlines(), actual.splitlines())
    try:
        wanted = json.loads(re.sub(r"(?<=[\[,:\s])\.\.\.(?=\s*[,\]}])", '"..."', expected), parse_constant=_no_constant)
    except ValueError:
        return text_matches(expected, actual)
    try:
        return json_matches(wanted, json.loads(actual))
    except ValueError:
        return False


def _no_constant(_: str) -> Any:
    """Refuse ``NaN`` and its like, which are not JSON."""
    raise ValueError


def json_matches(expected: Any, actual: Any) -> bool:
    """Compare JSON values; the string ``...`` matches any value, ``...`` in a string any text."""
    if expected == ANY:
        return True
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return expected.keys() == actual.keys() and all(json_matches(v, actual[k]) for k, v in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(json_matches, expected, actual))
    if isinstance(expected, str) and isinstance(actual, str) and ANY in expected:
        return text_matches(expected, actual)
    return type(expected) is type(actual) and bool(expected == actual)


def says_nothing(expected: str) -> bool:
    """Tell whether an expectation matches everything."""
    return not re.sub(r"[\s.]", "", expected)
