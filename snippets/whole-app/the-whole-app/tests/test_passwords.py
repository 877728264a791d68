"""Passwords: what they cost, and what may be one."""

import hashlib
from typing import Any

import pytest
from flask import Flask

from myapp import create_app
from myapp.extensions import db
from myapp.models import User
from myapp.passwords import authenticate, hash_password, set_password

ADDRESS = "ada@example.org"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """List the parameters of every hash that is computed."""
    done = []
    scrypt = hashlib.scrypt

    def counted(password: bytes, **options: Any) -> bytes:
        done.append((options["n"], options["r"], options["p"]))
        return scrypt(password, **options)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return done


def test_the_cost_is_what_owasp_asks(
    work: list[tuple[int, int, int]],
) -> None:
    """A shop in production hashes at N = 2**17, r = 8, p = 1."""
    with create_app({}).app_context():
        stored = hash_password(PASSWORD)

    assert [(2**17, 8, 1)] == work
    assert "scrypt:131072:8:1" == stored.partition("$")[0]


@pytest.mark.parametrize("method", ["scrypt:512:8:2", "pbkdf2:sha256:1"])
def test_a_login_renews_an_old_hash(
    app: Flask, user: int, method: str
) -> None:
    """A hash of another cost is replaced at login; nobody is logged out."""
    cost = app.config["PASSWORD_METHOD"]
    app.config["PASSWORD_METHOD"] = method
    with app.app_context():
        ada = db.session.get_one(User, user)
        set_password(ada, PASSWORD)
        token = ada.session_token
    app.config["PASSWORD_METHOD"] = cost

    for tried in (PASSWORD + "s", PASSWORD):
        with app.app_context():
            authenticate(ADDRESS, tried)
        with app.app_context():
            ada = db.session.get_one(User, user)
            renewed = str(ada.password_hash).startswith(f"{cost}$")
            assert (tried == PASSWORD) == renewed
            assert token == ada.session_token
    with app.app_context():
        assert authenticate(ADDRESS, PASSWORD) is not None


@pytest.mark.parametrize(
    ("change", "address", "password"),
    [
        ({}, ADDRESS, "wrong"),
        ({}, ADDRESS, ""),
        ({}, ADDRESS, "x" * 100_000),
        ({}, "bob@example.org", PASSWORD),
        ({}, "", ""),
        ({}, ADDRESS + "\0", PASSWORD),
        ({"is_active": False}, ADDRESS, PASSWORD),
        ({"password_hash": None}, ADDRESS, PASSWORD),
    ],
)
def test_every_failure_costs_the_same(
    app: Flask,
    user: int,
    work: list[tuple[int, int, int]],
    change: dict[str, Any],
    address: str,
    password: str,
) -> None:
    """One hash, whoever is asked for and whatever is wrong."""
    with app.app_context():
        db.session.execute(db.update(User).values(change or {"id": user}))
        db.session.commit()
        work.clear()

        assert authenticate(address, password) is None
    assert [(512, 8, 1)] == work


def test_a_password_is_bounded_and_not_cut(app: Flask, user: int) -> None:
    """All 128 characters count, and a 129th is one too many."""
    with app.app_context():
        set_password(db.session.get_one(User, user), "x" * 127 + "y")

        assert authenticate(ADDRESS, "x" * 127 + "y") is not None
        assert authenticate(ADDRESS, "x" * 127 + "z") is None
        assert authenticate(ADDRESS, "x" * 127 + "y" * 2) is None


def test_a_password_is_the_same_on_every_keyboard(
    app: Flask, user: int
) -> None:
    """An é of one character and an e with an accent are one password."""
    with app.app_context():
        set_password(db.session.get_one(User, user), "caf\u00e9 " * 4)

        assert authenticate(ADDRESS, "cafe\u0301 " * 4) is not None
        assert authenticate(ADDRESS, "cafe " * 4) is None
