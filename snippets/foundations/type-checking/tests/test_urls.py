"""What the URLs give, and what the views take."""

import re
from typing import get_type_hints

from flask import Flask

KINDS: dict[str, type] = {"int": int, "string": str}
PART = re.compile(r"<(\w+)(?:\(.*?\))?:(\w+)>")


def test_views_take_what_their_urls_give(app: Flask) -> None:
    """Each part of a rule has the type of the view's argument."""
    given, taken = {}, {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            hints = get_type_hints(app.view_functions[rule.endpoint])
            for kind, name in PART.findall(rule.rule):
                given[rule.endpoint, name] = KINDS[kind]
                taken[rule.endpoint, name] = hints[name]

    assert {int} == set(given.values())
    assert given == taken
