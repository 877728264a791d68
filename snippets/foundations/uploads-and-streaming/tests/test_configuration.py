"""Settings are read when a shop is built, and checked."""

import runpy

import pytest
from flask import Flask

from myapp import config, create_app
from myapp.config import ConfigurationError, from_environment

SECRET = "0123456789abcdef0123456789abcdef"


def refusal(environ: dict[str, str]) -> str:
    """Give what is said of an environment that is wrong."""
    with pytest.raises(ConfigurationError) as refused:
        from_environment({"DATABASE_URL": "sqlite://", **environ})
    return str(refused.value)


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A variable set before the factory is called is read by it."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("ORDERS_OPEN", "false")

    found = create_app().config

    assert (SECRET, False) == (found["SECRET_KEY"], found["ORDERS_OPEN"])


def test_importing_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says at import is not what counts."""
    monkeypatch.setenv("ORDERS_OPEN", "false")
    imported_anew = runpy.run_path(config.__file__)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("ORDERS_OPEN", "true")
    app = Flask(__name__)

    imported_anew["load"](app)

    assert (SECRET, True) == (app.secret_key, app.config["ORDERS_OPEN"])


def test_workers_read_each_others_sessions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is known to one worker is known to the next."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    first, second = (create_app().test_client() for _ in range(2))
    with first.session_transaction() as session:
        session["visitor"] = "Ann"
    cookie = first.get_cookie("session")
    assert cookie is not None
    second.set_cookie("session", cookie.value)

    with second.session_transaction() as session:
        assert {"visitor": "Ann"} == dict(session)


def test_a_mapping_replaces_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A test's mapping is all there is, beside the defaults."""
    monkeypatch.setenv("ORDERS_OPEN", "false")

    found = create_app({"SECRET_KEY": "given"}).config

    assert ("given", True) == (found["SECRET_KEY"], found["ORDERS_OPEN"])


def test_an_empty_mapping_is_a_mapping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing handed in is not the same as an empty mapping."""
    monkeypatch.setenv("SECRET_KEY", SECRET)

    assert create_app({}).config["SECRET_KEY"] is None


def test_a_missing_secret_stops_the_start() -> None:
    """Without a secret there is no shop, and the message names it."""
    assert "SECRET_KEY is not set" == refusal({})


@pytest.mark.parametrize("value", ["dev", "x" * 31])
def test_a_short_secret_stops_the_start(value: str) -> None:
    """A secret that can be guessed is none."""
    expected = "SECRET_KEY has fewer than 32 characters"

    assert expected == refusal({"SECRET_KEY": value})


def test_a_secret_just_long_enough_is_taken() -> None:
    """The shortest allowed length is allowed."""
    environ = {"SECRET_KEY": "x" * 32, "DATABASE_URL": "sqlite://"}

    assert "x" * 32 == from_environment(environ)["SECRET_KEY"]


@pytest.mark.parametrize("value", ["", "1", "True", "yes", "off", " true"])
def test_a_switch_is_true_or_false(value: str) -> None:
    """What only looks like a yes or no is refused, not read as one."""
    expected = "ORDERS_OPEN is neither true nor false"

    assert expected == refusal({"SECRET_KEY": SECRET, "ORDERS_OPEN": value})


@pytest.mark.parametrize("variables", [{}, {"ORDERS_OPEN": "true"}])
def test_orders_are_open_unless_closed(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    """The switch is on where nothing is said."""
    for name, value in {"SECRET_KEY": SECRET, **variables}.items():
        monkeypatch.setenv(name, value)

    assert create_app().config["ORDERS_OPEN"] is True


def test_all_that_is_wrong_is_named_at_once() -> None:
    """Two wrong settings take one start to find, not two."""
    expected = "SECRET_KEY is not set, ORDERS_OPEN is neither true nor false"

    assert expected == refusal({"ORDERS_OPEN": "perhaps"})


def test_the_value_is_not_told() -> None:
    """A message ends in a log; a secret must not."""
    assert "hunter2" not in refusal({"SECRET_KEY": "hunter2"})


@pytest.mark.parametrize(("is_open", "status"), [(True, 404), (False, 503)])
def test_a_closed_shop_takes_no_orders(
    app: Flask, is_open: bool, status: int
) -> None:
    """The setting is what the view asks first."""
    app.config["ORDERS_OPEN"] = is_open

    assert status == app.test_client().post("/orders/1").status_code


@pytest.mark.parametrize("address", [{}, {"DATABASE_URL": ""}])
def test_a_shop_needs_a_database(address: dict[str, str]) -> None:
    """Without an address there is no shop, and an empty one is none."""
    with pytest.raises(ConfigurationError, match="^DATABASE_URL is not set$"):
        from_environment({"SECRET_KEY": SECRET, **address})


@pytest.mark.parametrize(
    "value",
    [
        "perhaps",
        "sqlite",
        "postgres://shop:hunter2@db/shop",
        "postgresql://shop:hunter2@db:port/shop",
    ],
)
def test_an_address_nobody_understands_stops_the_start(value: str) -> None:
    """It is refused by name, and the password in it is not told."""
    environ = {"SECRET_KEY": SECRET, "DATABASE_URL": value}
    expected = "DATABASE_URL is no address of a database"

    with pytest.raises(ConfigurationError) as refused:
        from_environment(environ)

    assert (expected, None) == (str(refused.value), refused.value.__cause__)


def test_the_address_of_the_database_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variable every platform sets is the extension's setting."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///other.db")

    found = create_app().config["SQLALCHEMY_DATABASE_URI"]

    assert "sqlite:///other.db" == found
