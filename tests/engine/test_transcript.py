"""Consoles and http transcripts: how they are read, and what matches what."""

from __future__ import annotations

from typing import Any

import pytest

from mdproof.exercise.transcript import (
    Unreadable,
    body_matches,
    commands,
    exchanges,
    json_matches,
    lines_match,
    method_of,
    says_nothing,
    status_of,
    text_matches,
)


def test_commands_and_their_output() -> None:
    """A line that begins with a dollar is a command, what follows it its output."""
    found = commands("$ echo one\none\n\n$ true\n$ printf '$ 2'\n$2\n")

    assert [] == commands("no command\n")
    assert [(1, "echo one", ("one", "")), (4, "true", ()), (5, "printf '$ 2'", ("$2",))] == [(c.line, c.text, c.output) for c in found]


def test_a_command_over_several_lines() -> None:
    """A backslash at the end goes on in the next line, with or without the shell's sign for it."""
    (found,) = commands("$ echo one \\\n> two \\\n  three\none two three\n")

    assert (found.text, found.output) == ("echo one \\\ntwo \\\n  three", ("one two three",))


HTTP = """\
POST /orders?page=2 HTTP/1.1
Content-Type: application/json
X-Empty:

{"product": 1,

 "count": 2}

HTTP/1.1 201 Created
Location: /orders/1

{"id": 1}

GET /orders/1 HTTP/1.1

HTTP/1.1 204
"""


def test_requests_and_their_responses() -> None:
    """An http block holds pairs of messages: first line, headers, a blank line, a body."""
    first, second = exchanges(HTTP)

    assert method_of(first.request) == ("POST", "/orders?page=2")
    assert first.request.headers == (("Content-Type", "application/json"), ("X-Empty", ""))
    assert first.request.body == '{"product": 1,\n\n "count": 2}'
    assert (first.response.line, status_of(first.response)) == (9, 201)
    assert (first.response.headers, first.response.body) == ((("Location", "/orders/1"),), '{"id": 1}')
    assert (second.request.line, second.request.body, status_of(second.response)) == (14, "", 204)


def test_a_body_is_kept_as_it_is() -> None:
    """Only the empty lines around it are not part of it."""
    (found,) = exchanges("GET / HTTP/1.1\n\nHTTP/1.1 200 OK\n\n\n  an indented X\n\n")

    assert found.response.body == "  an indented X"


EMPTY = "an http block holds requests with their responses. Write METHOD /path HTTP/1.1."
NEITHER = "begins neither a request nor a response. Write METHOD /path HTTP/1.1."
ALONE = "this request shows no response. Add one: HTTP/1.1 200 OK."


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("", 1, EMPTY),
        ("Get it.\n", 1, f"'Get it.' {NEITHER}"),
        ("get / HTTP/1.1\n", 1, f"'get / HTTP/1.1' {NEITHER}"),
        ("HTTP/1.1 200 OK\n", 1, "'HTTP/1.1 200 OK' is no request. Write METHOD /path HTTP/1.1."),
        ("GET / HTTP/1.1\n", 1, ALONE),
        ("GET / HTTP/1.1\n\nGET / HTTP/1.1\n\nHTTP/1.1 200 OK\n", 1, ALONE),
        ("GET / HTTP/1.1\n\nHTTP/1.1 200 OK\n{}\n", 4, "'{}' is no header. Leave a blank line before the body."),
        ("GET / HTTP/1.1\n\nHTTP/1.1 200 OK\n\n{}\n\nGET /2 HTTP/1.1\n", 7, ALONE),
    ],
)
def test_unreadable_transcripts(source: str, line: int, words: str) -> None:
    """What is no transcript is refused at the line of the block that shows it, with what to do."""
    with pytest.raises(Unreadable) as error:
        exchanges(source)

    assert (line, words) == (error.value.line, str(error.value))


