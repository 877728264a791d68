"""Settings: read from the environment and checked when an app is built."""

import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from flask import Flask
from pydantic import HttpUrl, TypeAdapter, ValidationError
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SHORTEST_SECRET = 32
SHORTEST_KEY = 2048
PEM_END = "-----END PUBLIC KEY-----"
SWITCH = {None: True, "true": True, "false": False}
IN_MEMORY = {None, ":memory:"}
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
SOCKET_ORIGIN = re.compile(r"(https://[a-z0-9.-]+|http://localhost)(:\d+)?")
ORIGIN = re.compile(
    r"""
    ( https://([a-z0-9_-]+\.)*[a-z0-9_-]+ (?!:443$)
    | http://localhost (?!:80$)
    )
    (:[1-9][0-9]{0,4})?
    """,
    re.VERBOSE,
)
RSAKey = RSAPrivateKey | RSAPublicKey


class ConfigurationError(Exception):
    """Settings are missing or wrong; the message names all of them."""


def load(app: Flask, test_config: Mapping[str, Any] | None = None) -> None:
    """Give an app its settings: those handed in, or the environment's."""
    app.config.from_mapping(DEFAULTS)
    if test_config is None:
        app.config.from_mapping(from_environment(os.environ))
    else:
        app.config.from_mapping(test_config)
    app.config.setdefault(
        "SQLALCHEMY_ENGINE_OPTIONS",
        engine_options(app.config["SQLALCHEMY_DATABASE_URI"]),
    )


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read every setting, or say which ones are wrong."""
    settings: dict[str, Any] = {}
    wrong: list[str] = []
    for name, (setting, read) in READERS.items():
        try:
            settings[setting] = read(environ.get(name))
        except ValueError as error:
            wrong.append(f"{name} {error}")
    if wrong:
        raise ConfigurationError(", ".join(wrong))
    return settings | dict.fromkeys(ONE_REDIS, settings["REDIS_URL"])


def required(value: str | None) -> str:
    """Take what must be given."""
    if not value:
        raise ValueError("is not set")
    return value


def optional(value: str | None) -> str | None:
    """Take what may be left out or empty."""
    return value or None


def text(value: str | None) -> str:
    """Take what may be left out."""
    return value or ""


def secret(value: str | None) -> str:
    """Take a secret that cannot be guessed."""
    given = required(value)
    if len(given) < SHORTEST_SECRET:
        raise ValueError(f"has fewer than {SHORTEST_SECRET} characters")
    return given


def old_secrets(value: str | None) -> list[str]:
    """Take the secrets before this one, each as long as a new one."""
    return [secret(old) for old in value.split(",")] if value else []


def address(value: str | None) -> str:
    """Take the address of a database that SQLAlchemy knows how to reach."""
    given = required(value)
    try:
        make_url(given).get_dialect()
    except (ArgumentError, ValueError):
        raise ValueError("is no address of a database") from None
    return given


def redis_address(value: str | None) -> str:
    """Take the address of a Redis, which is not connected to."""
    given = required(value)
    try:
        Redis.from_url(given)
    except ValueError:
        raise ValueError("is no address of a Redis") from None
    return given


def https_address(value: str | None) -> str:
    """Take an address that card tokens may be sent to."""
    given = required(value)
    if not given.startswith("https://"):
        raise ValueError("is no https address")
    return given


def addresses(value: str | None) -> dict[str, str]:
    """Take names and addresses of servers, as JSON."""
    try:
        found = TypeAdapter(dict[str, HttpUrl]).validate_json(value or "{}")
    except ValidationError:
        raise ValueError("is no JSON of names and addresses") from None
    return {name: str(url).rstrip("/") for name, url in found.items()}


def switch(value: str | None) -> bool:
    """Take what is on unless it says false."""
    if value not in SWITCH:
        raise ValueError("is neither true nor false")
    return SWITCH[value]


def percentages(value: str | None) -> dict[str, int]:
    """Take names and percentages: new-checkout=25 dark-mode=100."""
    found: dict[str, int] = {}
    for entry in (value or "").split():
        name, _, percent = entry.partition("=")
        if percent not in map(str, range(101)):
            raise ValueError(f"has no percentage for {name}")
        found[name] = int(percent)
    return found


def proxies(value: str | None) -> int:
    """Take the number of proxies in front of the shop."""
    if value not in {None, "0", "1", "2", "3"}:
        raise ValueError("is no number from 0 to 3")
    return int(value or 0)


def drain_file(value: str | None) -> str:
    """Take the name of the file that says that we stop."""
    return value or ""


def hosts(value: str | None) -> list[str]:
    """Take the names the shop answers to; unless given, this machine's."""
    names = (value or "localhost,127.0.0.1").split(",")
    if not all(HOST.fullmatch(name) for name in names):
        raise ValueError("is no list of host names")
    return names


def origins(value: str | None) -> list[str]:
    """Take a list of origins, each as a browser writes it."""
    given = [part.strip() for part in value.split(",")] if value else []
    if not all(map(ORIGIN.fullmatch, given)):
        raise ValueError("is no list of origins")
    return given


def socket_origins(value: str | None) -> list[str] | None:
    """Take a list of origins; without one it is the shop's own."""
    if not value:
        return None
    given = [part.strip() for part in value.split(",")]
    if not all(map(SOCKET_ORIGIN.fullmatch, given)):
        raise ValueError("is no list of origins")
    return given


