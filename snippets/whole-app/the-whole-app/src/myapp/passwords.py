"""Passwords: hashed when they are set, checked when they are given."""

import unicodedata

from flask import current_app
from werkzeug.security import check_password_hash, generate_password_hash

from .extensions import db
from .models import Identity, User

LONGEST = 128


def hash_password(password: str) -> str:
    """Hash a password at the cost that is set."""
    method = current_app.config["PASSWORD_METHOD"]
    return generate_password_hash(in_one_form(password), method)


def authenticate(email: str, password: str) -> User | None:
    """Give the user with this address and password, if there is one."""
    user = find(email)
    stored = user.password_hash if user else None
    given = password[:LONGEST]
    if stored is None:
        # nobody to compare with: the same work, for nothing
        hash_password(given)
        return None
    right = check_password_hash(stored, in_one_form(given))
    if not right or given != password:
        return None
    if not stored.startswith(f"{current_app.config['PASSWORD_METHOD']}$"):
        hash_again(stored, password)
    return user


def find(email: str) -> User | None:
    """Give the active user with an address, whatever was typed for one."""
    if not email.isprintable():
        # no column holds a NUL or half a character
        return None
    wanted = db.select(User).filter_by(email=email.lower(), is_active=True)
    return db.session.scalars(wanted).one_or_none()


def hash_again(stored: str, password: str) -> None:
    """Replace a hash, unless somebody has replaced it meanwhile."""
    fresh = hash_password(password)
    db.session.execute(
        db.update(User)
        .where(User.password_hash == stored)
        .values(password_hash=fresh)
    )
    db.session.commit()


def set_password(user: User, password: str) -> None:
    """Set a password; what another one opened or linked is over."""
    if user.password_hash is not None:
        end_links(user.id)
    user.password_hash = hash_password(password)
    user.end_sessions()
    db.session.commit()


def in_one_form(password: str) -> str:
    """Write a password the one way, on whatever keyboard it was typed."""
    text = unicodedata.normalize("NFKC", password)
    return text.encode(errors="replace").decode()


def end_links(user_id: int) -> None:
    """Let no provider's word open an account any more."""
    links = Identity.user_id == user_id
    db.session.execute(db.delete(Identity).where(links))
