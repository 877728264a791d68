"""Access tokens: the shop signs them, its public keys verify them."""

import re
import time
from uuid import uuid4

import jwt
from flask import current_app
from pydantic import BaseModel, ConfigDict, Field

from .keys import key_id, verifying

ALGORITHM = "RS256"
TYPE = "at+jwt"
LIFETIME = 600
LEEWAY = 10
LONGEST = 4096
COMPACT = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")


class Access(BaseModel):
    """What a token says, once it has been verified."""

    model_config = ConfigDict(strict=True)

    sub: str = Field(pattern="^[1-9][0-9]{0,8}$")
    iat: int
    exp: int
    jti: str
    scope: str


def now() -> int:
    """Give the time as tokens do."""
    return int(time.time())


def issue(user_id: int, scope: str) -> str:
    """Sign a token for a user, for some of what he may do."""
    key = current_app.config["TOKEN_KEY"]
    claims = {
        "iss": current_app.config["TOKEN_ISSUER"],
        "aud": current_app.config["TOKEN_AUDIENCE"],
        "sub": str(user_id),
        "iat": now(),
        "exp": now() + LIFETIME,
        "jti": uuid4().hex,
        "scope": scope,
    }
    header = {"typ": TYPE, "kid": key_id(key.public_key())}
    return jwt.encode(claims, key, ALGORITHM, header)


def read(token: str) -> Access:
    """Verify a token, and give what it says."""
    if len(token) > LONGEST or not COMPACT.fullmatch(token):
        raise jwt.InvalidTokenError("of another shape")
    header = jwt.get_unverified_header(token)
    key = verifying().get(str(header.get("kid")))
    if key is None:
        raise jwt.InvalidTokenError("signed with an unknown key")
    claims = jwt.decode(
        token,
        key,
        [ALGORITHM],
        {"strict_aud": True},
        issuer=current_app.config["TOKEN_ISSUER"],
        audience=current_app.config["TOKEN_AUDIENCE"],
        leeway=LEEWAY,
    )
    if header.get("typ") != TYPE:
        raise jwt.InvalidTokenError("of another type")
    return Access.model_validate(claims)
