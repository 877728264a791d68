"""Forged, spoiled and stolen tokens."""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import product
from pathlib import Path
from threading import Barrier
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicNumbers,
)
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app, tokens
from myapp.bearer import token_required
from myapp.extensions import db
from myapp.keys import key_id, numbers
from myapp.models import TokenFamily, User
from myapp.passwords import hash_password
from myapp.refresh import still_logged_in

NOW = 1_900_000_000
INVALID = 'Bearer realm="shop", error="invalid_token"'
GONE = object()
FAMILIES = db.select(TokenFamily)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be one moment for the shop and for PyJWT."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Stopped":
            return cls.fromtimestamp(NOW, tz or UTC)

    monkeypatch.setattr(tokens, "now", lambda: NOW)
    monkeypatch.setattr("jwt.api_jwt.datetime", Stopped)


def encoded(data: bytes) -> str:
    """Write bytes as a part of a token."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Forger:
    """Somebody who writes tokens, with whatever keys."""

    key: RSAPrivateKey
    other: RSAPrivateKey
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with what a good token says."""
        self.header = {
            "alg": "RS256",
            "typ": "at+jwt",
            "kid": key_id(self.key.public_key()),
        }
        self.claims = {
            "iss": "https://shop.example",
            "aud": "https://shop.example/api",
            "sub": "1",
            "iat": NOW,
            "exp": NOW + 600,
            "jti": "a",
            "scope": "orders:read",
        }

    def signed(
        self,
        header: dict[str, Any] | None = None,
        claims: object = None,
        sign: Callable[[bytes], bytes] | None = None,
    ) -> str:
        """Write a token with some things another, or gone."""
        head = {**self.header, **(header or {})}
        said = claims
        if said is None or isinstance(said, dict):
            said = {**self.claims, **(said or {})}
            said = {k: v for k, v in said.items() if v is not GONE}
        head = {k: v for k, v in head.items() if v is not GONE}
        parts = (json.dumps(part).encode() for part in (head, said))
        body = ".".join(map(encoded, parts))
        signature = (sign or self.rs256)(body.encode())
        return f"{body}.{encoded(signature)}"

    def rs256(self, body: bytes) -> bytes:
        """Sign as the shop does."""
        return self.key.sign(body, PKCS1v15(), SHA256())

    def rs512(self, body: bytes) -> bytes:
        """Sign as the shop does not, with its key."""
        return self.key.sign(body, PKCS1v15(), SHA512())

    def foreign(self, body: bytes) -> bytes:
        """Sign with another key."""
        return self.other.sign(body, PKCS1v15(), SHA256())

    def hs256(self, body: bytes) -> bytes:
        """Sign with the public key, as if it were a secret."""
        secret = self.key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        return hmac.new(secret, body, hashlib.sha256).digest()


def nothing(body: bytes) -> bytes:
    """Sign with nothing."""
    return b""


@pytest.fixture
def forger(token_key: RSAPrivateKey, other_key: RSAPrivateKey) -> Forger:
    """Give somebody who holds even the shop's key."""
    return Forger(token_key, other_key)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client of a shop with one customer, as in production."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        db.session.add(User(email="ada@example.org"))
        db.session.commit()
    return app.test_client()


def answer(client: FlaskClient, token: str) -> tuple[int, str | None]:
    """Ask for the owner of a token; give the status and the challenge."""
    found = client.get(
        "/tokens/owner", headers={"Authorization": f"Bearer {token}"}
    )
    return found.status_code, found.headers.get("WWW-Authenticate")


def test_a_good_token_is_good(client: FlaskClient, forger: Forger) -> None:
    """What the forger begins with is a token."""
    assert (200, None) == answer(client, forger.signed())


Forgery = Callable[[Forger], str]

