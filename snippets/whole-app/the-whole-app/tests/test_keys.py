"""The secret is changed, and who notices."""

import pytest
from flask.testing import FlaskClient

from myapp import create_app
from myapp.config import ConfigurationError

OLD, NEW = "o" * 32, "n" * 32
NAME = "__Host-session"


def build(
    monkeypatch: pytest.MonkeyPatch, secret: str, old: str = ""
) -> FlaskClient:
    """Give a client of a shop with a secret, and with those before it."""
    monkeypatch.setenv("SECRET_KEY", secret)
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", old)
    return create_app().test_client()


def sign(client: FlaskClient, cookie: str = "") -> str:
    """Give a session as a shop signs it, with one more thing in it."""
    if cookie:
        client.set_cookie(NAME, cookie)
    with client.session_transaction() as session:
        session["things"] = session.get("things", 0) + 1
    kept = client.get_cookie(NAME)
    assert kept is not None
    return kept.value


def things(client: FlaskClient, cookie: str) -> int:
    """Give what a shop finds in a session."""
    client.set_cookie(NAME, cookie)
    with client.session_transaction() as session:
        return int(session.get("things", 0))


def test_a_session_outlives_its_secret_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While the old secret is listed its sessions go on, signed anew."""
    cookie = sign(build(monkeypatch, OLD))
    both = f"{'p' * 32},{OLD}"

    assert 1 == things(build(monkeypatch, NEW, both), cookie)
    anew = sign(build(monkeypatch, NEW, both), cookie)
    assert 2 == things(build(monkeypatch, NEW), anew)
    assert 0 == things(build(monkeypatch, OLD), anew)


def test_a_dropped_secret_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Listed, it lets in what anybody signs with it; dropped, nothing."""
    forged = sign(build(monkeypatch, OLD))

    assert 1 == things(build(monkeypatch, NEW, OLD), forged)
    assert 0 == things(build(monkeypatch, NEW), forged)


@pytest.mark.parametrize("old", ["o", f"{OLD},", f",{OLD}", f"{OLD},o", ","])
def test_old_secrets_are_secrets(
    monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    """A short one, or an empty one, is a way in like any other."""
    with pytest.raises(ConfigurationError, match="^SECRET_KEY_FALLBACKS "):
        build(monkeypatch, NEW, old)
