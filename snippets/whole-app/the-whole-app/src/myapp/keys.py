"""The keys of tokens: one signs, it and some more verify."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from flask import Blueprint, Flask, current_app
from jwt.algorithms import RSAAlgorithm

bp = Blueprint("keys", __name__)


def init_app(app: Flask) -> None:
    """Name all keys that verify, and publish them."""
    public = list(app.config["TOKEN_PUBLIC_KEYS"])
    if app.config["TOKEN_KEY"] is not None:
        public.append(app.config["TOKEN_KEY"].public_key())
    app.extensions["token_keys"] = {key_id(key): key for key in public}
    app.register_blueprint(bp)


def verifying() -> dict[str, RSAPublicKey]:
    """Give the keys that verify, by their names."""
    found: dict[str, RSAPublicKey] = current_app.extensions["token_keys"]
    return found


def numbers(key: RSAPublicKey) -> dict[str, str]:
    """Give what makes a public key."""
    found = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {name: found[name] for name in ("e", "kty", "n")}


def key_id(key: RSAPublicKey) -> str:
    """Give the thumbprint of a key."""
    text = json.dumps(numbers(key), separators=(",", ":"))
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode()[:43]


@bp.get("/.well-known/jwks.json")
def jwks() -> tuple[dict[str, Any], dict[str, str]]:
    """Publish the keys that verify, for every other service."""
    found = [
        numbers(key) | {"kid": kid, "use": "sig", "alg": "RS256"}
        for kid, key in verifying().items()
    ]
    return {"keys": found}, {"Cache-Control": "public, max-age=300"}
