"""Orders: all of it or nothing, and theirs who ordered."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.routing import Rule

from myapp import access
from myapp.extensions import db
from myapp.models import Customer, Payment, Product, Role

TEA = {"lines": [{"product_id": 1, "quantity": 2}]}
COFFEE = {"lines": [{"product_id": 2, "quantity": 1}]}
LINKS = {1: "/products/1", 2: "/products/2"}


@pytest.fixture(autouse=True)
def stocked(app: Flask) -> None:
    """Let the shop have two products, and a customer on the phone."""
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350, stock=5))
        db.session.add(Product(name="coffee", price_cents=500, stock=1))
        db.session.add(Customer(email="ann@example.com", name="Ann"))
        db.session.commit()


@pytest.fixture(params=["guest", "ada"])
def owner(request: pytest.FixtureRequest, app: Flask) -> FlaskClient:
    """Give a browser that orders, without an account and with one."""
    guest = app.test_client()
    ada: FlaskClient = request.getfixturevalue("ada")
    return ada if request.param == "ada" else guest


def stock(app: Flask) -> list[int | None]:
    """Give how many there are of each product."""
    with app.app_context():
        found = db.select(Product.stock).order_by(Product.id)
        return list(db.session.scalars(found))


def order(client: FlaskClient) -> int:
    """Order two teas; give the number of the order."""
    answer = client.post("/orders", json=TEA)
    assert 201 == answer.status_code
    return int(answer.get_json()["order"])


def numbers(client: FlaskClient, path: str = "/orders") -> list[int]:
    """Give the numbers of the orders that are listed."""
    return [each["order"] for each in client.get(path).get_json()["orders"]]


def test_an_order_is_all_or_nothing(app: Flask, client: FlaskClient) -> None:
    """What one line took is back when another cannot be had."""
    lines = [(1, 3), (2, 2)]
    asked = [{"product_id": p, "quantity": q} for p, q in lines]
    placed = client.post("/orders", json={"lines": asked})

    assert (409, 2) == (placed.status_code, placed.get_json()["product_id"])
    assert ([5, 1], []) == (stock(app), numbers(client))


def test_an_order_is_described(client: FlaskClient) -> None:
    """The same when it is placed, shown and listed."""
    placed = client.post("/orders", json=TEA)

    shown = placed.get_json()
    assert (201, "placed", 700) == (
        placed.status_code,
        shown["status"],
        shown["total_cents"],
    )
    line = {"product": LINKS[1], "quantity": 2, "price_cents": 350}
    assert [line] == shown["lines"]
    listed = {"orders": [shown], "next": None}
    assert listed == client.get("/orders").get_json()
    assert shown == client.get("/orders/1").get_json()


def test_a_list_takes_two_statements(app: Flask, client: FlaskClient) -> None:
    """However many orders are shown, and however many lines they have."""
    for body in (TEA, COFFEE):
        client.post("/orders", json=body)
    statements: list[str] = []
    with app.app_context():
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *args: statements.append(args[2]),
        )

    assert [2, 1] == numbers(client)
    assert 2 == len(statements), statements


def test_a_list_is_read_in_parts(client: FlaskClient) -> None:
    """Each part leads to the next, and the last to none."""
    order(client)
    client.post("/orders/2")
    first = client.get("/orders?limit=1").get_json()
    second = client.get(first["next"]).get_json()

    found = [part["orders"][0]["order"] for part in (first, second)]
    assert ([2, 1], []) == (found, numbers(client, second["next"]))
    for query in ("customer_id=1", "user=1", "all=1", "email=a@b.example"):
        assert 422 == client.get(f"/orders?{query}").status_code


def with_number(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Give endpoint and method of each route with somebody's id in it."""
    for rule in app.url_map.iter_rules():
        # the ids that are nobody's
        if rule.arguments - {"product_id", "filename", "name"}:
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield rule.endpoint, method, rule


def path_of(app: Flask, rule: Rule, number: int) -> str:
    """Put an id into a route."""
    ids: dict[str, Any] = dict.fromkeys(rule.arguments, number)
    with app.test_request_context():
        return url_for(rule.endpoint, **ids)


def test_the_ids_of_others_open_nothing(
    app: Flask, owner: FlaskClient, bob: FlaskClient
) -> None:
    """What is theirs is to others as if it were not, whatever they do."""
    number = order(owner)
    owner.put(f"/confirmations/{number}", json={"email": "a@shop.example"})
    with app.app_context():
        payment = Payment(order_id=number, amount_cents=700)
        db.session.add(payment)
        db.session.commit()
    before = owner.get(f"/orders/{number}").get_json()
    others = bob, app.test_client()

    for endpoint, method, rule in with_number(app):
        decided = getattr(app.view_functions[endpoint], access.MARK)
        for other in others[: 2 if decided == "owners" else 1]:
            foreign, absent = (
                other.open(path_of(app, rule, n), method=method, json=COFFEE)
                for n in (number, 99)
            )
            expected = 404 if decided == "owners" else 403
            assert expected == foreign.status_code, (method, endpoint)
            assert expected == absent.status_code, (method, endpoint)
            assert foreign.data == absent.data
    pay = {"order": number, "card": "tok_1"}
    assert [404, 404] == [
        other.post("/payments", json=pay).status_code for other in others
    ]
    assert before == owner.get(f"/orders/{number}").get_json()
    assert [[number], [], []] == [numbers(c) for c in (owner, *others)]


