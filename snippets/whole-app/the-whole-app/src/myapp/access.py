"""Who may do what: each view says so, and each request asks anew."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app
from flask.typing import ResponseReturnValue
from flask_login import current_user

from .extensions import db, login_manager
from .models import Role, UserRole

MARK = "access"
Check = Callable[[], ResponseReturnValue | None]
View = Callable[..., Any]


def decision(who: str, check: Check) -> Callable[[View], View]:
    """Make a decorator that says whom a view lets in, and sees to it."""

    def decide(view: View) -> View:
        if hasattr(view, MARK):
            raise TypeError(f"{view.__name__} has a decision already")

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            refusal = check()
            if refusal is not None:
                return refusal
            return current_app.ensure_sync(view)(*args, **kwargs)

        setattr(guarded, MARK, who)
        return guarded

    return decide


def ask_to_log_in() -> ResponseReturnValue | None:
    """Refuse who has not logged in."""
    if current_user.is_authenticated:
        return None
    return login_manager.unauthorized()


public = decision("public", lambda: None)
customers_only = decision("customers", ask_to_log_in)
nobody = decision("nobody", lambda: abort(403))

ELSEWHERE = {
    public: [
        "static",
        "products.index",
        "products.show",
        "quotes.ask",
        "accounts.login_page",
        "accounts.login",
        "accounts.logout",
        "accounts.register",
        "accounts.reset_password",
    ],
    customers_only: [
        "accounts.me",
        "accounts.change_password",
        "accounts.logout_everywhere",
    ],
}


def init_app(app: Flask) -> None:
    """Decide about views written elsewhere, and close all that is left."""
    views = app.view_functions
    for decide, endpoints in ELSEWHERE.items():
        for endpoint in views.keys() & endpoints:
            views[endpoint] = decide(views[endpoint])
    for endpoint, view in views.items():
        if not hasattr(view, MARK):
            views[endpoint] = nobody(view)


def roles_required(role: Role, *others: Role) -> Callable[[View], View]:
    """Let in who holds one of these roles at this moment."""
    wanted = [Role(name) for name in (role, *others)]

    def check() -> ResponseReturnValue | None:
        refusal = ask_to_log_in()
        if refusal is None and not holds(wanted):
            abort(403)
        return refusal

    return decision(" or ".join(wanted), check)


def holds(roles: list[Role]) -> bool:
    """Ask the database whether the user holds one of these roles."""
    held = db.select(UserRole).filter_by(user_id=current_user.id)
    return db.session.scalar(held.where(UserRole.role.in_(roles))) is not None


# the view itself lets each see what is theirs, and a 404 for the rest
owners = decision("owners", lambda: None)
# the token of the request says who may, and `token_required` asks it
bearers = decision("bearers", lambda: None)
keepers = roles_required(Role.ADMIN)

ELSEWHERE[public] += [
    "cart.show",
    "cart.add",
    "cart.empty",
    "checkout.gift_note",
    "checkout.show",
    "customers.register",
    "health.live",
    "health.ready",
    "health.show",
    "keys.jwks",
    "offers.compare",
    "offers.reserve",
    "oidc.login",
    "oidc.callback",
    "payments.metrics",
    "photos.show",
    "ready.show",
    "tokens.login",
    "tokens.refresh",
    "tokens.revoke",
    "visitors.me",
]
ELSEWHERE[customers_only] += ["oidc.link", "oidc.unlink"]
ELSEWHERE[owners] = [
    "confirmations.ask",
    "confirmations.show",
    "payments.create",
    "payments.show",
]
ELSEWHERE[bearers] = ["tokens.owner"]
ELSEWHERE[keepers] = [
    "exports.products_csv",
    "photos.upload",
    "photos.upload_raw",
]
