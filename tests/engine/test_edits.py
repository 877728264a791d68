"""How blocks change a file that is there: appended, replaced, their imports joined."""

from __future__ import annotations

import pytest

from mdproof.assemble.edits import append, replace
from mdproof.assemble.lines import Lines, lines_of, text_of
from mdproof.fault import Place, Refused
from mdproof.model import Block, Role

BASE = '''\
"""Orders."""

from decimal import Decimal

from flask import Flask

from . import db

RATE = Decimal("0.2")


@db.cached
def tax(total: Decimal) -> Decimal:
    """Give the tax."""
    return total * RATE


class Order:
    """An order."""

    total = RATE
'''


def block(source: str, start: int = 100, path: str = "src/shop/orders.py", role: Role = Role.APPEND) -> Block:
    """Give a block whose fence stands on a page line."""
    count = source.count("\n")
    lines = tuple(range(start + 1, start + 1 + count))
    return Block(1, Place("docs/b.md", start), start + count + 1, role, "python", path, (), source.removesuffix("\n"), lines)


def base(source: str = BASE) -> Lines:
    """Give a file as the page ``docs/a.md`` wrote it, from line 11 on."""
    return lines_of(Block(1, Place("docs/a.md", 10), 99, Role.FILE, "python", "src/shop/orders.py", (), source, tuple(range(11, 99))))


def origins(lines: Lines) -> list[str]:
    """Give each line with the line of the page it comes from."""
    return [f"{line.origin.path[5]}{line.origin.line} {line.text}".rstrip() for line in lines if line.origin]


def test_a_file_is_its_block() -> None:
    """A block's lines are the file's, each from its own page line."""
    lines = lines_of(block("a = 1\n\nb = 2\n"))

    assert text_of(lines) == "a = 1\n\nb = 2\n"
    assert origins(lines) == ["b101 a = 1", "b102", "b103 b = 2"]


def test_an_empty_block_is_an_empty_file() -> None:
    """A block without a line makes a file without a byte."""
    assert text_of(lines_of(block(""))) == ""


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_line_feeds_part_lines(odd: str) -> None:
    """Other characters that Python's ``splitlines`` stumbles over stay in their line."""
    assert text_of(lines_of(block(f"a = '{odd}'\nb = 2\n"))) == f"a = '{odd}'\nb = 2\n"


def test_append_goes_to_the_end() -> None:
    """What is appended follows two blank lines down, under its own origins."""
    lines = append(base(), block("def free() -> int:\n    return 0\n"))

    assert text_of(lines) == BASE + "\n\ndef free() -> int:\n    return 0\n"
    assert origins(lines)[-3:] == ["b101", "b101 def free() -> int:", "b102     return 0"]


def test_append_keeps_comments_and_decorators() -> None:
    """A comment above the first definition and its decorators come along."""
    lines = append(base(), block("import json\n\n\n# Free of charge.\n@db.cached\ndef free() -> str:\n    return json.dumps(0)\n"))

    assert text_of(lines).endswith("\n\n# Free of charge.\n@db.cached\ndef free() -> str:\n    return json.dumps(0)\n")
    assert text_of(lines).count("import json\n") == 1


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("# Free.\ndef free() -> int:\n    return 0\n", "# Free.\ndef free() -> int:\n    return 0\n"),
        ("def free() -> int:\n    return 0\n# The end.\n", "def free() -> int:\n    return 0\n# The end.\n"),
        ("# Nothing yet.\n", "# Nothing yet.\n"),
        ("", ""),
    ],
)
def test_append_to_nothing_is_the_block(added: str, expected: str) -> None:
    """Comments stay where they are: above the first definition, at the end, or all there is."""
    assert expected == text_of(append((), block(added)))


def test_append_to_a_text_just_follows() -> None:
    """In a file that is no Python nothing is joined."""
    lines = append(lines_of(block("a\n", path="notes.txt")), block("import b\n", 200, path="notes.txt"))

    assert text_of(lines) == "a\nimport b\n"


