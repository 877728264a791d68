"""News that flow one way."""

from flask import Flask, Response


def test_an_event_stream_is_a_plain_response(app: Flask) -> None:
    """It is text, an event a paragraph, and needs no library."""

    @app.get("/orders/1/events")
    def events() -> Response:
        lines = (f"event: {name}\ndata:\n\n" for name in ("packed", "sent"))
        return Response(lines, mimetype="text/event-stream")

    response = app.test_client().get("/orders/1/events")

    expected = "event: packed\ndata:\n\nevent: sent\ndata:\n\n"
    assert "text/event-stream" == response.mimetype
    assert expected == response.text
