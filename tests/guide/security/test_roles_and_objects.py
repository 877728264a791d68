"""Attacks on roles and on the ids of others."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import event, make_url

from myapp import access, create_app
from myapp.extensions import db
from myapp.models import Product, Role, User

PROBLEM = "application/problem+json"
METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE")


@pytest.fixture
def hers(products: None, ada: FlaskClient) -> str:
    """Let Ada order tea; give the path of the order."""
    number = ada.post("/orders/1").get_json()["order"]
    return f"/orders/{number}"


@pytest.mark.parametrize(
    "number",
    [
        "0",
        "-1",
        "99",
        str(2**31 - 1),
        str(2**31),
        str(2**63),
        "9" * 5_000,
        "1.0",
        "1e0",
        "0x1",
        "+1",
        "1_0",
        "%31x",
        "1%00",
        "1%20",
        "1'%20OR%201=1--",
        "null",
        "true",
        "*",
        "1,2",
        "1;2",
        "%F0%9F%98%80",
        "%C2%B9",
    ],
)
def test_what_is_no_number_of_ones_own_is_not_found(
    app: Flask, hers: str, bob: FlaskClient, number: str
) -> None:
    """Huge, negative or no number at all: a 404, and never a failure."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for method in METHODS:
        answer = bob.open(
            f"/orders/{number}", method=method, json={"product_id": 1}
        )
        # out of the converter's range, a method may be what is wrong
        allowed = {404, 405} if len(number) > 9 else {404}
        assert answer.status_code in allowed
        assert PROBLEM == answer.content_type


@pytest.mark.parametrize("number", ["1", "01", "%31", "%EF%BC%91", "%D9%A1"])
@pytest.mark.parametrize("body", ["", "{", "null", '{"product_id": 2}'])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_no_spelling_opens_anothers_order(
    hers: str,
    ada: FlaskClient,
    bob: FlaskClient,
    number: str,
    body: str,
    kind: str,
) -> None:
    """However a 1 is written, the owner comes first, and then the body."""
    assert 200 == ada.get(f"/orders/{number}").status_code
    for method in METHODS:
        answer = bob.open(
            f"/orders/{number}", method=method, data=body, content_type=kind
        )
        assert 404 == answer.status_code, (method, answer.status)
    assert "/products/1" == ada.get(hers).get_json()["product"]


@pytest.mark.parametrize(
    "header",
    ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"],
)
def test_a_header_changes_no_method(
    hers: str, ada: FlaskClient, bob: FlaskClient, header: str
) -> None:
    """A POST stays one, and there is none for an order that exists."""
    bob.post(hers, headers={header: "DELETE"})

    assert 200 == ada.get(hers).status_code


@pytest.mark.parametrize("role", ["admin", "ADMIN", "admin support"])
def test_nothing_a_client_says_is_a_role(bob: FlaskClient, role: str) -> None:
    """Neither session, cookie, header nor query makes an admin."""
    with bob.session_transaction() as session:
        session["role"] = role
        session["is_admin"] = True
        session["identity.id"] = 1
    for name in ("role", "roles", "is_admin"):
        bob.set_cookie(name, role)
    headers = {"X-Role": role, "X-User-Id": "1", "X-Forwarded-User": "ada"}
    query = {"role": role, "is_admin": "1", "customer_id": "1"}

    for path in ("/staff/orders", "/staff/orders/1"):
        answer = bob.get(path, headers=headers, query_string=query)
        assert (403, PROBLEM) == (answer.status_code, answer.content_type)


def test_a_refusal_is_the_same_for_what_is_and_is_not(
    hers: str, bob: FlaskClient
) -> None:
    """Who is no admin does not learn from a 403 which orders there are."""
    bodies = {bob.get(f"/staff{path}").data for path in (hers, "/orders/99")}

    assert 1 == len(bodies)
    assert b"admin" not in bodies.pop().lower()


def test_a_person_is_led_to_the_form_and_staff_are_refused(
    client: FlaskClient, bob: FlaskClient
) -> None:
    """A login would help the one, and would not help the other."""
    html = {"Accept": "text/html"}
    stranger = client.get("/staff/orders", headers=html)
    customer = bob.get("/staff/orders", headers=html)

    assert "/accounts/login?next=%2Fstaff%2Forders" == stranger.location
    assert 403 == customer.status_code
    assert customer.location is None


def test_a_disabled_admin_is_a_stranger(
    app: Flask, ada: FlaskClient, user: int, grant: Callable[..., None]
) -> None:
    """A role is worth nothing without its user."""
    grant(Role.ADMIN)
    assert 200 == ada.get("/staff/orders").status_code
    with app.app_context():
        db.session.get_one(User, user).is_active = False
        db.session.commit()

    assert 401 == ada.get("/staff/orders").status_code


