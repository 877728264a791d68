"""Logins with an account at an OpenID provider."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_required
from joserfc import jws
from joserfc.errors import JoseError
from pydantic import EmailStr, TypeAdapter
from requests import RequestException
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from .accounts import begin_session, wanted_path
from .config import ConfigurationError
from .errors import Problem
from .extensions import db
from .models import Identity, User
from .passwords import authenticate, end_links

SETTINGS = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
TIMEOUT = 5

bp = Blueprint("oidc", __name__, url_prefix="/oidc")


def init_app(app: Flask) -> None:
    """Offer logins, where a provider is configured."""
    missing = [name for name in SETTINGS if not app.config.get(name)]
    if len(missing) == len(SETTINGS):
        return
    if missing:
        raise ConfigurationError(f"{', '.join(missing)} is not set")
    if app.config["SESSION_COOKIE_SAMESITE"] == "Strict":
        raise ConfigurationError("SESSION_COOKIE_SAMESITE must be Lax")
    add_client(app)
    app.register_blueprint(bp)


def add_client(app: Flask) -> None:
    """Give an app a client of its own."""
    clients: Any = OAuth(app)
    address = app.config["OIDC_ISSUER"].removesuffix("/")
    clients.register(
        "oidc",
        server_metadata_url=f"{address}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )


def client() -> Any:
    """Give the client of the app at work."""
    clients = current_app.extensions["authlib.integrations.flask_client"]
    return clients.create_client("oidc")


KEPT = 3
LONGEST_PATH = 400


class LoginFailed(Problem):
    """Nobody could be logged in; how, is in the log."""

    code = 400
    type = "https://shop.example/problems/login-failed"
    name = "Login failed"


@bp.post("/login")
def login() -> Response:
    """Send a visitor to the provider, to come back logged in."""
    return begin(linking=None)


def begin(linking: str | None) -> Response:
    """Begin an attempt, and remember what its end will be asked for."""
    with asking_the_provider():
        attempt = client().create_authorization_url(callback_url())
    url = attempt.pop("url")
    path = wanted_path()
    attempt["next"] = path if len(path) <= LONGEST_PATH else "/"
    attempt["linking"] = linking
    remember(attempt)
    return redirect(url, 303)


def callback_url() -> str:
    """Give the address to which the provider sends visitors back."""
    return url_for("oidc.callback", _external=True)


def remember(attempt: dict[str, Any]) -> None:
    """Keep an attempt in the session, and forget the oldest."""
    session["oidc"] = [*session.get("oidc", []), attempt][-KEPT:]


def taken(state: str | None) -> dict[str, Any]:
    """Take the attempt with a state out of the session."""
    kept = {attempt["state"]: attempt for attempt in session.pop("oidc", [])}
    attempt: dict[str, Any] | None = kept.pop(state, None)
    session["oidc"] = list(kept.values())
    if attempt is None:
        raise LoginFailed("This attempt is unknown or over. Begin again.")
    return attempt


@bp.get("/callback")
def callback() -> Response:
    """End an attempt: log in, or link."""
    attempt = taken(request.args.get("state"))
    if "code" not in request.args:
        raise LoginFailed("The provider did not let you in.")
    with asking_the_provider():
        token = client().fetch_access_token(
            callback_url(),
            code=request.args["code"],
            code_verifier=attempt["code_verifier"],
        )
        claims = claims_of(token, attempt["nonce"])
    if attempt["linking"] is None:
        begin_session(account_of(claims))
    else:
        link_to(attempt["linking"], claims)
    return redirect(attempt["next"], 303)


NONSENSE = (RequestException, LookupError, RuntimeError, TypeError, ValueError)


class ProviderUnavailable(Problem):
    """The provider does not answer, or not in its language."""

    code = 503
    type = "https://shop.example/problems/provider-unavailable"
    name = "Provider unavailable"


@contextmanager
def asking_the_provider() -> Iterator[None]:
    """Log what goes wrong at the provider, and answer without it."""
    try:
        yield
    except (OAuthError, JoseError) as error:
        current_app.logger.warning("login refused: %r", error)
        raise LoginFailed("The provider's answer is not accepted.") from error
    except NONSENSE as error:
        current_app.logger.error("provider unavailable: %r", error)
        # what it said of itself and of its keys may be no better
        client().server_metadata.clear()
        raise ProviderUnavailable("Try again later.") from error


def claims_of(token: dict[str, Any], nonce: str) -> dict[str, Any]:
    """Give what the provider says of who has come, to us and just now."""
    given = token.get("id_token")
    if not isinstance(given, str):
        raise OAuthError("no_id_token")
    if jws.extract_compact(given.encode()).headers()["alg"] != "RS256":
        raise OAuthError("wrong_algorithm")
    issuer, client_id = (current_app.config[name] for name in SETTINGS[:2])
    options = {"iss": {"value": issuer}, "aud": {"value": client_id}}
    claims: dict[str, Any] = client().parse_id_token(token, nonce, options)
    if "email" not in claims:
        claims = {**asked_for(token, claims["sub"]), **claims}
    return claims


def asked_for(token: dict[str, Any], subject: str) -> dict[str, Any]:
    """Ask for what an ID token does not hold."""
    found: dict[str, Any] = client().userinfo(token=token)
    if found.get("sub") != subject:
        raise OAuthError("other_subject")
    return found


ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)
SUBJECT = re.compile(r"[ -~]{1,255}")


class AccountConflict(Problem):
    """What was asked for stands against an account there is."""

    code = 409
    type = "https://shop.example/problems/account-conflict"
    name = "Account conflict"


def account_of(claims: dict[str, Any]) -> User:
    """Give the account an identity opens; open one for a new identity."""
    identity = db.session.get(Identity, key_of(claims))
    if identity is None:
        identity = add(claims, User(email=address_of(claims)))
    if not identity.user.is_active:
        raise LoginFailed("The account is closed.")
    return identity.user


def key_of(claims: dict[str, Any]) -> tuple[str, str]:
    """Give what an identity is known by."""
    if not SUBJECT.fullmatch(claims["sub"]):
        raise LoginFailed("The provider's answer is not accepted.")
    return claims["iss"], claims["sub"]


def address_of(claims: dict[str, Any]) -> str:
    """Give the address, if the provider says that it is theirs."""
    try:
        if claims.get("email_verified") is not True:
            # not true in quotes, not 1, and not left out
            raise ValueError
        return ADDRESS.validate_python(claims.get("email"))
    except ValueError as error:
        raise LoginFailed("Verify your address at the provider.") from error


def add(claims: dict[str, Any], user: User) -> Identity:
    """Add an identity, unless it or the address of the user is taken."""
    issuer, subject = key_of(claims)
    identity = Identity(issuer=issuer, subject=subject, user=user)
    try:
        db.session.add(identity)
        db.session.commit()
    except IntegrityError as error:
        raise AccountConflict(
            "There is an account with this address. Log in, then link it."
        ) from error
    return identity


@bp.post("/link")
@login_required
def link() -> Response:
    """Send a customer to the provider, to come back linked."""
    password = request.form.get("password")
    if password is None or not authenticate(current_user.email, password):
        abort(403)
    return begin(linking=current_user.session_token)


def link_to(asked_by: str, claims: dict[str, Any]) -> None:
    """Let an identity open the account of the customer who asked for it."""
    if getattr(current_user, "session_token", None) != asked_by:
        abort(403)
    identity = db.session.get(Identity, key_of(claims))
    if identity is None:
        identity = add(claims, db.session.get_one(User, current_user.id))
    if identity.user_id != current_user.id:
        raise AccountConflict("This identity opens another account.")


@bp.delete("/link")
@login_required
def unlink() -> Response:
    """Let no identity open the customer's account any more."""
    if current_user.password_hash is None:
        raise AccountConflict("Set a password first, or nothing opens it.")
    end_links(current_user.id)
    db.session.commit()
    return Response(status=204)