FORGERIES: dict[str, Forgery] = {
    "not signed": lambda f: f.signed({"alg": "none"}, sign=nothing),
    "not signed, written NONE": lambda f: f.signed(
        {"alg": "NONE"}, sign=nothing
    ),
    "not signed, without a key": lambda f: f.signed(
        {"alg": "none", "kid": GONE}, sign=nothing
    ),
    "signed none": lambda f: f.signed({"alg": "none"}),
    "public key as a secret": lambda f: f.signed(
        {"alg": "HS256"}, sign=f.hs256
    ),
    "empty signature": lambda f: f.signed(sign=nothing),
    "cut signature": lambda f: f.signed()[:-4],
    "two parts": lambda f: f.signed().rpartition(".")[0],
    "four parts": lambda f: f.signed() + ".a",
    "another algorithm": lambda f: f.signed({"alg": "RS512"}, sign=f.rs512),
    "algorithm unknown": lambda f: f.signed({"alg": "RS257"}),
    "algorithm no string": lambda f: f.signed({"alg": ["RS256"]}),
    "algorithm missing": lambda f: f.signed({"alg": GONE}),
    "foreign key": lambda f: f.signed(sign=f.foreign),
    "foreign key, named": lambda f: f.signed(
        {"kid": key_id(f.other.public_key())}, sign=f.foreign
    ),
    "key missing": lambda f: f.signed({"kid": GONE}),
    "key null": lambda f: f.signed({"kid": None}),
    "key a path": lambda f: f.signed({"kid": "../../dev/null"}, sign=nothing),
    "key a query": lambda f: f.signed({"kid": "' OR 1=1 --"}),
    "key a number": lambda f: f.signed({"kid": 1}),
    "key a list": lambda f: f.signed({"kid": ["a"]}),
    "key an object": lambda f: f.signed({"kid": {}}),
    "key brought along": lambda f: f.signed(
        {"kid": GONE, "jwk": numbers(f.other.public_key())}, sign=f.foreign
    ),
    "key brought along under our name": lambda f: f.signed(
        {"jwk": numbers(f.other.public_key())}, sign=f.foreign
    ),
    "key elsewhere": lambda f: f.signed(
        {"jku": "https://evil.example/jwks.json"}, sign=f.foreign
    ),
    "certificate brought along": lambda f: f.signed(
        {"x5c": ["MII"], "x5u": "https://evil.example"}, sign=f.foreign
    ),
    "critical and unknown": lambda f: f.signed({"crit": ["x"], "x": 1}),
    "not encoded": lambda f: f.signed({"crit": ["b64"], "b64": False}),
    "ID token": lambda f: f.signed({"typ": "JWT"}),
    "type missing": lambda f: f.signed({"typ": GONE}),
    "type no string": lambda f: f.signed({"typ": ["at+jwt"]}),
    "refresh token": lambda f: f.signed({"typ": "rt+jwt"}),
    "foreign issuer": lambda f: f.signed(claims={"iss": "https://evil"}),
    "two issuers": lambda f: f.signed(
        claims={"iss": ["https://shop.example", "https://evil"]}
    ),
    "foreign audience": lambda f: f.signed(
        claims={"aud": "https://shop.example"}
    ),
    "two audiences": lambda f: f.signed(
        claims={"aud": ["https://shop.example/api", "https://other"]}
    ),
    "no audience": lambda f: f.signed(claims={"aud": []}),
    "expired": lambda f: f.signed(claims={"exp": NOW - 3600}),
    "expiry infinite": lambda f: f.signed(claims={"exp": float("inf")}),
    "expiry a string": lambda f: f.signed(claims={"exp": str(NOW + 600)}),
    "expiry a list": lambda f: f.signed(claims={"exp": [NOW + 600]}),
    "expiry a fraction": lambda f: f.signed(claims={"exp": NOW + 600.5}),
    "signed tomorrow": lambda f: f.signed(claims={"iat": NOW + 86400}),
    "signed true": lambda f: f.signed(claims={"iat": True}),
    "good from tomorrow": lambda f: f.signed(claims={"nbf": NOW + 86400}),
    "start no number": lambda f: f.signed(claims={"nbf": "soon"}),
    "subject a number": lambda f: f.signed(claims={"sub": 1}),
    "subject a word": lambda f: f.signed(claims={"sub": "abc"}),
    "subject empty": lambda f: f.signed(claims={"sub": ""}),
    "subject signed": lambda f: f.signed(claims={"sub": "+1"}),
    "subject padded": lambda f: f.signed(claims={"sub": " 1"}),
    "subject with a line": lambda f: f.signed(claims={"sub": "1\n"}),
    "subject in other digits": lambda f: f.signed(claims={"sub": "\u0661"}),
    "subject nobody": lambda f: f.signed(claims={"sub": "2"}),
    "subject zero": lambda f: f.signed(claims={"sub": "0"}),
    "subject no column holds": lambda f: f.signed(
        claims={"sub": "9999999999"}
    ),
    "name no string": lambda f: f.signed(claims={"jti": 1}),
    "scope a list": lambda f: f.signed(claims={"scope": ["orders:read"]}),
    "claims a list": lambda f: f.signed(claims=[1]),
    "claims a string": lambda f: f.signed(claims="x"),
    "header a list": lambda f: f"{encoded(b'[]')}.{encoded(b'{}')}.",
    "header no JSON": lambda f: f"{encoded(b'{')}.{encoded(b'{}')}.",
    "header no text": lambda f: f"{encoded(bytes([255]))}.{encoded(b'{}')}.",
    "header deep": lambda f: f"{encoded(b'[' * 2000)}.{encoded(b'{}')}.",
    "header a long number": lambda f: f"{encoded(b'9' * 2900)}.a.a",
    "one dot": lambda f: ".",
    "dots": lambda f: "...",
    "no base64": lambda f: "a.b.c",
    "padded": lambda f: f.signed() + "==",
    "spelt otherwise": lambda f: f.signed().replace(".", ".~"),
    "with a stroke": lambda f: f.signed() + "/",
    "oversized": lambda f: f.signed(claims={"x": "a" * 4096}),
    "header oversized": lambda f: f.signed({"x": "a" * 4096}),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_refused(
    client: FlaskClient, forger: Forger, name: str
) -> None:
    """Whatever is wrong, the answer is one: get a new token."""
    assert (401, INVALID) == answer(client, FORGERIES[name](forger))


@pytest.mark.parametrize(
    "claim", ["iss", "aud", "sub", "iat", "exp", "jti", "scope"]
)
@pytest.mark.parametrize("value", [GONE, None])
def test_a_claim_that_is_missing_is_missed(
    client: FlaskClient, forger: Forger, claim: str, value: object
) -> None:
    """A token of ours says all of it, so one that does not is not ours."""
    token = forger.signed(claims={claim: value})

    assert (401, INVALID) == answer(client, token)


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": NOW - 9}, 200),
        ({"exp": NOW - 10}, 401),
        ({"iat": NOW + 10}, 200),
        ({"iat": NOW + 11}, 401),
        ({"nbf": NOW + 10}, 200),
        ({"nbf": NOW + 11}, 401),
    ],
)
def test_a_token_ends_at_its_second(
    client: FlaskClient, forger: Forger, claims: dict[str, int], status: int
) -> None:
    """Clocks may differ by ten seconds, and not by more."""
    assert status == answer(client, forger.signed(claims=claims))[0]