@pytest.mark.parametrize(
    ("expected", "actual", "matches"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["a", "b", "c"], False),
        (["a"], ["A"], False),
        (["a  "], ["a"], True),
        ([], [], True),
        ([], ["a"], False),
        (["..."], [], True),
        (["..."], ["a", "b"], True),
        (["a", "...", "c"], ["a", "c"], True),
        (["a", "...", "c"], ["a", "b", "b", "c"], True),
        (["a", "...", "c"], ["a", "b"], False),
        (["...", "c", "..."], ["a", "c"], True),
        (["took ... s"], ["took 0.3 s"], True),
        (["took ... s"], ["took 0.3", " s"], False),
        (["a.c"], ["abc"], False),
        (["(1+1)*2"], ["(1+1)*2"], True),
        (["....."], ["a.."], True),
        (["  a"], ["  a "], True),
    ],
)
def test_lines_of_output(expected: list[str], actual: list[str], matches: bool) -> None:  # noqa: FBT001 - a table
    """Three dots are any lines where they stand alone, and any text of a line where they do not."""
    assert matches == lines_match(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual", "matches"),
    [
        ("<p>...</p>", "<p>a\nb</p>\n", True),
        ("<p>...</p>", "<p>a</p><b>", False),
        ("...", "", True),
        ("a", "a\n\n", True),
        ("a", "", False),
        ("a\n", "a", True),
        ("a ", "a", False),
        ("a", "a ", False),
        ("aX", "a", False),
        ("a", "aX", False),
    ],
)
def test_texts(expected: str, actual: str, matches: bool) -> None:  # noqa: FBT001 - a table
    """In a text three dots are anything, also over several lines."""
    assert matches == text_matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual", "matches"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ('{"a": 1}', '{"a": 1, "b": 2}', False),
        ('{"a": 1, "b": 2}', '{"a": 1}', False),
        ('{"a": ...}', '{"a": {"b": [1]}}', True),
        ('{"a": ..., "b": 2}', '{"b":2,"a":1}', True),
        ('{"a": "..."}', '{"a": 1}', True),
        ('{"a": "x...z"}', '{"a": "xyz"}', True),
        ('{"a": "x...z"}', '{"a": 1}', False),
        ("[..., 2]", "[1, 2]", True),
        ("[1, 2]", "[2, 1]", False),
        ("[1]", "[1, 1]", False),
        ("1", "true", False),
        ("0", "false", False),
        ("null", "null", True),
        ('{"a": "wait ... then"}', '{"a": "wait 2 then"}', True),
        ('{"a": 1,', '{"a": 1}', False),
        ("...", '{"a": 1}', True),
        ('{"a": 1}', "no JSON", False),
        ('{"a": NaN}', '{"a": NaN}', True),
    ],
)
def test_bodies_of_json(expected: str, actual: str, matches: bool) -> None:  # noqa: FBT001 - a table
    """JSON is compared as JSON: no order of keys, no spaces, but every key, every type."""
    assert matches == body_matches(expected, actual, "application/problem+json; charset=utf-8")


def test_bodies_of_other_types_are_texts() -> None:
    """Only what says it is JSON is compared as JSON."""
    assert body_matches('{"a": 1}', '{"a": 1}', "text/plain")
    assert not body_matches('{"a": 1}', '{"a":1}', "text/plain")


@pytest.mark.parametrize(("expected", "actual"), [(1, 1.0), (True, 1), ("1", 1), (None, False), ({}, [])])
def test_json_of_another_type_differs(expected: Any, actual: Any) -> None:
    """Values that Python takes for equal are not, where a client sees another type."""
    assert not json_matches(expected, actual)


def test_an_expectation_that_says_nothing() -> None:
    """Dots and spaces alone match everything, and are known for it."""
    assert [True, True, False] == [says_nothing(text) for text in ("...", " ...\n... ", "a...")]


@pytest.mark.parametrize(
    ("expected", "matches"),
    [
        ("one\n...\nthree", True),
        ("...\none\ntwo\nthree\n...", True),
        ("one\n...three", False),
        ("o...e\ntw...\nthree", True),
        ("one\nthree", False),
    ],
)
def test_a_text_is_compared_line_by_line(expected: str, *, matches: bool) -> None:
    """A line of dots stands for any lines, and for none; dots in a line for what is in it."""
    assert matches == body_matches(expected, "one\ntwo\nthree\n", "text/plain")
