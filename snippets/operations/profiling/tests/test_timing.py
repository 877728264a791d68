"""What is told of a slow request."""

import pytest
from flask import Flask
from flask_sqlalchemy import record_queries

from myapp import timing
from myapp.extensions import db
from myapp.models import Product


class Clock:
    """A clock that stands unless somebody waits."""

    now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    def wait(self, seconds: float) -> float:
        """Let time go by."""
        self.now += seconds
        return seconds


@pytest.fixture
def slow(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Give a shop with a view whose query and code wait."""
    clock = Clock()
    for module in (timing, record_queries):
        monkeypatch.setattr(module, "perf_counter", clock)

    @app.get("/wait/<query>/<code>")
    def wait(query: str, code: str) -> str:
        connection = db.session.connection().connection
        connection.create_function("wait", 1, clock.wait)
        db.session.execute(db.text("SELECT wait(:s)"), {"s": float(query)})
        db.session.execute(db.text("SELECT 1"))
        clock.wait(float(code))
        return ""

    return app


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/wait/2/0.25", "took 2.250 s, 2.000 s of it in 2 queries"),
        ("/wait/0.125/3", "took 3.125 s, 0.125 s of it in 2 queries"),
        ("/wait/0.25/0.25", "took 0.500 s, 0.250 s of it in 2 queries"),
    ],
)
def test_a_slow_query_is_told_from_slow_code(
    slow: Flask, caplog: pytest.LogCaptureFixture, path: str, expected: str
) -> None:
    """The log says which of the two it was."""
    assert 200 == slow.test_client().get(path).status_code

    assert [f"slow: GET /wait/<query>/<code> {expected}"] == caplog.messages


def test_what_is_fast_is_not_told(
    slow: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """Below half a second there is nothing to say."""
    assert 200 == slow.test_client().get("/wait/0.25/0.125").status_code

    assert [] == caplog.messages


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("tee", ["tea"]),
        ("x" * 80, []),
    ],
)
def test_names_like_a_word_are_found(
    app: Flask, wanted: str, expected: list[str]
) -> None:
    """The nearest names, if any are near."""
    with app.app_context():
        db.session.add(Product(name="coffee", price_cents=450))
        db.session.add(Product(name="tea", price_cents=450))
        db.session.commit()
    client = app.test_client()

    assert expected == client.get(f"/products/like/{wanted}").json
    assert 404 == client.get(f"/products/like/{'x' * 81}").status_code