def test_an_issued_token_says_what_it_should(
    app: Flask, forger: Forger
) -> None:
    """All claims, ten minutes, and a name that no other token has."""
    with app.app_context():
        first, second = (tokens.issue(1, "orders:read") for _ in range(2))
        read = [tokens.read(token) for token in (first, second)]

    assert read[0].jti != read[1].jti
    expected = forger.signed(claims={"jti": read[0].jti})
    assert parts_of(expected) == parts_of(first)


def parts_of(token: str) -> list[Any]:
    """Read a token's header and claims, whoever signed it."""
    options: Any = {"verify_signature": False}
    found = jwt.decode_complete(token, options=options)
    return [found["header"], found["payload"]]


@pytest.mark.parametrize(
    ("header", "dots", "reason"),
    [
        ({"typ": "JWT"}, ".", "of another type"),
        ({}, "..", "of another shape"),
        ({"kid": GONE}, ".", "signed with an unknown key"),
    ],
)
def test_a_reason_is_given_to_who_reads_the_code(
    app: Flask, forger: Forger, header: dict[str, Any], dots: str, reason: str
) -> None:
    """In a debugger one sees which check a token failed."""
    token = forger.signed(header).replace(".", dots)

    with app.app_context(), pytest.raises(jwt.InvalidTokenError) as refused:
        tokens.read(token)

    assert reason == str(refused.value)


@pytest.mark.parametrize(("length", "status"), [(4096, 200), (4097, 401)])
def test_a_long_token_is_not_even_read(
    client: FlaskClient, forger: Forger, length: int, status: int
) -> None:
    """The longest that is allowed is, and a character more is not."""

    def of_size(size: tuple[int, int], **signed: Any) -> str:
        header, claims = ({"x": "a" * number} for number in size)
        return forger.signed(header, claims, **signed)

    # a signature has 342 characters
    size = next(
        size
        for size in product(range(3), range(2200, 3000))
        if len(of_size(size, sign=nothing)) == length - 342
    )
    token = of_size(size)

    assert (length, status) == (len(token), answer(client, token)[0])