FLASK = "\n\nfrom flask import Flask"
OWN = "\n\nfrom . import db\n"


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("import json\n", "import json\nfrom decimal import Decimal" + FLASK + OWN),
        ("from decimal import Decimal\n", "from decimal import Decimal" + FLASK + OWN),
        (
            "from decimal import ROUND_UP, localcontext\n",
            "from decimal import ROUND_UP, Decimal, localcontext" + FLASK + OWN,
        ),
        (
            "from flask import abort as stop, g\n",
            "from decimal import Decimal\n\nfrom flask import Flask, abort as stop, g" + OWN,
        ),
        (
            "from __future__ import annotations\n",
            "from __future__ import annotations\n\nfrom decimal import Decimal" + FLASK + OWN,
        ),
        (
            "from .db import get\n",
            "from decimal import Decimal\n\nfrom flask import Flask\n\nfrom . import db\nfrom .db import get\n",
        ),
        (
            "import jwt\nimport click\n",
            "from decimal import Decimal\n\nimport click\nimport jwt\nfrom flask import Flask" + OWN,
        ),
        (
            "from datetime import date\nfrom zoneinfo import ZoneInfo\n",
            "from datetime import date\nfrom decimal import Decimal\nfrom zoneinfo import ZoneInfo" + FLASK + OWN,
        ),
    ],
)
def test_imports_join(added: str, expected: str) -> None:
    """An import at the head of a block goes where a formatter would put it, and comes once."""
    text = text_of(append(base(), block(added)))

    assert text.partition("\nRATE")[0] == '"""Orders."""\n\n' + expected
    assert text.partition("\nRATE")[2] == BASE.partition("\nRATE")[2]


@pytest.mark.parametrize(
    ("present", "added", "expected"),
    [
        ("import json\n", "import json as j\n", "import json\nimport json as j\n"),
        ("import json as j\n", "import json\n", "import json\nimport json as j\n"),
        ("import json as J\n", "import json as j\n", "import json as J\nimport json as j\n"),
        ("import json as j\n", "import json as J\n", "import json as j\nimport json as J\n"),
        ("import abc\nimport os\n", "import json\n", "import abc\nimport json\nimport os\n"),
        ("import abc\nimport json\n", "import os\n", "import abc\nimport json\nimport os\n"),
        ("import abc\nimport json\n\nimport flask\n", "import os\n", "import abc\nimport json\nimport os\n\nimport flask\n"),
        ("import abc\n\nimport flask\n", "import xml.dom\n", "import abc\nimport xml.dom\n\nimport flask\n"),
        ("import abc\n\nimport jwt\n", "import flask\n", "import abc\n\nimport flask\nimport jwt\n"),
        ("import jwt\n\nimport os\nimport sys\n", "import json\n", "import jwt\n\nimport json\nimport os\nimport sys\n"),
        ("from flask import g\n", "from PIL import Image\n", "from flask import g\nfrom PIL import Image\n"),
        ("from ab import c\n", "from a_b import c\n", "from a_b import c\nfrom ab import c\n"),
        ("from . import db\n", "from .. import shop\n", "from .. import shop\nfrom . import db\n"),
        ("from .json import a\n", "from .flask import b\n", "from .flask import b\nfrom .json import a\n"),
        ("from . import db\n", "from . import shop\n", "from . import db, shop\n"),
        ("from .db import a\n", "from db import b\n", "from db import b\n\nfrom .db import a\n"),
        ("from x import (\n    a,\n    b,\n)\n", "from x import c\n", "from x import a, b, c\n"),
        ("import json\n", "import flask\n", "import json\n\nimport flask\n"),
        ("import json\nimport os\nimport sys\n", "from . import db\n", "import json\nimport os\nimport sys\n\nfrom . import db\n"),
        ("from x import (\n    a,\n)\n", "from . import db\n", "from x import (\n    a,\n)\n\nfrom . import db\n"),
        ("# Ours.\nimport flask\n", "import json\n", "# Ours.\nimport json\n\nimport flask\n"),
        ("import json\n\nfrom . import db\n", "import flask\n", "import json\n\nimport flask\n\nfrom . import db\n"),
    ],
)
def test_an_import_joins_those_of_its_group(present: str, added: str, expected: str) -> None:
    """Where a formatter sorts it: whatever the case of letters, a module before its other name, the farthest package first."""
    text = text_of(append(base(f"{present}\nRATE = 2\n"), block(added)))

    assert f"{expected}\nRATE = 2\n" == text


def test_imports_join_a_docstring_of_several_lines() -> None:
    """Below its last line."""
    text = text_of(append(base('"""Orders.\n\nAnd more.\n"""\n\nRATE = 2\n'), block("import json\n")))

    assert '"""Orders.\n\nAnd more.\n"""\n\nimport json\n\nRATE = 2\n' == text


