"""What is counted, and under which names."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp import create_app, metrics


def counted(app: Flask) -> dict[tuple[str, ...], float]:
    """Give the number of requests of each series."""
    return {
        tuple(sample.labels[name] for name in ("method", "route", "status")): (
            sample.value
        )
        for metric in app.extensions["metrics"].collect()
        for sample in metric.samples
        if sample.name == "shop_request_seconds_count"
    }


def test_a_request_is_counted_by_its_route(
    app: Flask, products: None
) -> None:
    """Two products are one route, and a failure is another status."""
    for path in ("/products/1", "/products/2", "/products/3"):
        app.test_client().get(path, buffered=True)

    route = "/products/<int(max=2147483647):product_id>"
    expected = {("GET", route, "200"): 2, ("GET", route, "404"): 1}
    assert expected == counted(app)


def test_a_client_invents_no_series(app: Flask) -> None:
    """Unknown paths and methods, whatever they are called, are one each."""
    client = app.test_client()
    for word in ("a", "b", "a/../b", "%0A", "é"):
        client.get(f"/{word}", buffered=True)
        client.get(f"/?{word}", buffered=True)
        client.open("/products", method=f"HACK{word[:1]}", buffered=True)

    assert {
        ("GET", "unknown", "404"): 10,
        ("unknown", "unknown", "405"): 5,
    } == counted(app)


def test_a_failure_is_counted(app: Flask) -> None:
    """A view that raises has been asked too."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/fail", view_func=lambda: str(1 / 0))
    app.test_client().get("/fail", buffered=True)

    assert {("GET", "/fail", "500"): 1} == counted(app)


@pytest.fixture
def streaming(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Give a client of a shop that streams for 0.4 seconds."""
    now = [1.0]
    monkeypatch.setattr(metrics, "perf_counter", lambda: now[0])

    @app.get("/stream")
    def stream() -> Iterator[str]:
        yield "a"
        now[0] = 1.4
        yield "b"

    return app.test_client()


def test_a_stream_is_timed_to_its_end(
    app: Flask, streaming: FlaskClient
) -> None:
    """The time of a stream is that of all its parts."""
    streaming.get("/stream", buffered=True)

    labels = {"method": "GET", "route": "/stream", "status": "200"}
    name = "shop_request_seconds_sum"
    found = app.extensions["metrics"].get_sample_value(name, labels)
    assert 0.4 == round(found, 6)


def test_a_client_who_leaves_is_counted(
    app: Flask, streaming: FlaskClient
) -> None:
    """Whoever hangs up before the end is one request, and no more."""
    streaming.get("/stream").close()

    assert {("GET", "/stream", "200"): 1} == counted(app)


def test_two_shops_count_apart(app: Flask) -> None:
    """What is asked of one shop is no request of another."""
    other = create_app({})
    app.test_client().get("/products", buffered=True)

    assert [1, 0] == [len(counted(shop)) for shop in (app, other)]