@pytest.mark.parametrize(
    "place",
    [
        {"query_string": "access_token={}"},
        {"data": {"access_token": "{}"}},
        {"json": {"access_token": "{}"}},
        {"headers": {"Cookie": "access_token={}"}},
        {"headers": {"X-Access-Token": "{}"}},
    ],
)
def test_a_token_elsewhere_is_none(
    client: FlaskClient, forger: Forger, place: dict[str, Any]
) -> None:
    """Only the header counts; an address is written into logs."""
    sent = json.loads(json.dumps(place).replace("{}", forger.signed()))

    found = client.get("/tokens/owner", **sent)

    assert 401 == found.status_code
    assert 'Bearer realm="shop"' == found.headers.get("WWW-Authenticate")


def test_two_tokens_are_none(client: FlaskClient, forger: Forger) -> None:
    """Which of two headers counts is nobody's guess."""
    headers = [("Authorization", f"Bearer {forger.signed()}")] * 2

    found = client.get("/tokens/owner", headers=headers)

    assert {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Send one token.",
    } == found.get_json()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("bearertoken", 401),
        ("Bearer\ta", 401),
        ("Basic Bearer a", 401),
        ("Basic =", 401),
        ("Digest a*=UTF-8''%FF", 401),
        ("Bearer =", 400),
        ("Bearer a*=UTF-8''%FF", 400),
        ("Bearer a=,Bearer b", 400),
        ('Bearer "a"', 400),
    ],
)
def test_a_header_of_another_form_is_none(
    client: FlaskClient, header: str, status: int
) -> None:
    """Whatever else the header holds, it is not taken for a token."""
    found = client.get("/tokens/owner", headers={"Authorization": header})

    assert status == found.status_code


def test_a_guarded_view_is_given_all_arguments(
    app: Flask, forger: Forger
) -> None:
    """By place or by name: the view gets them as it would unguarded."""

    @token_required()
    def view(*args: str, **kwargs: str) -> tuple[Any, ...]:
        return args, kwargs

    headers = {"Authorization": f"Bearer {forger.signed()}"}
    with app.test_request_context(headers=headers):
        found = view("tea", order="7")

    assert (("tea",), {"order": "7"}) == found


def test_a_second_shop_has_keys_of_its_own(
    client: FlaskClient, forger: Forger, other_key: RSAPrivateKey
) -> None:
    """What one shop of the process signs, the other does not take."""
    other = create_app({"TESTING": True, "TOKEN_KEY": other_key})
    with other.app_context():
        token = tokens.issue(1, "orders:read")
        assert "1" == tokens.read(token).sub

    assert (401, INVALID) == answer(client, token)


def test_a_shop_without_keys_takes_no_token(forger: Forger) -> None:
    """No key is no key that verifies, and none that is published."""
    client = create_app({"SECRET_KEY": "a", "PROPAGATE_EXCEPTIONS": False})
    found = client.test_client().get("/.well-known/jwks.json")

    assert {"keys": []} == found.get_json()
    assert (401, INVALID) == answer(client.test_client(), forger.signed())


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """RFC 7638 gives a key and its thumbprint."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1"
        "RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5"
        "n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8K"
        "JZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQF"
        "h6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJz"
        "KnqDKgw"
    )
    number = int.from_bytes(urlsafe_b64decode(n + "=="), "big")
    key = RSAPublicNumbers(65537, number).public_key()

    assert "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" == key_id(key)


@pytest.fixture
def busy(tmp_path: Path, token_key: RSAPrivateKey) -> Iterator[Flask]:
    """Build a shop whose requests have a connection each."""
    app = create_app(
        {
            "SECRET_KEY": "only for tests",
            "PASSWORD_METHOD": "scrypt:512:8:1",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
            "TOKEN_KEY": token_key,
        }
    )
    with app.app_context():
        db.create_all()
        hashed = hash_password("correct horse battery staple")
        db.session.add(User(email="ada@example.org", password_hash=hashed))
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()


def test_many_uses_at_once_have_one_winner(
    busy: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All draw a new secret before any stores it; one does."""
    body = {
        "email": "ada@example.org",
        "password": "correct horse battery staple",
    }
    pair = busy.test_client().post("/tokens", json=body).get_json()
    token = {"refresh_token": pair["refresh_token"]}

    draw, all_here = secrets.token_urlsafe, Barrier(8, timeout=30)

    def drawn_together(size: int | None = None) -> str:
        all_here.wait()
        return draw(size)

    monkeypatch.setattr("myapp.refresh.secrets.token_urlsafe", drawn_together)

    def use(number: int) -> int:
        client = busy.test_client()
        return client.post("/tokens/refresh", json=token).status_code

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(use, range(8)))

    assert [200] + [400] * 7 == sorted(found)
    with busy.app_context():
        assert [] == list(db.session.scalars(FAMILIES))


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a" * 66, "." * 66, f"{'a' * 22}.{'b' * 42}", "\x00" * 66],
)
def test_what_is_no_refresh_token_reaches_no_query(
    client: FlaskClient, token: str
) -> None:
    """The shape is known, so what has another is refused by it."""
    for action in ("refresh", "revoke"):
        body = {"refresh_token": token}
        found = client.post(f"/tokens/{action}", json=body)
        assert 422 == found.status_code


