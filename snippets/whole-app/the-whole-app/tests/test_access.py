"""Each route has a decision, and each decision holds."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy.exc import StatementError

from myapp import access, create_app, staff
from myapp.models import Role

PROBLEM = "application/problem+json"
OPEN = {
    "static",
    "accounts.login",
    "accounts.login_page",
    "accounts.logout",
    "accounts.register",
    "accounts.reset_password",
    "cart.add",
    "cart.empty",
    "cart.show",
    "checkout.gift_note",
    "checkout.show",
    "customers.register",
    "health.live",
    "health.ready",
    "health.show",
    "keys.jwks",
    "offers.compare",
    "offers.reserve",
    "oidc.callback",
    "oidc.login",
    "orders.create",
    "orders.create_one",
    "payments.metrics",
    "photos.show",
    "products.index",
    "products.show",
    "quotes.ask",
    "ready.show",
    "tokens.login",
    "tokens.refresh",
    "tokens.revoke",
    "visitors.me",
}


def decisions(app: Flask) -> dict[str, str | None]:
    """Give the decision of each endpoint that has a URL."""
    views = app.view_functions
    found = {rule.endpoint for rule in app.url_map.iter_rules()}
    return {name: getattr(views[name], access.MARK, None) for name in found}


def requests(app: Flask) -> list[tuple[str, str, str | None]]:
    """Give a request for each method of each URL, and who may make it."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            ids: dict[str, Any] = dict.fromkeys(rule.arguments, 1)
            url = url_for(rule.endpoint, **ids)
            for method in (rule.methods or set()) - {"OPTIONS"}:
                found.append((method, url, decisions(app)[rule.endpoint]))
    return found


def test_every_route_has_a_decision(app: Flask) -> None:
    """No view is left to chance, and those open to all are listed."""
    found = decisions(app)

    assert [] == [name for name in found if found[name] in {None, "nobody"}]
    assert OPEN == {name for name in found if found[name] == "public"}


def test_each_decision_is_kept(
    app: Flask, client: FlaskClient, bob: FlaskClient
) -> None:
    """Strangers and customers are refused wherever it says so."""
    for method, url, who in requests(app):
        if who not in {"public", "owners"}:
            answer = client.open(url, method=method)
            found = answer.status_code, answer.content_type
            assert (401, PROBLEM) == found, (method, url)
        if who not in {"public", "owners", "customers", "bearers"}:
            answer = bob.open(url, method=method)
            found = answer.status_code, answer.content_type
            assert (403, PROBLEM) == found, (method, url)


def test_a_forgotten_view_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that says nothing lets in nobody."""
    bp = Blueprint("staff", __name__)
    bp.add_url_rule("/forgotten", view_func=lambda: "open", endpoint="view")
    monkeypatch.setattr(staff, "bp", bp)
    shop = create_app({"SECRET_KEY": "only for tests"})

    answer = shop.test_client().get("/forgotten")

    assert (403, PROBLEM) == (answer.status_code, answer.content_type)
    assert "nobody" == decisions(shop)["staff.view"]
    assert "<lambda>" == shop.view_functions["staff.view"].__name__


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([], [403, 403]),
        ([Role.SUPPORT], [200, 403]),
        ([Role.ADMIN], [200, 200]),
        ([*Role], [200, 200]),
    ],
)
def test_a_role_opens_what_it_is_for(
    products: None,
    ada: FlaskClient,
    bob: FlaskClient,
    grant: Callable[..., None],
    roles: list[Role],
    expected: list[int],
) -> None:
    """It opens that, nothing else, and to nobody else."""
    bob.post("/orders/1")
    grant(*roles)

    def found(client: FlaskClient) -> list[int]:
        paths = ["/staff/orders", "/staff/orders/1"]
        return [client.get(path).status_code for path in paths]

    assert expected == found(ada)
    assert [403, 403] == found(bob)


def test_a_role_taken_away_is_gone_at_once(
    ada: FlaskClient, grant: Callable[..., None]
) -> None:
    """The very next request is refused, in a session that goes on."""
    grant(Role.ADMIN)
    assert 200 == ada.get("/staff/orders").status_code
    grant()

    assert 403 == ada.get("/staff/orders").status_code
    assert 200 == ada.get("/accounts/me").status_code


@pytest.mark.parametrize("name", ["admni", "Admin", "ADMIN", "", None, len])
def test_an_unknown_role_stops_the_start(name: Any) -> None:
    """It is refused where the decorator is written, and so is none."""
    with pytest.raises(ValueError, match="is not a valid Role"):
        access.roles_required(Role.ADMIN, name)
    with pytest.raises(TypeError, match="role"):
        access.roles_required(*[])


def test_an_unknown_role_is_not_stored(grant: Callable[..., None]) -> None:
    """Left to itself, SQLAlchemy's Enum stores any text."""
    with pytest.raises(StatementError, match="admni"):
        grant("admni")


def test_a_decided_view_stays_itself(app: Flask) -> None:
    """It keeps its name, may be async, and is decided about once."""

    @app.get("/hours/<day>")
    @access.public
    async def hours(day: str) -> str:
        """Say when somebody is there."""
        return f"9 to 5 on {day}"

    assert ("hours", "public") == (hours.__name__, decisions(app)["hours"])
    assert "9 to 5 on Monday" == app.test_client().get("/hours/Monday").text
    with pytest.raises(TypeError, match="^hours has a decision already$"):
        access.customers_only(hours)
