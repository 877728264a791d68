"""A decorator of the shop's, on any view."""

from flask import Flask
from flask.testing import FlaskClient

from myapp.storing import no_store


def test_a_decorator_takes_both_kinds_of_view(
    app: Flask, client: FlaskClient
) -> None:
    """What it does, it does to sync and to async views."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/at-once/<word>")
    @no_store
    def at_once(word: str) -> str:
        return word

    @app.get("/in-time/<word>")
    @no_store
    async def in_time(word: str) -> str:
        return word

    answers = [client.get(f"/{path}/tea") for path in ("at-once", "in-time")]

    expected = [("tea", "no-store")] * 2
    assert expected == [
        (answer.text, answer.headers.get("Cache-Control"))
        for answer in answers
    ]
    assert "in_time" == app.view_functions["in_time"].__name__
