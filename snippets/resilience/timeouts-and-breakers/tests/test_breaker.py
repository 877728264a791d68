"""What opens the breaker, who shares it, and what it lets through."""

from threading import Thread
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pybreaker import CircuitBreakerError
from redis import Redis

from myapp import create_app
from myapp.breaker import Watch
from myapp.provider import OutageError, Provider, ask, call


def known_to(app: Flask) -> Provider:
    """Give the provider as a shop knows it."""
    found: Provider = app.extensions["payments"]
    return found


def state_after(
    app: Flask, fake: SimpleNamespace, plan: list[int | str]
) -> str:
    """Give the breaker's state after so many answers."""
    fake.plan = list(plan)
    for _ in plan:
        ask(known_to(app), "k")
    return known_to(app).breaker.current_state


@pytest.mark.parametrize("given_redis", [""])
def test_no_redis_has_to_run(redis: Redis, stand_in: str) -> None:
    """Where the environment names none, the tests bring their own."""
    port = redis.get_connection_kwargs()["port"]

    assert f"redis://127.0.0.1:{port}/0" == stand_in


@pytest.mark.parametrize("status", [500, 503])
def test_outages_open_it(
    app: Flask, fake: SimpleNamespace, status: int
) -> None:
    """Five are enough, four are not."""
    assert "closed" == state_after(app, fake, [status] * 4)
    assert "open" == state_after(app, fake, [status])


def test_other_answers_do_not_open_it(
    app: Flask, fake: SimpleNamespace
) -> None:
    """A 4xx is an answer."""
    assert "closed" == state_after(app, fake, [400, 401, 402, 404, 429] * 2)


def test_other_answers_do_not_reset_the_count(
    app: Flask, fake: SimpleNamespace
) -> None:
    """Five outages are five, whatever is answered between them."""
    plan: list[int | str] = [500, 500, 404, 500, 500, 404, 500]

    assert "open" == state_after(app, fake, plan)


def test_failures_are_forgotten_in_time(
    app: Flask,
    fake: SimpleNamespace,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first failure starts the clock; a trial that succeeds ends it."""
    state_after(app, fake, [500, 500])
    assert 0 < int(str(redis.ttl("payments:pybreaker:fail_counter"))) <= 30

    known = known_to(app)
    known.breaker.open()
    monkeypatch.setattr(known.breaker, "reset_timeout", 0)
    assert "closed" == state_after(app, fake, [404])
    assert 0 == known.breaker.fail_counter


def test_two_shops_share_the_state(
    app: Flask, fake: SimpleNamespace, settings: dict[str, object]
) -> None:
    """What one shop suffers, another is spared; each has its own object."""
    other = create_app(settings)
    stranger = create_app({**settings, "REDIS_URL": "redis://127.0.0.1:1"})
    breakers = [known_to(a).breaker for a in (app, other, stranger)]

    state_after(app, fake, [500] * 5)

    assert 3 == len(set(map(id, breakers))), "one breaker for all"
    states = [breaker.current_state for breaker in breakers]
    assert ["open", "open", "closed"] == states
    assert (30, "payments") == (breakers[1].reset_timeout, breakers[1].name)


def test_without_redis_payments_go_on(
    settings: dict[str, object], fake: SimpleNamespace
) -> None:
    """Nothing opens, nothing stops, and the shop starts."""
    app = create_app({**settings, "REDIS_URL": "redis://127.0.0.1:1"})

    assert "closed" == state_after(app, fake, [500] * 6)
    assert "unsent" == ask(known_to(app), "k")
    dead = Watch(Redis.from_url("redis://127.0.0.1:1"), 1.0)
    assert (True, True) == (dead.claim("payments"), dead.claim("payments"))
    assert 7 == len(fake.seen)


def test_calls_run_side_by_side(app: Flask, fake: SimpleNamespace) -> None:
    """Two calls are with the provider at the same time."""
    known = known_to(app)
    known.seconds = known.http.timeout = 10
    fake.plan = ["late", "late"]
    threads = [Thread(target=ask, args=(known, key)) for key in "ab"]
    for thread in threads:
        thread.start()
    together = any(
        2 == len(fake.seen) or fake.answer_now.wait(0.02) for _ in range(100)
    )
    fake.answer_now.set()
    for thread in threads:
        thread.join()

    assert together, "one after the other"


def test_half_open_lets_one_call_through(
    app: Flask,
    fake: SimpleNamespace,
    settings: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While one call is on trial, the others are refused."""
    first, second = known_to(app), known_to(create_app(settings))
    for known in (first, second):
        monkeypatch.setattr(known.breaker, "reset_timeout", 0)
    first.breaker.open()
    fake.plan = ["late"]
    trial = Thread(target=ask, args=(first, "a"))
    trial.start()
    assert any(fake.seen or fake.answer_now.wait(0.02) for _ in range(50))
    refused = False
    try:
        call(second, 0.2, "GET", "/charges/b")
    except CircuitBreakerError:
        refused = True
    fake.answer_now.set()
    trial.join()

    assert (True, ["a"]) == (refused, fake.seen)
    assert "closed" == second.breaker.current_state


def test_a_failed_trial_opens_it_again(
    app: Flask, fake: SimpleNamespace
) -> None:
    """One failure is enough then, and it keeps its own kind."""
    known = known_to(app)
    known.breaker.half_open()
    fake.plan = [500]

    with pytest.raises(OutageError):
        call(known, 1, "GET", "/")
    assert "open" == known.breaker.current_state


def test_one_state_at_a_time_is_shown(app: Flask, client: FlaskClient) -> None:
    """Whatever happened before, one gauge is 1."""
    breaker = known_to(app).breaker
    shown = []
    for change in (breaker.open, breaker.half_open, breaker.close):
        change()
        lines = client.get("/payments/metrics").text.splitlines()
        shown.append([line for line in lines if line.endswith(" 1.0")])

    name = 'payments_breaker{payments_breaker="%s"} 1.0'
    assert [[name % s] for s in ("open", "half-open", "closed")] == shown


def test_the_log_has_names(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """Which breaker, and to what."""
    known_to(app).breaker.open()

    assert ["breaker payments: open"] == caplog.messages
