"""Whose pages may read, and what."""

from typing import NoReturn

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from myapp import create_app

SHOP = "https://www.shop.example"
ALLOWED = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"


def test_a_listed_origin_reads_with_credentials(client: FlaskClient) -> None:
    """The origin comes back by name, never as a star."""
    headers = client.get("/products", headers={"Origin": SHOP}).headers

    assert ([SHOP], ["true"]) == (
        headers.getlist(ALLOWED),
        headers.getlist(CREDENTIALS),
    )


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.test",
        "https://shop.example",
        "https://www.shop.example.evil.test",
        "https://www.shop.example.",
        "https://www.shop.example:8443",
        "http://www.shop.example",
    ],
)
def test_an_origin_that_is_not_listed_reads_nothing(
    client: FlaskClient, origin: str
) -> None:
    """Almost is not enough."""
    headers = client.get("/products", headers={"Origin": origin}).headers

    assert [None, None] == [headers.get(ALLOWED), headers.get(CREDENTIALS)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/orders/1", 404),
        ("GET", "/nowhere", 404),
        ("PUT", "/products", 405),
        ("POST", "/quotes", 415),
        ("GET", "/products?page=0", 422),
        ("GET", "/bug", 500),
    ],
)
def test_errors_can_be_read_too(
    app: Flask, method: str, path: str, status: int
) -> None:
    """A front end learns what is wrong, whoever says so."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/bug")
    def bug() -> NoReturn:
        raise KeyError("hunter2")

    response = app.test_client().open(
        path, method=method, headers={"Origin": SHOP}
    )

    assert status == response.status_code
    assert [SHOP] == response.headers.getlist(ALLOWED)


def test_two_shops_have_two_lists(app: Flask) -> None:
    """What one shop is told, another in the process is not."""
    other = create_app({"CORS_ORIGINS": ["https://other.example"]})

    assert [[SHOP, None], [None, "https://other.example"]] == [
        [
            a.test_client()
            .get("/nowhere", headers={"Origin": origin})
            .headers.get(ALLOWED)
            for origin in (SHOP, "https://other.example")
        ]
        for a in (app, other)
    ]


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": SHOP}, {"Origin": "https://evil.test"}]
)
@pytest.mark.parametrize("path", ["/products", "/nowhere"])
def test_every_answer_varies_by_origin(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    """A cache keeps the answers for different origins apart."""
    response = client.get(path, headers=headers)

    # limits look at the session: by Cookie too
    assert ["Origin, Cookie"] == response.headers.getlist("Vary")


def test_what_varies_otherwise_is_kept(app: Flask) -> None:
    """A view's own words and those of the session stay."""

    @app.get("/visits")
    def visits() -> tuple[str, list[tuple[str, str]]]:
        session["visits"] = 1
        return "", [("Vary", "Accept"), ("Vary", "Accept-Language")]

    response = app.test_client().get("/visits", headers={"Origin": SHOP})

    assert {"Accept", "Accept-Language", "Cookie", "Origin"} == set(
        response.vary
    )
