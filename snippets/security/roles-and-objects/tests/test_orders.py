"""Orders belong to who ordered."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from myapp import access
from myapp.models import Role

ADA = 1


@pytest.fixture(autouse=True)
def sold(products: None) -> None:
    """Let there be something to order."""


def with_number(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Give endpoint and method of each route with somebody's id in it."""
    for rule in app.url_map.iter_rules():
        # the ids that are nobody's
        if rule.arguments - {"product_id", "filename"}:
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield rule.endpoint, method, rule


def url(app: Flask, rule: Rule, number: int) -> str:
    """Put an id into a route."""
    ids: dict[str, Any] = dict.fromkeys(rule.arguments, number)
    with app.test_request_context():
        return url_for(rule.endpoint, **ids)


def order(client: FlaskClient) -> int:
    """Order tea; give the number of the order."""
    answer = client.post("/orders/1")
    assert 201 == answer.status_code
    return int(answer.get_json()["order"])


def test_the_ids_of_others_open_nothing(
    app: Flask, ada: FlaskClient, bob: FlaskClient
) -> None:
    """What is Ada's is to Bob as if it were not, whatever he does."""
    number = order(ada)
    before = ada.get(f"/orders/{number}").get_json()

    for endpoint, method, rule in with_number(app):
        foreign, absent = (
            bob.open(url(app, rule, n), method=method, json={"product_id": 2})
            for n in (number, 99)
        )
        decided = getattr(app.view_functions[endpoint], access.MARK)
        expected = 404 if decided == "customers" else 403
        assert expected == foreign.status_code, (method, endpoint)
        assert expected == absent.status_code, (method, endpoint)
        assert foreign.content_type == absent.content_type
        assert foreign.data == absent.data
    assert before == ada.get(f"/orders/{number}").get_json()


def test_ones_own_ids_open(app: Flask, ada: FlaskClient) -> None:
    """The same requests are good when it is one's own order."""
    done = {}
    for endpoint, method, rule in with_number(app):
        if not endpoint.startswith("staff."):
            path = url(app, rule, order(ada))
            answer = ada.open(path, method=method, json={"product_id": 2})
            done[method] = answer.status_code, answer.get_json(silent=True)
            after = ada.get(path).get_json()
            if method in {"PUT", "PATCH"}:
                assert after == done[method][1]
                assert "/products/2" == after["product"]
            elif method == "DELETE":
                assert 404 == after["status"]

    statuses = {method: status for method, (status, _) in done.items()}
    changes = {"PUT": 200, "PATCH": 200, "DELETE": 204}
    assert {"GET": 200, "HEAD": 200} | changes == statuses


def test_lists_hold_ones_own(ada: FlaskClient, bob: FlaskClient) -> None:
    """Each sees their own orders, a page at a time, in order."""
    for client in (ada, bob, ada, ada):
        order(client)

    def listed(client: FlaskClient, query: str = "") -> list[int]:
        found = client.get(f"/orders{query}").get_json()
        return [shown["order"] for shown in found]

    assert [1, 3, 4] == listed(ada)
    assert [2] == listed(bob)
    assert [3] == listed(ada, "?page=2&per_page=1")
    for query in ("customer_id=1", "user=1", "all=1"):
        assert 422 == bob.get(f"/orders?{query}").status_code


def test_an_admin_sees_all_as_staff_only(
    ada: FlaskClient, bob: FlaskClient, grant: Callable[..., None]
) -> None:
    """The customer's views stay the customer's, for an admin too."""
    number = order(bob)
    grant(Role.ADMIN)
    shown = {"order": number, "product": "/products/1", "customer": ADA + 1}

    assert shown == ada.get(f"/staff/orders/{number}").get_json()
    assert [shown] == ada.get("/staff/orders").get_json()
    assert 404 == ada.get("/staff/orders/99").status_code
    assert 404 == ada.get(f"/orders/{number}").status_code
    assert [] == ada.get("/orders").get_json()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "body",
    [
        {"product_id": 2, "customer_id": ADA},
        {"product_id": 2, "customer": {"id": ADA}},
        {"customer_id": ADA},
        {"product_id": 2, "id": 7},
    ],
)
def test_nobody_gives_an_order_away(
    bob: FlaskClient, method: str, body: dict[str, object]
) -> None:
    """Whose an order is cannot be set, by its customer either."""
    path = f"/orders/{order(bob)}"
    answer = bob.open(path, method=method, json=body)

    assert 422 == answer.status_code
    assert "/products/1" == bob.get(path).get_json()["product"]


@pytest.mark.parametrize("product", [0, 2**31, 3, "1"])
def test_an_order_is_exchanged_for_what_is_sold(
    bob: FlaskClient, product: object
) -> None:
    """What is no product is named as the fault."""
    body = {"product_id": product}
    answer = bob.put(f"/orders/{order(bob)}", json=body)

    assert 422 == answer.status_code
    faults = answer.get_json()["errors"]
    assert ["/product_id"] == [fault["field"] for fault in faults]
    unknown = faults[0]["code"] == "unknown_product"
    assert unknown == (product == 3)
    told = answer.get_json()["detail"] == "That product is not sold."
    assert unknown == told


def test_nobody_orders_for_another(ada: FlaskClient, bob: FlaskClient) -> None:
    """An order is for who is logged in, whatever else is said."""
    asked = {"customer_id": ADA, "user_id": ADA}
    bob.post("/orders/1", json=asked, query_string=asked)

    assert [] == ada.get("/orders").get_json()
    assert [1] == [shown["order"] for shown in bob.get("/orders").get_json()]