@pytest.mark.parametrize(
    ("present", "added", "expected"),
    [
        ("ROUND_UP", "Decimal, localcontext", "ROUND_UP, Decimal, localcontext"),
        ("abort", "Zebra", "Zebra, abort"),
        ("Apple", "PI, ONE", "ONE, PI, Apple"),
        ("HTTPError", "Headers, T", "Headers, HTTPError, T"),
        ("abort", "aB, ab, _x", "_x, aB, ab, abort"),
        ("a as c", "a, a as b", "a, a as b, a as c"),
    ],
)
def test_names_of_a_joined_import_are_sorted(present: str, added: str, expected: str) -> None:
    """Constants, classes, all others, each whatever the case of their letters; a single capital is a class."""
    text = text_of(append(base(f"from x import {present}\n"), block(f"from x import {added}\n")))

    assert f"from x import {expected}\n" == text


@pytest.mark.parametrize(("length", "expected"), [(79, 1), (80, 4)])
def test_an_import_as_wide_as_a_page_is_not_wrapped(length: int, expected: int) -> None:
    """A line of 79 columns fits, one of 80 does not."""
    name = "a" * (length - len("from x import , b"))

    assert expected == len(append(base("from x import b\n"), block(f"from x import {name}\n")))


def test_a_joined_import_has_the_origin_of_the_new_block() -> None:
    """A line that two pages have a part in is told by the page that changed it last."""
    lines = append(base(), block("from flask import g\n"))

    assert "b101 from flask import Flask, g" in origins(lines)


def test_a_long_import_is_wrapped() -> None:
    """More names than fit 79 columns stand one a line."""
    names = [f"a_rather_long_name_{n}" for n in range(4)]

    text = text_of(append(base("from flask import Flask\n"), block(f"from flask import {', '.join(names)}\n")))

    assert text == "from flask import (\n    Flask,\n" + "".join(f"    {n},\n" for n in names) + ")\n"


def test_imports_join_a_file_without_any() -> None:
    """The first import follows the docstring, or comes first of all."""
    assert text_of(append(base('"""Orders."""\n\nRATE = 2\n'), block("import json\n"))).startswith('"""Orders."""\n\nimport json\n\nRATE')
    assert text_of(append(base("RATE = 2\n"), block("import json\n"))) == "import json\n\nRATE = 2\n"
    assert text_of(append((), block("import json\n"))).strip() == "import json"


def test_replace_a_function() -> None:
    """A function takes the place of the one of its name, decorators and all; the rest stays."""
    lines = replace(base(), block("@db.cached\n@db.checked\ndef tax(total: Decimal) -> Decimal:\n    return total\n"))

    before, after = BASE.split("@db.cached\n", maxsplit=1)[0], "\n\nclass Order:" + BASE.split("class Order:")[1]
    assert text_of(lines) == before + "@db.cached\n@db.checked\ndef tax(total: Decimal) -> Decimal:\n    return total\n" + after
    assert [o for o in origins(lines) if o.startswith("b")] == [
        "b101 @db.cached",
        "b102 @db.checked",
        "b103 def tax(total: Decimal) -> Decimal:",
        "b104     return total",
    ]


def test_replace_several() -> None:
    """Constants and classes are definitions too, in any order, with the imports they need."""
    lines = replace(base(), block("import json\n\n\nclass Order:\n    total = json.dumps(1)\n\n\nRATE: int = 3\n"))

    assert "RATE: int = 3\n" in text_of(lines)
    assert text_of(lines).endswith("class Order:\n    total = json.dumps(1)\n")
    assert "import json\nfrom decimal import Decimal\n" in text_of(lines)


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("def nothing() -> None:\n    pass\n", 101, "defines no 'nothing'"),
        ("import json\n\nprint(json)\n", 103, "only imports and top-level definitions can replace"),
        ("def tax(total):\n    return total\n", 101, "'tax' has decorators"),
        ("tax = 2\n", 101, "'tax' has decorators"),
    ],
)
def test_replace_refuses(source: str, line: int, words: str) -> None:
    """What cannot take a definition's place is refused at its line."""
    with pytest.raises(Refused, match=words) as refused:
        replace(base(), block(source))

    assert [Place("docs/b.md", line)] == [fault.place for fault in refused.value.faults]
