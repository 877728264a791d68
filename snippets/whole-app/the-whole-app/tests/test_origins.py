"""The list of origins, and what is not allowed on it."""

import pytest

from myapp import create_app
from myapp.config import ConfigurationError, from_environment

VARIABLES = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "DATABASE_URL": "sqlite://",
}


def listed(value: str) -> object:
    """Give the origins that an environment lists."""
    return from_environment({**VARIABLES, "CORS_ORIGINS": value})[
        "CORS_ORIGINS"
    ]


def allowed(origin: str) -> str | None:
    """Ask a shop, built from the environment, as a page would."""
    response = create_app().test_client().get("/", headers={"Origin": origin})
    return response.headers.get("Access-Control-Allow-Origin")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what a shop cannot start without."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


def test_without_a_list_nobody_is_on_it() -> None:
    """Nothing said does not mean everybody."""
    assert allowed("https://evil.test") is None


def test_origins_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each origin of the list is admitted, and no other."""
    a, b, c = (f"https://{name}.example" for name in "abc")
    monkeypatch.setenv("CORS_ORIGINS", f"{a},{b}")

    assert [a, b, None] == [allowed(origin) for origin in (a, b, c)]


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "null",
        "www.shop.example",
        "https://www.shop.example/",
        "https://Shop.example",
        "https://shop.example:443",
        "http://www.shop.example",
        "http://localhost:5173,",
        "https://*.shop.example",
        r"https://.*\.shop\.example",
        "http://[::1]:3000",
    ],
)
def test_what_is_no_origin_stops_the_start(value: str) -> None:
    """What a browser never sends, or Flask-CORS reads its own way, is told."""
    with pytest.raises(ConfigurationError) as refused:
        listed(value)

    assert "CORS_ORIGINS is no list of origins" == str(refused.value)