def test_a_secret_is_that_of_its_family(
    app: Flask, client: FlaskClient
) -> None:
    """One login's secret under another's name is good for neither."""
    with app.app_context():
        user = db.session.scalars(db.select(User)).one()
        user.password_hash = hash_password("correct horse battery staple")
        db.session.commit()
    login = {
        "email": "ada@example.org",
        "password": "correct horse battery staple",
    }
    pairs = [client.post("/tokens", json=login).get_json() for _ in range(2)]
    one, two = (pair["refresh_token"].split(".") for pair in pairs)

    body = {"refresh_token": f"{one[0]}.{two[1]}"}
    found = client.post("/tokens/refresh", json=body)

    assert 400 == found.status_code
    with app.app_context():
        left = [family.id for family in db.session.scalars(FAMILIES)]
    assert [two[0]] == left


def test_a_login_of_nobody_does_not_hold(app: Flask) -> None:
    """A family whose user is gone is told so, in as many words."""
    family = TokenFamily(user_id=99, login_hash="")

    with app.app_context():
        assert False is still_logged_in(family)


def test_an_unknown_refresh_token_is_refused(client: FlaskClient) -> None:
    """The right shape alone is worth nothing."""
    body = {"refresh_token": f"{'a' * 22}.{'b' * 43}"}

    assert 400 == client.post("/tokens/refresh", json=body).status_code
    assert 204 == client.post("/tokens/revoke", json=body).status_code


def test_a_refused_refresh_is_logged_without_its_secret(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A theft is looked into by the name of the family."""
    body = {"refresh_token": f"{'a' * 22}.{'b' * 43}"}

    client.post("/tokens/refresh", json=body)

    expected = ("WARNING", f"refresh refused: family {'a' * 22}")
    assert [expected] == [(r.levelname, r.message) for r in caplog.records]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"email": "a" * 254}, 400),
        ({"email": "a" * 255}, 422),
        ({"password": "a" * 128}, 400),
        ({"password": "a" * 129}, 422),
    ],
)
def test_a_login_is_bounded(
    client: FlaskClient, fields: dict[str, str], status: int
) -> None:
    """The last length that is allowed is, and the next is not."""
    body = {"email": "ada@example.org", "password": "wrong", **fields}

    assert status == client.post("/tokens", json=body).status_code


def test_the_table_fits_what_it_holds() -> None:
    """Columns are as wide as what is stored; a user takes its logins along."""
    table = db.metadata.tables["token_family"]
    (user_id,) = table.foreign_keys

    assert {
        "id": "VARCHAR(22)",
        "secret_hash": "VARCHAR(64)",
        "user_id": "INTEGER",
        "login_hash": "VARCHAR(64)",
        "scope": "VARCHAR(200)",
        "expires_at": "BIGINT",
    } == {column.name: str(column.type) for column in table.columns}
    assert ("user.id", "CASCADE") == (
        user_id.target_fullname,
        user_id.ondelete,
    )
    assert [["expires_at"], ["user_id"]] == sorted(
        [*index.columns.keys()] for index in table.indexes
    )


def test_a_family_has_room_for_what_is_kept() -> None:
    """Digests have one length; a scope may name many things."""
    columns = TokenFamily.__table__.columns

    assert {
        "id": "VARCHAR(22)",
        "secret_hash": "VARCHAR(64)",
        "user_id": "INTEGER",
        "login_hash": "VARCHAR(64)",
        "scope": "VARCHAR(200)",
        "expires_at": "BIGINT",
    } == {column.name: str(column.type) for column in columns}
