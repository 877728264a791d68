"""What is kept of a request, and for whom."""

import stat
from pathlib import Path

import pytest
from flask import Flask

from myapp.config import ConfigurationError, from_environment
from myapp.extensions import db
from myapp.models import Product

KEY = "0123456789abcdef0123456789abcdef"
SENT = {"Profile-Key": KEY, "Authorization": "Bearer of-tidings"}


@pytest.fixture
def profiles(app: Flask, tmp_path: Path) -> Path:
    """Give the folder of profiles of a shop that has a key."""
    app.instance_path = str(tmp_path / "instance")
    app.config["PROFILE_KEY"] = KEY
    return tmp_path / "instance" / "profiles"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/products", {}),
        ("/products?profile=1", {}),
        ("/products", {"Profile-Key": ""}),
        ("/products", {"Profile-Key": KEY[:-1]}),
        ("/products", {"Profile-Key": "é"}),
    ],
)
def test_nobody_else_is_profiled(
    app: Flask, profiles: Path, path: str, headers: dict[str, str]
) -> None:
    """A request without the key leaves nothing."""
    assert 200 == app.test_client().get(path, headers=headers).status_code

    assert [] == list(profiles.parent.glob("**/*"))


@pytest.mark.parametrize("key", [None, ""])
@pytest.mark.parametrize("given", ["", "None", KEY])
def test_without_a_key_nobody_is(
    app: Flask, profiles: Path, given: str, key: str | None
) -> None:
    """A shop that was given no key has none that could be guessed."""
    app.config["PROFILE_KEY"] = key

    found = app.test_client().get("/", headers={"Profile-Key": given})

    assert (404, False) == (found.status_code, profiles.exists())


def test_a_profile_shows_where_the_code_was(
    app: Flask, profiles: Path
) -> None:
    """It is the server's alone to read, and holds nothing that was sent."""
    with app.app_context():
        names = (f"tea number {number}" for number in range(1000))
        db.session.add_all(Product(name=n, price_cents=450) for n in names)
        db.session.commit()
    client = app.test_client()

    answers = [
        client.get("/products/like/tea%20number%207", headers=headers).json
        for headers in ({}, SENT, SENT)
    ]

    assert answers[0] == answers[1]
    found = list(profiles.glob("products.like-*.html"))
    assert [True, True] == [file.is_file() for file in found]
    assert 0o700 == stat.S_IMODE(profiles.stat().st_mode)
    text = found[0].read_text("utf-8")
    assert [True, False, False] == [
        part in text for part in ("get_close_matches", KEY, "of-tidings")
    ]


def test_a_failing_request_is_profiled_too(
    app: Flask, profiles: Path
) -> None:
    """However a request ends, nobody goes on watching its thread."""
    app.add_url_rule("/fail", "fail", lambda: str(1 // 0))

    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/fail", headers=SENT)

    assert ["fail"] == [p.name.split("-")[0] for p in profiles.glob("*.html")]


@pytest.mark.parametrize(
    ("given", "expected"), [({}, None), ({"PROFILE_KEY": KEY}, KEY)]
)
def test_the_key_comes_from_the_environment(
    given: dict[str, str], expected: str | None
) -> None:
    """Nobody has it unless it is given."""
    environ = {"SECRET_KEY": KEY, "DATABASE_URL": "sqlite://"}

    assert expected == from_environment(environ | given)["PROFILE_KEY"]


def test_a_key_that_can_be_guessed_is_refused() -> None:
    """It is as long as every other secret."""
    environ = {"SECRET_KEY": KEY, "DATABASE_URL": "sqlite://"}

    with pytest.raises(ConfigurationError, match="^PROFILE_KEY has fewer"):
        from_environment(environ | {"PROFILE_KEY": "profile"})
