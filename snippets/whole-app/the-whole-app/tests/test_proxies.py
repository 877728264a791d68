"""What is believed about clients."""

import pytest
from flask import Flask, request
from werkzeug.test import Client

from myapp.config import ConfigurationError, from_environment
from myapp.proxies import believe

GIVEN = {"SECRET_KEY": "x" * 32, "DATABASE_URL": "sqlite://"}


def seen(app: Flask, count: int, headers: dict[str, str]) -> str:
    """Give the address, scheme and name that the shop sees."""
    app.config["PROXIES"] = count

    @app.get("/seen")
    def show() -> str:
        return f"{request.remote_addr} {request.scheme} {request.host}"

    believe(app)
    client = Client(app)
    proxy = {"REMOTE_ADDR": "127.0.0.1"}
    return client.get("/seen", headers=headers, environ_base=proxy).text


@pytest.mark.parametrize(
    ("count", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "6.6.6.6", "127.0.0.1"),
    ],
)
def test_an_address_is_what_the_proxies_saw(
    app: Flask, count: int, forwarded: str, expected: str
) -> None:
    """What a client writes itself is never believed."""
    found = seen(app, count, {"X-Forwarded-For": forwarded})

    assert f"{expected} http localhost" == found


@pytest.mark.parametrize(
    ("count", "scheme"), [(0, "http"), (1, "https"), (2, "https")]
)
def test_only_the_scheme_is_believed(
    app: Flask, count: int, scheme: str
) -> None:
    """A forged name is not, behind any number of proxies."""
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.test"}

    assert f"127.0.0.1 {scheme} localhost" == seen(app, count, forged)


def test_the_environment_counts() -> None:
    """Nothing said is none."""
    said: list[dict[str, str]] = [{}, {"PROXIES": "0"}, {"PROXIES": "2"}]
    found = [from_environment(GIVEN | each)["PROXIES"] for each in said]
    file = {"DRAIN_FILE": "/run/stop"}

    assert [0, 0, 2] == found
    assert "" == from_environment(GIVEN)["DRAIN_FILE"]
    assert "/run/stop" == from_environment(GIVEN | file)["DRAIN_FILE"]


@pytest.mark.parametrize("value", ["", "-1", "all", "1.5", "²", "4"])
def test_what_is_no_number_stops_the_start(value: str) -> None:
    """It is refused by name."""
    with pytest.raises(ConfigurationError, match="^PROXIES is no number from"):
        from_environment(GIVEN | {"PROXIES": value})
