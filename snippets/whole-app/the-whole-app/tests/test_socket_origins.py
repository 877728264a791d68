"""Whose pages may open a socket."""

import pytest

from myapp import create_app
from myapp.config import ConfigurationError, from_environment

OWN, SHOP = "http://localhost", "https://www.shop.example"
EVIL = "https://evil.example"
SECRET = "0123456789abcdef0123456789abcdef"
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


def read(origins: str) -> dict[str, object]:
    """Give the settings of an environment with these origins."""
    return from_environment(
        {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": "sqlite://",
            "SOCKET_ORIGINS": origins,
        }
    )


def statuses(origins: str) -> list[int]:
    """Give what pages of the three origins are answered."""
    client = create_app(read(origins)).test_client()
    return [
        client.get(HANDSHAKE, headers={"Origin": origin}).status_code
        for origin in (OWN, SHOP, EVIL)
    ]


def test_a_foreign_page_is_refused() -> None:
    """Without a list, pages of the shop connect and no others."""
    assert [200, 400, 400] == statuses("")


@pytest.mark.parametrize("origins", [SHOP, f"http://localhost:5173, {SHOP}"])
def test_what_is_listed_may_connect(origins: str) -> None:
    """With a list, what is on it connects and nothing else."""
    assert [400, 200, 400] == statuses(origins)


@pytest.mark.parametrize(
    "origins", ["*", "https://*.shop.example", "https://a.example/", ","]
)
def test_what_is_no_origin_stops_the_start(origins: str) -> None:
    """Neither a star nor a pattern gets as far as the server."""
    expected = "^SOCKET_ORIGINS is no list of origins$"

    with pytest.raises(ConfigurationError, match=expected):
        read(origins)