def test_a_role_of_yesterday_is_no_role(
    app: Flask, ada: FlaskClient, user: int
) -> None:
    """A row whose role the shop has forgotten opens and breaks nothing."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        row = db.text("INSERT INTO user_role VALUES (:user, 'AUDITOR')")
        db.session.execute(row, {"user": user})
        db.session.commit()

    assert 403 == ada.get("/staff/orders").status_code


def test_a_setting_does_not_turn_the_checks_off(
    app: Flask, client: FlaskClient
) -> None:
    """LOGIN_DISABLED opens what login_required guards, and only that."""
    app.config["LOGIN_DISABLED"] = True

    for path in ("/orders", "/staff/orders", "/accounts/me"):
        assert 401 == client.get(path).status_code


def test_above_the_route_a_check_guards_nothing() -> None:
    """In an app that closes nothing, the wrong order is an open door."""
    shop = Flask(__name__)
    admins_only = access.decision("admin", lambda: abort(403))

    @admins_only
    @shop.get("/above")
    def above() -> str:
        return "open"

    @shop.get("/below")
    @admins_only
    def below() -> str:
        return "closed"

    client = shop.test_client()
    assert "open" == client.get("/above").text
    assert 403 == client.get("/below").status_code


@pytest.fixture
def club(app: Flask) -> None:
    """Add a blueprint that asks before each of its views."""
    bp = Blueprint("club", __name__)
    bp.before_request(access.ask_to_log_in)
    bp.add_url_rule("/club", view_func=lambda: "come in", endpoint="door")
    app.register_blueprint(bp)


def test_a_check_guards_a_whole_blueprint(
    club: None, ada: FlaskClient, client: FlaskClient
) -> None:
    """Before its views a blueprint may ask what a view may."""
    assert 401 == client.get("/club").status_code
    assert "come in" == ada.get("/club").text


def test_two_shops_share_no_decision(
    app: Flask, ada: FlaskClient, grant: Callable[..., None]
) -> None:
    """A second shop in the process decides anew, for its own users."""
    other = create_app({"SECRET_KEY": "only for tests"})
    with other.app_context():
        db.create_all()
    grant(Role.ADMIN)
    cookie = ada.get_cookie("session")
    assert cookie is not None
    guest = other.test_client()
    guest.set_cookie("session", cookie.value)

    assert 200 == ada.get("/staff/orders").status_code
    assert 401 == guest.get("/staff/orders").status_code
    assert other.view_functions["static"] is not app.view_functions["static"]
    with other.app_context():
        db.engine.dispose()


def test_a_deleted_admin_leaves_a_role_to_the_next(
    app: Flask, ada: FlaskClient, user: int, grant: Callable[..., None]
) -> None:
    """SQLite counts on from what is there, so delete the roles as well."""
    grant(Role.ADMIN)
    with app.app_context():
        db.session.delete(db.session.get_one(User, user))
        db.session.commit()
    heir = app.test_client()
    form = {"email": "eve@example.org", "password": "x" * 15}
    assert {"id": user, "email": "eve@example.org"} == heir.post(
        "/accounts", json=form
    ).get_json()
    heir.post("/accounts/login", data=form)
    assert 200 == heir.get("/staff/orders").status_code

    grant()
    heir.post("/accounts/login", data=form)

    assert 403 == heir.get("/staff/orders").status_code
    assert 401 == ada.get("/staff/orders").status_code


def test_everybodys_orders_come_in_order(
    app: Flask, ada: FlaskClient, bob: FlaskClient, grant: Callable[..., None]
) -> None:
    """Staff page through the orders of all."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    for client in (bob, ada, bob):
        client.post("/orders/1")
    grant(Role.SUPPORT)

    def listed(query: str) -> list[Any]:
        found = ada.get(f"/staff/orders{query}").get_json()
        return [(order["order"], order["customer"]) for order in found]

    assert [(1, 2), (2, 1), (3, 2)] == listed("")
    assert [(3, 2)] == listed("?page=2&per_page=2")
    assert 422 == ada.get("/staff/orders?per_page=0").status_code


def test_the_tables_know_whose_a_row_is() -> None:
    """A user's role is one row, and orders and roles name real users."""
    tables = db.metadata.tables
    users, held = tables["user"].c["id"], tables["user_role"]

    assert tables["order"].c["customer_id"].references(users)
    assert held.c["user_id"].references(users)
    assert ["user_id", "role"] == [column.name for column in held.primary_key]
    dialect = make_url("postgresql+psycopg://").get_dialect()()
    assert "VARCHAR(20)" == held.c["role"].type.compile(dialect=dialect)


def test_a_view_says_whom_it_lets_in(app: Flask) -> None:
    """What a view carries is for people to read, too."""
    views = app.view_functions
    found = [vars(views[name])["access"] for name in sorted(views)]

    assert {"public", "customers", "admin or support"} <= set(found)


def test_a_decision_hands_on_what_it_is_given(app: Flask) -> None:
    """A view may be called by another, by position or by name."""

    def view(number: int, name: str) -> str:
        return f"{number} {name}"

    with app.test_request_context():
        assert "1 tea" == access.public(view)(1, name="tea")
    assert "view" == access.nobody(view).__name__


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (0, "greater_than_equal"),
        (1, "ordered"),
        (2**31 - 1, "unknown_product"),
        (2**31, "less_than_equal"),
    ],
)
def test_an_exchange_is_for_what_can_be_a_product(
    hers: str, ada: FlaskClient, wanted: int, code: str
) -> None:
    """The numbers that a column holds, and no others, are looked up."""
    answer = ada.put(hers, json={"product_id": wanted})

    told = answer.get_json()
    errors = told.get("errors", [{"code": "ordered"}])
    assert [code] == [error["code"] for error in errors]


def test_pages_are_cut_from_what_is_in_order(
    app: Flask, hers: str, ada: FlaskClient
) -> None:
    """No database owes an order to who asks for none."""
    asked: list[str] = []

    def note(*call: Any) -> None:
        asked.append(call[2])

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    ada.get("/orders")

    [listing] = [statement for statement in asked if "LIMIT" in statement]
    assert 'ORDER BY "order".id' in listing
