"""What browsers ask before they send."""

from flask.testing import FlaskClient

SHOP = "https://www.shop.example"
PREFIX = "Access-Control-"


def preflight(client: FlaskClient, **asked: str) -> dict[str, str]:
    """Ask as a browser does; give what is answered on CORS."""
    headers = {f"{PREFIX}Request-{k}": v for k, v in asked.items()}
    response = client.options("/quotes", headers={"Origin": SHOP, **headers})
    return {
        name.removeprefix(PREFIX): value
        for name, value in response.headers
        if name.startswith(PREFIX)
    }


def test_a_preflight_names_what_is_allowed(client: FlaskClient) -> None:
    """A listed origin learns what it may send, and for how long."""
    asked = {"Method": "POST", "Headers": "Authorization, content-type, X-A"}

    assert {
        "Allow-Origin": SHOP,
        "Allow-Credentials": "true",
        "Expose-Headers": "Location, Retry-After",
        "Allow-Methods": "GET, POST",
        "Allow-Headers": "Authorization, content-type",
        "Max-Age": "600",
    } == preflight(client, **asked)


def test_what_is_not_allowed_gets_no_list(client: FlaskClient) -> None:
    """Without a list of methods a browser does not send a DELETE."""
    answer = preflight(client, Method="DELETE", Headers="content-type")

    assert {"Allow-Origin", "Allow-Credentials", "Expose-Headers"} == set(
        answer
    )


def test_an_answer_exposes_headers(client: FlaskClient) -> None:
    """Scripts may read where a thing is, and when to come again."""
    headers = client.get("/products", headers={"Origin": SHOP}).headers

    assert "Location, Retry-After" == headers.get(f"{PREFIX}Expose-Headers")
