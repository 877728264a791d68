"""The proof as the site finds it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mdproof.show.proofs import Proofs, load, path_of


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"page": "docs/a/one.md"}, "docs/b/two.md"),
        ({"page": "docs/a/one.md", "name": "a/one"}, "docs/b/two.md"),
        ({"page": "site/docs/a/one.md", "name": "a/one"}, "site/docs/b/two.md"),
    ],
    ids=["no name", "name", "deeper folder"],
)
def test_the_path_of_a_page_that_another_names(page: dict[str, Any], expected: str) -> None:
    """It is in the same folder of documents, however deep that lies."""
    assert expected == path_of(page, "b/two")


def test_a_page_is_found_by_its_path() -> None:
    """Or it is not."""
    proofs = Proofs({}, ({"page": "docs/a.md"}, {"page": "docs/b.md"}))

    assert [{"page": "docs/b.md"}, None] == [proofs.of_path("docs/b.md"), proofs.of_path("docs/c.md")]


@pytest.mark.parametrize(("python", "later"), [("3.14.1", 1), ("3.14.10", 0)], ids=["as long", "as old"])
def test_a_proof_that_was_written_anew_is_read_anew(tmp_path: Path, python: str, later: int) -> None:
    """Even if it is as long as the one before, or of the same moment."""
    path = tmp_path / "proof.json"
    for moment, version in ((0, "3.14.0"), (later, python)):
        path.write_text(json.dumps({"versions": {"python": version}, "pages": []}), encoding="utf-8")
        os.utime(path, (moment, moment))

        assert Proofs({"python": version}, ()) == load(path)
