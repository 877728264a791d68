"""Logins without cookies, and the refresh tokens that continue them."""

import secrets
from hashlib import sha256
from typing import Any, Literal, NoReturn

import click
from flask import Blueprint, current_app, g
from pydantic import Field
from sqlalchemy import delete, update

from . import tokens
from .bearer import invalid_token, token_required
from .errors import Problem
from .extensions import db
from .models import TokenFamily, User
from .passwords import LONGEST, authenticate
from .validation import Body

bp = Blueprint("tokens", __name__, url_prefix="/tokens")

LIFETIME = 30 * 24 * 60 * 60
Scope = Literal["orders:read", "orders:write"]
Answer = tuple[dict[str, Any], dict[str, str]]


class Login(Body):
    """Who logs in, and what the tokens may do for him."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=LONGEST)
    scope: list[Scope] = Field(default=["orders:read"], max_length=2)


class Refresh(Body):
    """A refresh token: its family, and a secret."""

    refresh_token: str = Field(
        pattern=r"^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$"
    )


class InvalidGrant(Problem):
    """A password or a refresh token that is not, or no longer, any good."""

    code = 400
    type = "https://shop.example/problems/invalid-grant"
    name = "Invalid grant"


@bp.post("")
def login() -> Answer:
    """Begin a family."""
    given = Login.from_request()
    user = authenticate(given.email, given.password)
    if user is None:
        raise InvalidGrant("Email or password is wrong.")
    secret = secrets.token_urlsafe()
    family = TokenFamily(
        id=secrets.token_urlsafe(16),
        secret_hash=digest(secret),
        user_id=user.id,
        login_hash=digest(user.session_token),
        scope=" ".join(sorted({*given.scope})),
        expires_at=tokens.now() + LIFETIME,
    )
    db.session.add(family)
    return committed(family, secret)


@bp.post("/refresh")
def refresh() -> Answer:
    """Give a new pair of tokens for a refresh token, once."""
    family_id, secret = Refresh.from_request().refresh_token.split(".")
    fresh = secrets.token_urlsafe()
    # one statement compares and replaces: of two at once, one finds no row
    family = db.session.scalar(
        update(TokenFamily)
        .where(
            TokenFamily.id == family_id,
            TokenFamily.secret_hash == digest(secret),
            TokenFamily.expires_at > tokens.now(),
        )
        .values(secret_hash=digest(fresh))
        .returning(TokenFamily)
    )
    if family is None or not still_logged_in(family):
        turn_away(family_id)
    return committed(family, fresh)


@bp.post("/revoke")
def revoke() -> tuple[str, int]:
    """Log out: end the family of a refresh token, if there is one."""
    family_id, _ = Refresh.from_request().refresh_token.split(".")
    end(family_id)
    return "", 204


@bp.get("/owner")
@token_required()
def owner() -> dict[str, str]:
    """Say for whom a token speaks."""
    user = active_user(int(g.access.sub))
    if user is None:
        raise invalid_token()
    return {"email": user.email, "scope": g.access.scope}


@bp.cli.command()
def clear() -> None:
    """Remove the families that have expired."""
    db.session.execute(
        delete(TokenFamily).where(TokenFamily.expires_at <= tokens.now())
    )
    db.session.commit()
    click.echo("Expired logins are removed.")


def still_logged_in(family: TokenFamily) -> bool:
    """Tell whether the login that a family began with still holds."""
    user = active_user(family.user_id)
    if user is None:
        return False
    return digest(user.session_token) == family.login_hash


def active_user(user_id: int) -> User | None:
    """Give a user who may still come in."""
    wanted = db.select(User).filter_by(id=user_id, is_active=True)
    return db.session.scalars(wanted).one_or_none()


def turn_away(family_id: str) -> NoReturn:
    """Refuse a refresh token, and with it the family it is of."""
    end(family_id)
    current_app.logger.warning("refresh refused: family %s", family_id)
    raise InvalidGrant("Log in again.")


def end(family_id: str) -> None:
    """End a family: none of its refresh tokens is any good now."""
    db.session.execute(delete(TokenFamily).where(TokenFamily.id == family_id))
    db.session.commit()


def digest(secret: str) -> str:
    """Give what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


def committed(family: TokenFamily, secret: str) -> Answer:
    """Answer with a pair of tokens, once the family is stored."""
    answer = {
        "access_token": tokens.issue(family.user_id, family.scope),
        "token_type": "Bearer",
        "expires_in": tokens.LIFETIME,
        "refresh_token": f"{family.id}.{secret}",
        "scope": family.scope,
    }
    db.session.commit()
    return answer, {"Cache-Control": "no-store"}
