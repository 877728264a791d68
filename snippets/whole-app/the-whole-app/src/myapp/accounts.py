"""Accounts: who may log in, who has, and how that ends."""

import re
import time
from typing import Annotated

from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import (
    current_user,
    login_required,
    login_url,
    login_user,
    logout_user,
)
from pydantic import EmailStr, Field
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from .errors import Problem
from .extensions import db, login_manager
from .models import User
from .passwords import LONGEST, authenticate, hash_password, set_password
from .resets import user_of
from .validation import Body, InvalidRequest

bp = Blueprint("accounts", __name__, url_prefix="/accounts")

CHALLENGE = WWWAuthenticate("cookie", {"realm": "shop"})
LOGIN = re.compile(r"([\w-]{32})\.(\d{10})")
OWN_PATH = re.compile(r"/(?!/)[^\s\\\x00-\x1f\x7f-\x9f]*")


@login_manager.user_loader
def load_user(login: object) -> User | None:
    """Give the user of a login, unless it has ended."""
    parts = LOGIN.fullmatch(str(login))
    longest = current_app.config["REMEMBER_COOKIE_DURATION"]
    if not parts or time.time() - int(parts[2]) > longest.total_seconds():
        return None
    wanted = db.select(User).filter_by(session_token=parts[1], is_active=True)
    return db.session.scalars(wanted).one_or_none()


@login_manager.unauthorized_handler
def ask_to_log_in() -> Response:
    """Show a person where to log in; tell a program that it has not."""
    wants_page = request.accept_mimetypes.best == "text/html"
    if request.method == "GET" and wants_page:
        return redirect(login_url("accounts.login_page", request.url))
    raise Unauthorized(www_authenticate=CHALLENGE)


@bp.get("/login")
def login_page() -> str:
    """Show the form."""
    return render_template("accounts/login.html")


@bp.post("/login")
def login() -> Response:
    """Let in who knows the password of the address."""
    given = request.form
    user = authenticate(given["email"], given["password"])
    if user is None:
        page = render_template("accounts/login.html", failed=True)
        answer = make_response(page, 401)
        answer.www_authenticate = CHALLENGE
        return answer
    begin_session(user, remember="remember" in given)
    return redirect(wanted_path(), 303)


def begin_session(user: User, *, remember: bool = False) -> None:
    """Begin a session that holds nothing of the one before."""
    end_session()
    login_user(user, remember=remember)


def end_session() -> None:
    """Forget this browser's session, and its remember cookie."""
    session.clear()
    logout_user()


def wanted_path() -> str:
    """Give where a visitor wanted to go, if that is in the shop."""
    path = request.args.get("next")
    if path is None or not OWN_PATH.fullmatch(path):
        return url_for("accounts.me")
    return path


@bp.get("/me")
@login_required
def me() -> dict[str, object]:
    """Show customers their account."""
    return {"id": current_user.id, "email": current_user.email}


Password = Annotated[str, Field(min_length=15, max_length=LONGEST)]


class Registration(Body):
    """A new customer."""

    email: Annotated[EmailStr, Field(max_length=254)]
    password: Password


class AddressTaken(Problem):
    """The address has an account."""

    code = 409
    type = "https://shop.example/problems/address-taken"
    name = "Address taken"


@bp.post("")
def register() -> tuple[dict[str, object], int]:
    """Open an account."""
    wanted = Registration.from_request()
    user = User(
        email=wanted.email, password_hash=hash_password(wanted.password)
    )
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError as error:
        raise AddressTaken("Log in, or take another address.") from error
    return {"id": user.id, "email": user.email}, 201


class PasswordChange(Body):
    """The password as it is, and as it shall be."""

    current: str = Field(max_length=LONGEST)
    new: Password


class PasswordReset(Body):
    """What a reset link holds, and the password to be."""

    token: str = Field(max_length=500)
    new: Password


@bp.post("/password")
@login_required
def change_password() -> Response:
    """Set another password, and stay logged in here only."""
    wanted = PasswordChange.from_request()
    user = authenticate(current_user.email, wanted.current)
    if user is None:
        fault = {"field": "/current", "code": "wrong_password"}
        raise InvalidRequest("That is not your password.", errors=[fault])
    set_password(user, wanted.new)
    begin_session(user)
    return Response(status=204)


@bp.post("/reset")
def reset_password() -> Response:
    """Set a password for the holder of a reset link."""
    wanted = PasswordReset.from_request()
    user = user_of(wanted.token)
    if user is None:
        fault = {"field": "/token", "code": "used_or_expired"}
        raise InvalidRequest("Ask for another link.", errors=[fault])
    set_password(user, wanted.new)
    return Response(status=204)


@bp.post("/logout")
def logout() -> Response:
    """Log out in this browser."""
    end_session()
    return redirect(url_for("accounts.login_page"), 303)


@bp.post("/logout-everywhere")
@login_required
def logout_everywhere() -> Response:
    """Log out in every browser, known or not."""
    current_user.end_sessions()
    db.session.commit()
    return logout()
