"""Keys come, sign, verify and go."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app, tokens
from myapp.config import ConfigurationError, from_environment
from myapp.keys import key_id

JWKS = "/.well-known/jwks.json"
TOO_SHORT = 2047
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def private(
    key: Private, encryption: KeySerializationEncryption | None = None
) -> str:
    """Write a private key as PEM."""
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
    ).decode()


def public(key: Private) -> str:
    """Write the public half of a key as PEM."""
    return (
        key.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def refusal(token_key: str, public_keys: str = "") -> str:
    """Give what is said of settings that are wrong."""
    settings = {"TOKEN_KEY": token_key, "TOKEN_PUBLIC_KEYS": public_keys}
    with pytest.raises(ConfigurationError) as refused:
        from_environment(
            {"SECRET_KEY": "x" * 32, "DATABASE_URL": "sqlite://", **settings}
        )
    return str(refused.value)


@pytest.fixture
def old(other_key: rsa.RSAPrivateKey) -> str:
    """Give a token that an older key signed."""
    with create_app({"TOKEN_KEY": other_key}).app_context():
        return tokens.issue(7, "")


def test_another_service_needs_public_keys_only(
    app: Flask, client: FlaskClient
) -> None:
    """What the shop publishes verifies what it signs."""
    with app.app_context():
        token = tokens.issue(7, "orders:read")
    published = jwt.PyJWKSet.from_dict(client.get(JWKS).get_json())

    key = published[jwt.get_unverified_header(token)["kid"]]
    audience, issuer = "https://shop.example/api", "https://shop.example"
    claims = jwt.decode(token, key, audience=audience, issuer=issuer)

    assert ("7", "orders:read") == (claims["sub"], claims["scope"])


def test_a_private_key_is_shown_nowhere(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, token_pem: str
) -> None:
    """Neither the settings nor what is published hold a part of it."""
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    app = create_app()
    shown = repr((vars(app), app.config, app.extensions))

    assert [] == [line for line in token_pem.splitlines() if line in shown]
    (published,) = client.get(JWKS).get_json()["keys"]
    assert ["alg", "e", "kid", "kty", "n", "use"] == sorted(published)
    assert ("RS256", "sig") == (published["alg"], published["use"])


def test_the_published_keys_are_named_by_their_thumbprint(
    token_key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey
) -> None:
    """All that verify are published, each once, for five minutes."""
    public = [other_key.public_key(), token_key.public_key()]
    settings = {"TOKEN_KEY": token_key, "TOKEN_PUBLIC_KEYS": public}

    response = create_app(settings).test_client().get(JWKS)

    found = [key["kid"] for key in response.get_json()["keys"]]
    assert [key_id(key) for key in public] == found
    assert "public, max-age=300" == response.headers["Cache-Control"]


def test_an_old_key_verifies_until_it_is_dropped(
    old: str, token_key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey
) -> None:
    """The new key signs from the first day, and then verifies alone."""
    settings = {
        "TOKEN_KEY": token_key,
        "TOKEN_PUBLIC_KEYS": [other_key.public_key()],
    }

    with create_app(settings).app_context():
        assert "7" == tokens.read(old).sub
        new = tokens.issue(8, "")
    with create_app({"TOKEN_KEY": token_key}).app_context():
        assert "8" == tokens.read(new).sub
        why = "^signed with an unknown key$"
        with pytest.raises(jwt.InvalidTokenError, match=why):
            tokens.read(old)


@pytest.mark.parametrize("end", ["\n", "\\n", "\r\n"])
def test_settings_are_keys(
    end: str, token_key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey
) -> None:
    """PEM becomes keys, however its lines end; none beside it is fine."""
    given = {
        "SECRET_KEY": "x" * 32,
        "DATABASE_URL": "sqlite://",
        "TOKEN_KEY": private(token_key).replace("\n", end),
    }
    row = (public(other_key) + public(token_key)).replace("\n", end)

    alone = from_environment(given)
    both = from_environment({**given, "TOKEN_PUBLIC_KEYS": row})

    expected = token_key.private_numbers()
    assert expected == alone["TOKEN_KEY"].private_numbers()
    assert [] == alone["TOKEN_PUBLIC_KEYS"]
    others = [other_key.public_key(), token_key.public_key()]
    assert others == both["TOKEN_PUBLIC_KEYS"]


def test_a_wrong_key_stops_the_start(token_pem: str) -> None:
    """A key that is missing, spoiled, locked, short or another's is named."""
    short = rsa.generate_private_key(65537, TOO_SHORT)
    curve = ec.generate_private_key(ec.SECP256R1())
    locked = private(curve, BestAvailableEncryption(b"secret"))
    size = "is no RSA key of 2048 bits"

    assert [
        "TOKEN_KEY is not set",
        "TOKEN_KEY is no key in PEM",
        "TOKEN_KEY is no key in PEM",
        "TOKEN_KEY is no key in PEM",
        f"TOKEN_KEY {size}",
        f"TOKEN_KEY {size}",
        "TOKEN_PUBLIC_KEYS is not a row of public keys",
        "TOKEN_PUBLIC_KEYS is not a row of public keys",
        "TOKEN_PUBLIC_KEYS is no key in PEM",
        f"TOKEN_PUBLIC_KEYS {size}",
    ] == [
        refusal(""),
        refusal(token_pem[:-99]),
        refusal(public(short)),
        refusal(locked),
        refusal(private(short)),
        refusal(private(curve)),
        refusal(token_pem, token_pem),
        refusal(token_pem, public(curve) + "and so on"),
        refusal(token_pem, token_pem + public(curve)),
        refusal(token_pem, public(curve)),
    ]
