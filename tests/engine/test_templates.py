"""Which lines of a template can run, and which did."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
from coverage.plugin_support import Plugins
from jinja2 import DictLoader, Environment, Template

from mdproof.exercise import templates

PATH = "/run/shop.html"
BASE = "{% block head %}{% endblock %}{% block body %}{% endblock %}"


@pytest.fixture(autouse=True)
def nothing_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the templates that others have rendered."""
    monkeypatch.setattr(templates, "MADE", {})


def ran(source: str, **values: Any) -> dict[int, set[str]]:
    """Render a template with each value, by the name of a test; give the tests that ran each line of its Python."""
    environment = Environment(loader=DictLoader({"base.html": BASE}), autoescape=True)
    code = environment.compile(source, "shop.html", PATH)
    tracer = templates.Templates().file_tracer(PATH)
    assert tracer
    lines: dict[int, set[str]] = {}
    test = ""

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != PATH:
            return None
        if event == "line":
            assert (frame.f_lineno, frame.f_lineno) == tracer.line_number_range(frame)
            lines.setdefault(frame.f_lineno, set()).add(test)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        template = Template.from_code(environment, code, {})
        for test, value in values.items():  # noqa: B007 - the tracer's
            template.render(value=value)
    finally:
        sys.settrace(before)
    return lines


PAGE = """\
{% extends "base.html" %}
{% block head %}Hi{% endblock %}
{% block body %}
<p>{{ value }}</p>
{% if value %}
<b>yes</b>
{% else %}
no
{% endif %}
{% for one in value %}
  <li>{{ one }}</li>
{% endfor %}
{% endblock %}
"""
MACRO = "{% macro bold(text) %}\n<b>{{ text }}</b>\n{% endmacro %}\n{% if value %}\n{{ bold(1) }}\n{% endif %}"
BOTH = {"full", "empty"}


@pytest.mark.parametrize(
    ("source", "values", "missing", "tests"),
    [
        ("text\n", {"full": 1}, set(), {1: {"full"}}),
        ("text\n\n{{ value }}", {"full": 1}, set(), {3: {"full"}}),
        (MACRO, {"full": 1, "empty": 0}, set(), {1: BOTH, 2: BOTH, 4: BOTH, 5: {"full"}}),
        (MACRO, {"empty": 0}, {2, 4, 5}, {1: {"empty"}, 2: {"empty"}, 4: {"empty"}, 5: set()}),
        (PAGE, {"full": [1], "empty": []}, set(), {1: BOTH, 2: {"", *BOTH}, 3: {"", *BOTH}, 4: BOTH, 5: BOTH, 10: BOTH, 11: BOTH}),
        (PAGE, {"empty": []}, {5, 10, 11}, {line: {"empty"} | ({""} if line in {2, 3} else set()) for line in (1, 2, 3, 4, 5, 10, 11)}),
    ],
)
def test_the_lines_of_a_template(source: str, values: dict[str, Any], missing: set[int], tests: dict[int, set[str]]) -> None:
    """What Jinja says where it stands can run, with the text that follows it; what a template is made of is no test's."""
    lines = ran(source, **values)

    assert (set(tests), missing, tests) == templates.template_lines(PATH, lines)


def test_a_template_that_was_not_rendered_has_no_lines() -> None:
    """Nothing is known of it."""
    assert (set(), set(), {}) == templates.template_lines(PATH, {1: ["test"]})


@pytest.mark.parametrize("name", ["a.html", "a.xml", "a.txt", "a.jinja", "a.html.j2"])
def test_what_is_a_template(name: str) -> None:
    """Its ending tells; other files are coverage's own."""
    claimed = templates.Templates().file_tracer(name)

    assert (name, None) == (claimed and claimed.source_filename(), templates.Templates().file_tracer(f"{name}.py"))


def test_coverage_is_given_what_traces_templates() -> None:
    """It asks for no more."""
    registry = Plugins()

    templates.coverage_init(registry)

    assert [templates.Templates] == list(map(type, registry.file_tracers))
