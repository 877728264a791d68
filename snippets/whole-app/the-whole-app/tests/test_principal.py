"""Flask-Principal beside the shop's own check, on one route."""

from collections.abc import Callable
from importlib import import_module, metadata
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.extensions import db
from myapp.models import Role, UserRole

flask_login = import_module("flask_login")
principal = import_module("flask_principal")  # neither has types

ADMIN, SUPPORT = (principal.RoleNeed(role) for role in Role)


def guard_with_principal(app: Flask) -> None:
    """Add a route that Flask-Principal guards, and load the roles."""

    def load_roles(sender: Flask, identity: Any) -> None:
        user = flask_login.current_user
        if user.is_authenticated:
            held = db.select(UserRole.role).filter_by(user_id=user.id)
            needs = map(principal.RoleNeed, db.session.scalars(held))
            identity.provides.update(needs)

    principal.Principal(app)
    principal.identity_loaded.connect(load_roles, app, weak=False)
    staff = principal.Permission(ADMIN, SUPPORT).require(403)
    view = flask_login.login_required(staff(lambda: "orders"))
    app.add_url_rule("/principal", "principal", view)


def announce_logins(app: Flask) -> None:
    """Tell Flask-Principal who logs in and out."""

    def log_in(sender: Flask, user: Any) -> None:
        identity = principal.Identity(user.id)
        principal.identity_changed.send(sender, identity=identity)

    def log_out(sender: Flask, user: Any) -> None:
        identity = principal.AnonymousIdentity()
        principal.identity_changed.send(sender, identity=identity)

    flask_login.user_logged_in.connect(log_in, app, weak=False)
    flask_login.user_logged_out.connect(log_out, app, weak=False)


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """Give a shop with the route of Flask-Principal."""
    guard_with_principal(app)
    return app


@pytest.fixture
def announced(guarded: Flask) -> None:
    """Let logins be announced, from before the first."""
    announce_logins(guarded)


def test_both_checks_answer_alike(
    announced: None,
    client: FlaskClient,
    ada: FlaskClient,
    grant: Callable[..., None],
) -> None:
    """Stranger, customer, staff, dismissed, and after the logout."""

    def both(client: FlaskClient) -> list[int]:
        paths = ["/staff/orders", "/principal"]
        return [client.get(path).status_code for path in paths]

    assert [401, 401] == both(client)
    assert [403, 403] == both(ada)
    grant(Role.SUPPORT)
    assert [200, 200] == both(ada)
    grant()
    assert [403, 403] == both(ada)
    ada.post("/accounts/logout")
    assert [401, 401] == both(ada)
    with ada.session_transaction() as session:
        assert session["identity.id"] is None


def test_without_the_signal_even_an_admin_is_refused(
    guarded: Flask, ada: FlaskClient, grant: Callable[..., None]
) -> None:
    """Nobody says who logged in, so no identity and no role is loaded."""
    grant(Role.ADMIN)

    assert 200 == ada.get("/staff/orders").status_code
    assert 403 == ada.get("/principal").status_code


def test_permissions_do_not_read_as_they_are_written() -> None:
    """Nothing asked lets in anybody, & means or, and | takes away."""
    stranger, helper = (principal.Identity(id) for id in (None, 7))
    helper.provides.add(SUPPORT)
    admin, support = map(principal.Permission, (ADMIN, SUPPORT))

    assert principal.Permission().allows(stranger)
    assert (admin & support).allows(helper)
    assert not (admin | support).allows(helper)
    assert (admin | admin).allows(stranger)
    assert "0.4.0" == metadata.version("flask-principal")
