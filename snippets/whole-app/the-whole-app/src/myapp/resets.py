"""Reset links: signed, for one use and for an hour."""

from hashlib import sha256

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from .extensions import db
from .models import User

LONGEST_USE = 3600


def reset_token(user: User) -> str:
    """Make what the link in a message to the user's address holds."""
    return signer().dumps([user.id, state_of(user)])


def user_of(token: str) -> User | None:
    """Give the user of a token that is good, still and for the first time."""
    try:
        user_id, state = signer().loads(token, max_age=LONGEST_USE)
    except BadData:
        return None
    user = db.session.get(User, user_id)
    if user is None or not user.is_active or state != state_of(user):
        return None
    return user


def signer() -> URLSafeTimedSerializer:
    """Sign for this purpose and no other."""
    secret = current_app.config["SECRET_KEY"]
    return URLSafeTimedSerializer(secret, salt="reset a password")


def state_of(user: User) -> str:
    """Sum up what a reset changes."""
    state = f"{user.password_hash} {user.session_token}"
    return sha256(state.encode()).hexdigest()