def issuer(value: str | None) -> str | None:
    """Take the address of a provider, one nobody can listen in on."""
    if value and not value.startswith("https://"):
        raise ValueError("does not begin with https://")
    return value or None


def private_key(value: str | None) -> RSAKey:
    """Take the key that signs, without a passphrase."""
    load = partial(load_pem_private_key, password=None)
    return rsa_key(load, unfolded(required(value)))


def public_keys(value: str | None) -> list[RSAKey]:
    """Take the keys that verify, one after the other."""
    *given, rest = unfolded(value or "").split(PEM_END)
    if rest.strip():
        raise ValueError("is not a row of public keys")
    return [rsa_key(load_pem_public_key, pem + PEM_END) for pem in given]


def unfolded(value: str) -> str:
    """Give the lines of a setting that was written as one."""
    return value.replace("\\n", "\n")


def rsa_key(load: Callable[[bytes], object], pem: str) -> RSAKey:
    """Take an RSA key that is long enough."""
    try:
        key = load(pem.encode())
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise ValueError("is no key in PEM") from None
    if not isinstance(key, RSAKey) or key.key_size < SHORTEST_KEY:
        raise ValueError(f"is no RSA key of {SHORTEST_KEY} bits")
    return key


READERS: dict[str, tuple[str, Callable[[str | None], Any]]] = {
    "SECRET_KEY": ("SECRET_KEY", secret),
    "SECRET_KEY_FALLBACKS": ("SECRET_KEY_FALLBACKS", old_secrets),
    "ORDERS_OPEN": ("ORDERS_OPEN", switch),
    "FLAGS": ("FLAGS", percentages),
    "DATABASE_URL": ("SQLALCHEMY_DATABASE_URI", address),
    "REDIS_URL": ("REDIS_URL", redis_address),
    "PAYMENTS_URL": ("PAYMENTS_URL", https_address),
    "TOKEN_KEY": ("TOKEN_KEY", private_key),
    "TOKEN_PUBLIC_KEYS": ("TOKEN_PUBLIC_KEYS", public_keys),
    "TRUSTED_HOSTS": ("TRUSTED_HOSTS", hosts),
    "PROXIES": ("PROXIES", proxies),
    "DRAIN_FILE": ("DRAIN_FILE", drain_file),
    "CORS_ORIGINS": ("CORS_ORIGINS", origins),
    "SOCKET_ORIGINS": ("SOCKET_ORIGINS", socket_origins),
    "SUPPLIERS": ("SUPPLIERS", addresses),
    "SMTP_HOST": ("SMTP_HOST", text),
    "OIDC_ISSUER": ("OIDC_ISSUER", issuer),
    "OIDC_CLIENT_ID": ("OIDC_CLIENT_ID", optional),
    "OIDC_CLIENT_SECRET": ("OIDC_CLIENT_SECRET", optional),
}

# the cache, the counts and the chat's messages live beside the queue
ONE_REDIS = ("CACHE_REDIS_URL", "RATELIMIT_STORAGE_URI", "MESSAGE_QUEUE")

DEFAULTS: dict[str, Any] = {
    "DEBUG": False,
    "ORDERS_OPEN": True,
    "MAX_CONTENT_LENGTH": 1_000_000,
    "MAX_FORM_MEMORY_SIZE": 100_000,
    "MAX_FORM_PARTS": 100,
    "PHOTO_FOLDER": "photos",
    "FLAGS": {},
    "PROXIES": 0,
    "DRAIN_FILE": "",
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
    # cookies and passwords
    "SESSION_COOKIE_NAME": "__Host-session",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
    "REMEMBER_COOKIE_NAME": "__Host-remember",
    "REMEMBER_COOKIE_SECURE": True,
    "REMEMBER_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_DURATION": timedelta(days=30),
    "WTF_CSRF_TIME_LIMIT": 12 * 3600,
    "PASSWORD_METHOD": "scrypt:131072:8:1",
    # tokens, origins
    "TOKEN_KEY": None,
    "TOKEN_PUBLIC_KEYS": [],
    "TOKEN_ISSUER": "https://shop.example",
    "TOKEN_AUDIENCE": "https://shop.example/api",
    "CORS_ORIGINS": (),
    "SOCKET_ORIGINS": None,
    "SOCKET_MESSAGE_BYTES": 10_000,
    # others: without Redis each process is alone
    "REDIS_URL": "redis://localhost:6379/0",
    "CACHE_REDIS_URL": "",
    "CACHE_KEY_PREFIX": "shop:",
    "MESSAGE_QUEUE": None,
    "RATELIMIT_STORAGE_URI": "memory://",
    "RATELIMIT_STORAGE_OPTIONS": {
        "socket_timeout": 0.2,
        "retry": Retry(NoBackoff(), 1),
    },
    "PAYMENTS_URL": "https://payments.invalid",
    "PAYMENTS_SECONDS": 5.0,
    "SUPPLIERS": {},
    "SUPPLIER_SECONDS": 2.0,
    "SMTP_HOST": "",
}

POOL = {
    "pool_size": 5,
    "max_overflow": 0,
    "pool_timeout": 3,
    "pool_recycle": 1800,
    "pool_pre_ping": True,
}


def engine_options(uri: str) -> dict[str, Any]:
    """Give what an engine is made with: a pool, unless it is in memory."""
    url = make_url(uri)
    if url.get_backend_name() == "sqlite" and url.database in IN_MEMORY:
        return {"hide_parameters": True}
    return {"hide_parameters": True, **POOL}