def test_an_order_may_change_until_it_is_cancelled(
    app: Flask, owner: FlaskClient
) -> None:
    """What is given back can be sold again, and once only."""
    path = f"/orders/{order(owner)}"
    assert [3, 1] == stock(app)
    for method in ("PUT", "PATCH"):
        changed = owner.open(path, method=method, json=COFFEE)
        assert (200, 500) == (
            changed.status_code,
            changed.get_json()["total_cents"],
        )
        assert changed.get_json() == owner.get(path).get_json()
        assert [5, 0] == stock(app)

    assert 204 == owner.delete(path).status_code
    assert "cancelled" == owner.get(path).get_json()["status"]
    again = [owner.delete(path), owner.put(path, json=TEA)]
    assert [409, 409] == [answer.status_code for answer in again]
    assert [5, 1] == stock(app)


def test_what_is_paid_or_about_to_be_stays(
    app: Flask, client: FlaskClient
) -> None:
    """Neither exchanged nor cancelled; and what is cancelled is not paid."""
    number = order(client)
    with app.app_context():
        payment = Payment(order_id=number, claims=number, amount_cents=700)
        db.session.add(payment)
        db.session.commit()
    path = f"/orders/{number}"
    closed = [client.delete(path), client.put(path, json=COFFEE)]

    assert [409, 409] == [answer.status_code for answer in closed]
    assert "placed" == client.get(path).get_json()["status"]
    second = order(client)
    client.delete(f"/orders/{second}")
    pay = client.post("/payments", json={"order": second, "card": "tok_1"})
    assert (409, "Order closed") == (pay.status_code, pay.get_json()["title"])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("who", ["customer_id", "user_id", "guest", "id"])
def test_nobody_gives_an_order_away(
    bob: FlaskClient, ada: FlaskClient, method: str, who: str
) -> None:
    """Whose an order is cannot be set, by its customer either."""
    path = f"/orders/{order(bob)}" if method != "POST" else "/orders"
    answer = bob.open(path, method=method, json=COFFEE | {who: 1})

    assert (422, []) == (answer.status_code, numbers(ada))


def test_an_order_is_for_what_is_sold(app: Flask, bob: FlaskClient) -> None:
    """What is no product is named as the fault, and nothing is lost."""
    path = f"/orders/{order(bob)}"
    body = {"lines": [{"product_id": 3, "quantity": 1}]}
    for method, where in (("POST", "/orders"), ("PUT", path)):
        answer = bob.open(where, method=method, json=body)
        (fault,) = answer.get_json()["errors"]
        assert (422, "unknown_product") == (answer.status_code, fault["code"])
    scarce = {"lines": [{"product_id": 2, "quantity": 2}]}

    assert 409 == bob.put(path, json=scarce).status_code
    total = bob.get(path).get_json()["total_cents"]
    assert ([3, 1], 700) == (stock(app), total)


def test_staff_see_all_and_order_for_who_is_on_the_phone(
    app: Flask,
    ada: FlaskClient,
    bob: FlaskClient,
    grant: Callable[..., None],
) -> None:
    """As staff only: the customer's views stay the customer's."""
    number = order(bob)
    grant(Role.ADMIN)
    called = ada.post("/staff/orders", json=COFFEE | {"customer_id": 1})
    nobody = ada.post("/staff/orders", json=COFFEE | {"customer_id": 2})

    assert (201, 2) == (called.status_code, called.get_json()["order"])
    fault = {"field": "/customer_id", "code": "unknown_customer"}
    assert (422, [fault]) == (nobody.status_code, nobody.get_json()["errors"])
    assert [2, number] == numbers(ada, "/staff/orders")
    assert [2] == numbers(ada, "/staff/orders?email=Ann@example.com")
    assert [] == numbers(ada, "/staff/orders?email=bob@example.com")
    bobs = ada.get(f"/staff/orders/{number}").get_json()
    assert (2, None) == (bobs["user"], bobs["customer"])
    first = ada.get("/staff/orders?limit=1").get_json()
    assert (None, 1) == tuple(
        first["orders"][0][name] for name in ("user", "customer")
    )
    assert [number] == numbers(ada, first["next"])
    assert 404 == ada.get("/staff/orders/99").status_code
    assert 404 == ada.get(f"/orders/{number}").status_code
    assert ([], [number]) == (numbers(ada), numbers(bob))
