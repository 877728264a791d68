"""Who is asking."""

import pytest
from flask import Flask, Response
from werkzeug.security import generate_password_hash

from myapp import create_app
from myapp.clients import client, network
from myapp.extensions import db
from myapp.models import Customer, User


def named(app: Flask, remote: str, *forwarded: str) -> str:
    """Give the name of who asks through an app, from an address."""
    names: list[str] = []
    app.before_request(lambda: names.append(network()))
    app.test_client().get(
        "/health",
        headers=[("X-Forwarded-For", address) for address in forwarded],
        environ_overrides={"REMOTE_ADDR": remote},
    )
    return names[0]


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("192.0.2.7:50001", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_network_has_one_name(
    app: Flask, remote: str, expected: str
) -> None:
    """One client has one name, however his address is written."""
    assert expected == named(app, remote)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-API-Key"])
def test_a_header_opens_no_second_allowance(app: Flask, header: str) -> None:
    """Whatever a client sends, he is counted as the same."""
    names = set()
    for number in range(3):
        headers = {header: f"198.51.100.{number}"}
        with app.test_request_context(headers=headers):
            names.add(client())

    assert 1 == len(names)


def test_customers_of_one_office_are_told_apart(app: Flask) -> None:
    """Who is logged in is counted by that; whom he says he is, is not."""
    secret = generate_password_hash("tea, no milk", "pbkdf2:sha256:1")
    with app.app_context():
        for name in ("ann", "bob"):
            email = f"{name}@example.com"
            db.session.add(User(email=email, password_hash=secret))
        db.session.add(Customer(email="eve@example.com", name="Eve"))
        db.session.commit()
    names: list[str] = []

    @app.after_request
    def note(response: Response) -> Response:
        names.append(client())
        return response

    for name in ("ann", "bob", "eve"):
        sent = {"email": f"{name}@example.com", "password": "tea, no milk"}
        app.test_client().post("/accounts/login", data=sent)

    assert ["customer 1", "customer 2", "127.0.0.1"] == names


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, ["198.51.100.1"], "192.0.2.7"),
        (1, ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        (2, ["6.6.6.6, 198.51.100.1, 10.0.0.1"], "198.51.100.1"),
    ],
)
def test_each_proxy_we_run_is_believed(
    proxies: int, forwarded: list[str], expected: str
) -> None:
    """The address is what our own outermost proxy saw."""
    app = create_app({"SECRET_KEY": "only for tests", "PROXIES": proxies})

    assert expected == named(app, "192.0.2.7", *forwarded)
