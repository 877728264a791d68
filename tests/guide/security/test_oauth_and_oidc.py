"""Logins by a provider: everything a visitor or a provider may send."""

import logging
import socket
from collections.abc import Callable
from threading import Timer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from requests.adapters import HTTPAdapter
from werkzeug.test import TestResponse

from myapp import create_app, oidc
from myapp.extensions import db
from myapp.models import Identity, User
from myapp.passwords import set_password

PROBLEM = "application/problem+json"
FAILED = "https://shop.example/problems/login-failed"
DISCOVERY = "/.well-known/openid-configuration"
PASSWORD = {"password": "correct horse battery staple"}
FAR = 4_000_000_000
FAR_AWAY = ".".join(["d" * 63] * 3 + ["org"])
Visit = Callable[..., str]
Come = Callable[..., TestResponse]
Opens = Callable[[str], int | None]


@pytest.fixture(autouse=True)
def offered(shop: Flask) -> None:
    """Let the shop of every test here offer logins."""


@pytest.fixture
def come(client: FlaskClient, visit: Visit) -> Come:
    """Give what goes to the provider as somebody, and comes back."""

    def come(sub: str = "ada") -> TestResponse:
        return client.get(visit(begin(client), sub=sub))

    return come


@pytest.fixture
def opens(app: Flask, provider: Flask, visit: Visit) -> Opens:
    """Give what tells whose account an identity opens."""
    provider.config["CLAIMS"]["email"] = "ada@work.example"

    def opens(sub: str) -> int | None:
        client = app.test_client()
        client.get(visit(begin(client), sub=sub))
        found: int | None = client.get("/accounts/me").get_json().get("id")
        return found

    return opens


def begin(client: FlaskClient) -> str:
    """Begin an attempt; give where it leads."""
    return str(client.post("/oidc/login").location)


def who(client: FlaskClient) -> Any:
    """Ask the shop who is logged in."""
    return client.get("/accounts/me").get_json().get("email")


def refused(response: TestResponse) -> tuple[int, str]:
    """Give the status and type of a refusal."""
    given = response.get_json(silent=True) or {}
    return response.status_code, str(given.get("type"))


def asked(url: str) -> dict[str, str]:
    """Give what an address asks for."""
    return dict(parse_qsl(urlsplit(url).query))


def bent(url: str, **changes: str | None) -> str:
    """Give an address with other parameters."""
    query = asked(url) | changes
    left = {name: value for name, value in query.items() if value is not None}
    return "/oidc/callback?" + "&".join(f"{n}={v}" for n, v in left.items())


@pytest.mark.parametrize(
    "changes",
    [
        {"state": None},
        {"state": ""},
        {"state": "forged"},
        {"state": "%00"},
        {"state": "a" * 5_000},
        {"code": None},
        {"code": ""},
        {"code": "forged"},
        {"code": "%00%ff"},
        {"code": "a" * 5_000},
        {"code": None, "error": "server_error"},
        {"code": None, "error": "%0d%0aSet-Cookie:a=b"},
    ],
)
def test_whatever_comes_back_is_a_400(
    changes: dict[str, str | None], client: FlaskClient, visit: Visit
) -> None:
    """An address anybody can write lets nobody in and breaks nothing."""
    back = visit(begin(client), sub="ada")

    ended = client.get(bent(back, **changes))
    assert (400, FAILED) == refused(ended)
    assert PROBLEM == ended.content_type
    assert None is who(client)


def test_without_the_cookie_there_is_no_way_back(
    app: Flask, client: FlaskClient, visit: Visit
) -> None:
    """Another browser, as with Strict or another host, ends nothing."""
    back = visit(begin(client), sub="ada")
    other = app.test_client()

    assert (400, FAILED) == refused(other.get(back))
    assert 303 == client.get(back).status_code


def test_nobody_is_logged_in_as_the_attacker(
    app: Flask, client: FlaskClient, visit: Visit
) -> None:
    """The end of an attacker's attempt, opened by a victim, is refused."""
    trap = visit(begin(app.test_client()), sub="mallory")
    begin(client)

    assert (400, FAILED) == refused(client.get(trap))
    assert None is who(client)


def test_a_second_tab_changes_nothing(
    client: FlaskClient, visit: Visit
) -> None:
    """The first to come back is logged in, the other is too late."""
    first, second = begin(client), begin(client)
    client.get(visit(first, sub="ada"))

    assert (400, FAILED) == refused(client.get(visit(second, sub="bob")))
    assert "ada@example.org" == who(client)


def test_the_second_tab_may_be_the_first(
    client: FlaskClient, visit: Visit
) -> None:
    """Attempts may end in another order than they began."""
    first, second = begin(client), begin(client)

    assert 303 == client.get(visit(second, sub="ada")).status_code
    assert (400, FAILED) == refused(client.get(visit(first, sub="ada")))


def test_a_reload_of_the_end_changes_nothing(
    client: FlaskClient, visit: Visit
) -> None:
    """Who reloads stays who they are."""
    back = visit(begin(client), sub="ada")
    client.get(back)

    assert (400, FAILED) == refused(client.get(back))
    assert "ada@example.org" == who(client)


def test_a_code_is_good_once(client: FlaskClient, visit: Visit) -> None:
    """Who brings back an old cookie still meets the provider."""
    back = visit(begin(client), sub="ada")
    before = client.get_cookie("session")
    client.get(back)
    client.post("/accounts/logout")
    assert before is not None
    client.set_cookie("session", before.value)

    assert (400, FAILED) == refused(client.get(back))
    assert None is who(client)


def test_an_attempt_tried_in_vain_leaves_the_others(
    client: FlaskClient, visit: Visit
) -> None:
    """A forged state takes no attempt away."""
    back = visit(begin(client), sub="ada")
    client.get("/oidc/callback?state=forged&code=1")

    assert 303 == client.get(back).status_code


def test_a_login_is_a_new_session(client: FlaskClient, come: Come) -> None:
    """Nothing a stranger put into the browser is there afterwards."""
    with client.session_transaction() as session:
        session["planted"] = "by a stranger"
    come()

    with client.session_transaction() as session:
        assert not {"planted", "oidc"} & set(session)


def test_a_login_begins_with_a_post(client: FlaskClient) -> None:
    """No picture and no link begins an attempt."""
    assert 405 == client.get("/oidc/login").status_code
    assert 405 == client.get("/oidc/link").status_code


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/" + "a" * 399, "/" + "a" * 399),
        ("/" + "a" * 400, "/"),
        ("http:evil.example", "/accounts/me"),
        ("/\\evil.example", "/accounts/me"),
    ],
)
def test_where_to_go_next_is_checked(
    path: str, expected: str, client: FlaskClient, visit: Visit
) -> None:
    """No other site, and nothing that would not fit the cookie."""
    begun = client.post("/oidc/login", query_string={"next": path})

    assert expected == client.get(visit(begun.location, sub="a")).location


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": ["another"], "azp": "shop"},
        {"aud": ["shop", "another"], "azp": "another"},
        {"aud": ["shop", "another"]},
        {"aud": []},
        {"aud": None},
        {"aud": {"shop": 1}},
        {"iss": "http://localhost:1"},
        {"iss": ""},
        {"iss": None},
        {"iss": ["a"]},
        {"nonce": "of another attempt"},
        {"nonce": ""},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"exp": str(FAR)},
        {"exp": True},
        {"iat": FAR},
        {"nbf": FAR},
        {"at_hash": "of another access token"},
        {"azp": "another"},
        {"sub": None},
        {"sub": ""},
        {"sub": 1},
        {"sub": "a\x00"},
        {"sub": "a\n"},
        {"sub": "ä"},
        {"sub": "a" * 256},
    ],
)
def test_no_bent_claim_lets_anybody_in(
    claims: dict[str, Any], client: FlaskClient, provider: Flask, come: Come
) -> None:
    """The signature is right each time, and what it signs is not."""
    provider.config["CLAIMS"].update(claims)

    assert (400, FAILED) == refused(come())
    assert None is who(client)


@pytest.mark.parametrize("sub", ["a", "a" * 255, " ", "a b", "'; --"])
def test_any_subject_of_ascii_is_a_subject(
    sub: str, app: Flask, come: Come
) -> None:
    """Up to 255 characters, and kept as it is."""
    assert 303 == come(sub).status_code
    with app.app_context():
        assert sub == db.session.scalars(db.select(Identity.subject)).one()


def test_case_of_a_subject_matters(app: Flask, come: Come) -> None:
    """Ada and ada may be two people at a provider."""
    come("ada")

    assert 409 == come("Ada").status_code


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "token",
    [
        {},
        {"id_token": None},
        {"id_token": 1},
        {"id_token": ""},
        {"id_token": "a"},
        {"id_token": "a.b.c"},
        {"id_token": "e30.e30."},
        {"id_token": "eyJhbGciOiJub25lIn0.e30."},
        {"id_token": "eyJhbGciOiJSUzI1NiJ9.e30.AA"},
        {"id_token": "\u20ac.\u20ac.\u20ac"},
        {"id_token": ["a"]},
        {"error": "invalid_grant"},
        {"error": None},
        {"error": {"a": 1}},
    ],
)
def test_no_bent_token_lets_anybody_in(
    token: dict[str, Any], provider: Flask, come: Come
) -> None:
    """What is no ID token is refused and not a bug."""
    bearer = {"access_token": "a", "token_type": "Bearer"}
    provider.config["ANSWERS"]["/token"] = bearer | token

    assert (400, FAILED) == refused(come())


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"sub": None},
        {"sub": "ADA"},
        {"sub": ["ada"]},
        {"sub": "ada", "iss": "evil", "email": None},
    ],
)
def test_no_bent_userinfo_lets_anybody_in(
    found: dict[str, Any], provider: Flask, come: Come
) -> None:
    """It adds to the ID token, for the same subject, or is refused."""
    address = provider.config["CLAIMS"]
    provider.config["CLAIMS"] = {}
    provider.config["ANSWERS"]["/userinfo"] = address | found

    assert (400, FAILED) == refused(come())


def test_userinfo_overrules_nothing(
    app: Flask, provider: Flask, come: Come
) -> None:
    """What the ID token says stands, for that is signed."""
    address = provider.config["CLAIMS"]
    provider.config["CLAIMS"] = {}
    found = {"sub": "ada", "iss": "https://evil.example", **address}
    provider.config["ANSWERS"]["/userinfo"] = found
    come()

    with app.app_context():
        issuer = db.session.scalars(db.select(Identity.issuer)).one()
    assert app.config["OIDC_ISSUER"] == issuer


def test_a_new_key_is_fetched(provider: Flask, come: Come) -> None:
    """A provider may change its keys while the shop runs."""
    come()
    provider.config["KEY"] = RSAKey.generate_key(2048, {"kid": "second"})

    assert 303 == come().status_code


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "Ada@Example.ORG"}, 303),
        ({"email": "a" * 60 + "@example.org"}, 303),
        ({"email_verified": False}, 400),
        ({"email_verified": None}, 400),
        ({"email_verified": "false"}, 400),
        ({"email_verified": 1}, 400),
        ({"email_verified": "true"}, 400),
        ({"email_verified": ["true"]}, 400),
        ({"email": None}, 400),
        ({"email": ""}, 400),
        ({"email": "ada"}, 400),
        ({"email": "ada@example.org\x00"}, 400),
        ({"email": "ada@example.org\nbcc: eve@example.org"}, 400),
        ({"email": ["ada@example.org"]}, 400),
        ({"email": f"{'a' * 58}@{FAR_AWAY}"}, 303),
        ({"email": f"{'a' * 59}@{FAR_AWAY}"}, 400),
    ],
)
def test_an_address_is_one(
    claims: dict[str, Any],
    status: int,
    app: Flask,
    provider: Flask,
    come: Come,
) -> None:
    """An account is opened for an address, and for nothing else."""
    provider.config["CLAIMS"].update(claims)

    assert status == come().status_code
    with app.app_context():
        emails = list(db.session.scalars(db.select(User.email)))
    assert [e.lower() for e in emails] == emails
    assert (status == 303) == bool(emails)


def test_another_spelling_of_an_address_is_the_same(
    client: FlaskClient, user: int, provider: Flask, come: Come
) -> None:
    """ADA@example.org gets no second account."""
    provider.config["CLAIMS"]["email"] = "ADA@EXAMPLE.ORG"

    assert 409 == come("mallory").status_code
    assert None is who(client)


def test_an_address_from_a_provider_is_taken(app: Flask, come: Come) -> None:
    """Nobody registers a password for an account the provider opens."""
    come()
    wanted = {"email": "ada@example.org", "password": "mallory was here!"}
    client = app.test_client()
    form = {"email": "ada@example.org", "password": ""}

    assert 409 == client.post("/accounts", json=wanted).status_code
    assert 401 == client.post("/accounts/login", data=form).status_code


@pytest.mark.parametrize("answer", ["[]", "1", "null", '"a"', "[" * 9_000])
@pytest.mark.parametrize("path", ["/token", "/userinfo", "/jwks"])
def test_nonsense_of_the_provider_is_a_refusal(
    path: str, answer: str, client: FlaskClient, provider: Flask, come: Come
) -> None:
    """JSON that is not what it should be."""
    provider.config["CLAIMS"] = {}
    provider.config["ANSWERS"][path] = answer

    assert come().status_code in {400, 503}


def arrive(client: FlaskClient, visit: Visit) -> TestResponse:
    """Go as far as the provider lets a customer go."""
    begun = client.post("/oidc/login")
    if not begun.location:
        return begun
    return client.get(visit(begun.location, sub="ada"))


@pytest.mark.parametrize(
    "left_out",
    [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
    ],
)
def test_half_a_discovery_is_a_503(
    left_out: str, client: FlaskClient, provider: Flask, visit: Visit
) -> None:
    """A provider that does not say where to ask is asked anew, later."""
    found = provider.test_client().get(DISCOVERY).get_json()
    del found[left_out]
    address, provider.config["CLAIMS"] = provider.config["CLAIMS"], {}
    provider.config["ANSWERS"][DISCOVERY] = found
    ended = [arrive(client, visit)]
    provider.config["ANSWERS"].clear()
    provider.config["CLAIMS"] = address
    ended.append(arrive(client, visit))

    assert [503, 303] == [response.status_code for response in ended]


def test_nothing_of_a_failure_is_shown(
    caplog: pytest.LogCaptureFixture, provider: Flask, come: Come
) -> None:
    """What went wrong is in the log, once, and not in the answer."""
    provider.config["ANSWERS"]["/token"] = {
        "error": "invalid_client",
        "error_description": "hunter2",
    }
    ended = come()

    records = [r for r in caplog.records if r.name == "myapp"]
    assert [(logging.WARNING, "login refused: %r")] == [
        (r.levelno, r.msg) for r in records
    ]
    assert "invalid_client" in caplog.text
    assert "hunter2" not in ended.text


def test_a_silent_provider_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A provider that takes the call and says nothing is a 503."""
    monkeypatch.setattr(oidc, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        app = create_app(
            {
                "SECRET_KEY": "k",
                "TESTING": True,
                "OIDC_ISSUER": f"http://127.0.0.1:{port}",
                "OIDC_CLIENT_ID": "shop",
                "OIDC_CLIENT_SECRET": "secret",
            }
        )
        # who waits without a bound gets another failure in the end
        rescue = Timer(5, silent.close)
        rescue.start()
        ended = app.test_client().post("/oidc/login")
        rescue.cancel()

    assert 503 == ended.status_code
    assert "ReadTimeout" in caplog.text
    records = [r for r in caplog.records if r.name == "myapp"]
    assert [(logging.ERROR, "provider unavailable: %r")] == [
        (r.levelno, r.msg) for r in records
    ]


def test_a_provider_that_is_gone_is_a_503(
    app: Flask, client: FlaskClient, provider: Flask
) -> None:
    """Nobody listens: an answer at once, and the next try may succeed."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    other = create_app(
        {
            "SECRET_KEY": "k",
            "TESTING": True,
            "OIDC_ISSUER": f"http://127.0.0.1:{port}",
            "OIDC_CLIENT_ID": "shop",
            "OIDC_CLIENT_SECRET": "secret",
        }
    )
    provider.config["ANSWERS"][DISCOVERY] = "", 500
    first = client.post("/oidc/login").status_code
    provider.config["ANSWERS"].clear()

    assert 503 == other.test_client().post("/oidc/login").status_code
    assert [503, 303] == [first, client.post("/oidc/login").status_code]


def test_a_link_ends_where_it_began(
    app: Flask, ada: FlaskClient, visit: Visit
) -> None:
    """Who is logged out by then, or another by then, gets no link."""
    begun, again = (ada.post("/oidc/link", data=PASSWORD) for _ in range(2))
    with app.app_context():
        bob = User(email="bob@example.org")
        db.session.add(bob)
        db.session.commit()
        login = bob.get_id()
    with ada.session_transaction() as session:
        session["_user_id"] = login
    other = ada.get(visit(begun.location, sub="x"))
    with ada.session_transaction() as session:
        del session["_user_id"]
    nobody = ada.get(visit(again.location, sub="x"))

    assert [403, 403] == [other.status_code, nobody.status_code]
    with app.app_context():
        assert [] == list(db.session.scalars(db.select(Identity)))


def test_a_login_links_nothing(
    app: Flask, ada: FlaskClient, visit: Visit
) -> None:
    """Who is logged in and ends a login has not asked to link."""
    assert 409 == ada.get(visit(begin(ada), sub="mallory")).status_code
    with app.app_context():
        assert [] == list(db.session.scalars(db.select(Identity)))


def test_an_unlinked_identity_leaves_those_of_others(
    app: Flask, ada: FlaskClient, provider: Flask, visit: Visit
) -> None:
    """Unlinking is about one's own account."""
    provider.config["CLAIMS"]["email"] = "bob@example.org"
    bob = app.test_client()
    bob.get(visit(begin(bob), sub="bob"))

    assert 204 == ada.delete("/oidc/link").status_code
    with app.app_context():
        subjects = list(db.session.scalars(db.select(Identity.subject)))
    assert ["bob"] == subjects


def test_identities_of_two_issuers_are_two(
    app: Flask, client: FlaskClient, user: int, come: Come
) -> None:
    """The subject of one provider means nothing at another."""
    with app.app_context():
        theirs = Identity(
            issuer="https://evil.example", subject="ada", user_id=user
        )
        db.session.add(theirs)
        db.session.commit()

    assert 409 == come("ada").status_code
    assert None is who(client)


def test_every_view_but_two_asks_for_a_login(
    app: Flask, client: FlaskClient
) -> None:
    """Open to strangers are the beginning and the end of a login."""
    codes = {
        f"{method} {path}": client.open(path, method=method).status_code
        for method, path in (
            ("POST", "/oidc/login"),
            ("POST", "/oidc/link"),
            ("DELETE", "/oidc/link"),
            ("GET", "/oidc/callback"),
        )
    }
    rules = [r for r in app.url_map.iter_rules() if "oidc." in r.endpoint]

    assert [303, 401, 401, 400] == list(codes.values())
    assert len(codes) == len(rules)


def test_a_code_is_good_for_who_began(
    app: Flask, client: FlaskClient, visit: Visit
) -> None:
    """A stolen code is nothing without the verifier of its attempt."""
    stolen = visit(app.test_client().post("/oidc/login").location, sub="ada")
    mine = asked(client.post("/oidc/login").location)["state"]
    bent = {"code": asked(stolen)["code"], "state": mine}

    ended = client.get("/oidc/callback", query_string=bent)
    assert (400, None) == (ended.status_code, who(client))


def test_a_forged_host_gets_no_code(client: FlaskClient, visit: Visit) -> None:
    """The provider sends nobody to an address it does not know."""
    begun = client.post("/oidc/login", base_url="http://evil.example")

    assert (
        "http://evil.example/oidc/callback"
        == asked(begun.location)["redirect_uri"]
    )
    assert "None" == visit(begun.location, sub="ada")


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("algorithm", ["none", "RS512", "RS256"])
def test_an_id_token_somebody_else_signed_lets_nobody_in(
    algorithm: str, provider: Flask, come: Come
) -> None:
    """No key, an algorithm we did not ask for, and a key we do not know."""
    if algorithm == "RS256":
        honest = provider.test_client().get("/jwks").get_json()
        other = RSAKey.generate_key(2048, {"kid": "first"})
        provider.config.update(KEY=other, ANSWERS={"/jwks": honest})
    provider.config["ALGORITHM"] = algorithm

    assert 400 == come().status_code


def test_userinfo_of_somebody_else_is_refused(
    client: FlaskClient, provider: Flask, come: Come
) -> None:
    """What an ID token leaves out is asked for, and must be of the same."""
    claims, provider.config["CLAIMS"] = provider.config["CLAIMS"], {}
    provider.config["ANSWERS"]["/userinfo"] = {"sub": "ada", **claims}

    assert 400 == come("mallory").status_code
    assert 303 == come("ada").status_code
    assert "ada@example.org" == who(client)


@pytest.mark.parametrize("answer", [("", 503), ("[", 200), ("[]", 200)])
@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/jwks"])
def test_a_provider_that_fails_is_a_503(
    path: str,
    answer: tuple[str, int],
    client: FlaskClient,
    provider: Flask,
    visit: Visit,
) -> None:
    """Before visitors leave, or when they are back; and then all is well."""
    provider.config["ANSWERS"][path] = answer
    ended = client.post("/oidc/login")
    if path != DISCOVERY:
        ended = client.get(visit(ended.location, sub="ada"))
    provider.config["ANSWERS"].clear()
    begun = client.post("/oidc/login")

    assert 503 == ended.status_code
    assert "application/problem+json" == ended.content_type
    assert 303 == client.get(visit(begun.location, sub="ada")).status_code


def test_no_request_waits_for_ever(
    monkeypatch: pytest.MonkeyPatch,
    provider: Flask,
    come: Come,
) -> None:
    """Discovery, token, keys and userinfo: each has a bound."""
    bounds = []
    sent = HTTPAdapter.send

    def send(self: HTTPAdapter, *args: Any, **options: Any) -> Any:
        bounds.append(options["timeout"])
        return sent(self, *args, **options)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    claims, provider.config["CLAIMS"] = provider.config["CLAIMS"], {}
    provider.config["ANSWERS"]["/userinfo"] = {"sub": "ada", **claims}
    come()

    assert [5, 5, 5, 5] == bounds


def test_an_address_may_change(
    client: FlaskClient, provider: Flask, come: Come
) -> None:
    """An identity opens its account whatever its address is by now."""
    come()
    provider.config["CLAIMS"].update(email="a@b.example", email_verified=None)

    assert 303 == come().status_code
    assert "ada@example.org" == who(client)


def test_an_identity_opens_one_account(
    ada: FlaskClient, visit: Visit, opens: Opens
) -> None:
    """What opens another's account already is not taken from there."""
    bob = opens("bob")
    begun = ada.post("/oidc/link", data=PASSWORD)

    assert 409 == ada.get(visit(begun.location, sub="bob")).status_code
    assert bob == opens("bob")


def test_a_first_password_ends_no_link(app: Flask, opens: Opens) -> None:
    """Nobody knew a password that there was not."""
    before = opens("ada")
    with app.app_context():
        user = db.session.scalars(db.select(User)).one()
        set_password(user, PASSWORD["password"])

    assert before == opens("ada")


def test_the_last_way_in_is_left(
    client: FlaskClient, visit: Visit, opens: Opens
) -> None:
    """Without a password, what opens the account cannot be unlinked."""
    client.get(visit(client.post("/oidc/login").location, sub="ada"))

    assert 409 == client.delete("/oidc/link").status_code
    assert None is not opens("ada")


def test_a_closed_account_stays_closed(app: Flask, opens: Opens) -> None:
    """The provider's word does not open what the shop has closed."""
    opens("ada")
    with app.app_context():
        db.session.scalars(db.select(User)).one().is_active = False
        db.session.commit()

    assert None is opens("ada")


def detail(response: TestResponse, code: int, name: str) -> str:
    """Give the words of a refusal whose other members are these."""
    members: dict[str, Any] = response.get_json(silent=True) or {}
    words = members.pop("detail", "")
    path = name.lower().replace(" ", "-")
    assert {
        "type": f"https://shop.example/problems/{path}",
        "title": name,
        "status": code,
    } == members
    return str(words)


def test_each_refusal_says_what_to_do(
    app: Flask, client: FlaskClient, provider: Flask, visit: Visit, come: Come
) -> None:
    """What a visitor reads, and a program acts on."""
    unknown = client.get("/oidc/callback")
    cancelled = client.get(visit(begin(client)))
    provider.config["CLAIMS"]["nonce"] = "of another attempt"
    forged = come()
    provider.config["CLAIMS"] = {"email": "ada@example.org"}
    unverified = come()
    provider.config["CLAIMS"]["sub"] = ""
    nobody = come()
    provider.config["CLAIMS"] = {
        "email": "ada@example.org",
        "email_verified": True,
    }
    assert 303 == come().status_code
    with app.app_context():
        db.session.scalars(db.select(User)).one().is_active = False
        db.session.commit()
    closed = come()

    name = "Login failed"
    assert [
        "This attempt is unknown or over. Begin again.",
        "The provider did not let you in.",
        "The provider's answer is not accepted.",
        "Verify your address at the provider.",
        "The provider's answer is not accepted.",
        "The account is closed.",
    ] == [
        detail(response, 400, name)
        for response in (
            unknown,
            cancelled,
            forged,
            unverified,
            nobody,
            closed,
        )
    ]


def test_each_conflict_says_what_to_do(
    ada: FlaskClient,
    client: FlaskClient,
    provider: Flask,
    visit: Visit,
    come: Come,
) -> None:
    """The address is taken, the identity is, or nothing would be left."""
    taken = come("mallory")
    provider.config["CLAIMS"]["email"] = "bob@example.org"
    come("bob")
    begun = ada.post("/oidc/link", data=PASSWORD)
    other = ada.get(visit(begun.location, sub="bob"))
    last = client.delete("/oidc/link")

    assert [
        "There is an account with this address. Log in, then link it.",
        "This identity opens another account.",
        "Set a password first, or nothing opens it.",
    ] == [detail(r, 409, "Account conflict") for r in (taken, other, last)]


def test_a_provider_that_fails_says_try_again(
    client: FlaskClient, provider: Flask
) -> None:
    """The visitor is told that it was not them."""
    provider.config["ANSWERS"][DISCOVERY] = "", 500
    ended = client.post("/oidc/login")

    assert "Try again later." == detail(ended, 503, "Provider unavailable")


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_each_refusal_has_its_reason_in_the_log(
    caplog: pytest.LogCaptureFixture, provider: Flask, come: Come
) -> None:
    """Whoever keeps the shop can tell them apart."""
    provider.config["ALGORITHM"] = "none"
    come()
    provider.config["ALGORITHM"] = "RS256"
    address, provider.config["CLAIMS"] = provider.config["CLAIMS"], {}
    provider.config["ANSWERS"]["/userinfo"] = {"sub": "mallory", **address}
    come()
    token = {"access_token": "a", "token_type": "Bearer"}
    provider.config["ANSWERS"]["/token"] = token
    come()

    assert [
        '<OAuthError "wrong_algorithm">',
        '<OAuthError "other_subject">',
        '<OAuthError "no_id_token">',
    ] == [
        r.getMessage().removeprefix("login refused: ")
        for r in caplog.records
        if r.name == "myapp"
    ]


def test_the_slash_of_an_issuer_is_no_part_of_the_path(
    monkeypatch: pytest.MonkeyPatch, provider: Flask
) -> None:
    """Some issuers end in a slash, and their document is below it."""
    urls: list[object] = []
    sent = HTTPAdapter.send

    def send(self: HTTPAdapter, request: Any, **options: Any) -> Any:
        urls.append(request.url)
        return sent(self, request, **options)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    issuer = provider.config["ISSUER"]
    app = create_app(
        {
            "SECRET_KEY": "k",
            "TESTING": True,
            "OIDC_ISSUER": f"{issuer}/",
            "OIDC_CLIENT_ID": "shop",
            "OIDC_CLIENT_SECRET": "secret",
        }
    )
    app.test_client().post("/oidc/login")

    assert [f"{issuer}{DISCOVERY}"] == urls


def test_identities_have_a_table(app: Flask) -> None:
    """Known by issuer and subject, and found by customer."""
    with app.app_context():
        found = db.inspect(db.engine)
        columns = {c["name"]: c for c in found.get_columns("identity")}
        key = found.get_pk_constraint("identity")["constrained_columns"]
        indexes = [i["column_names"] for i in found.get_indexes("identity")]
        (foreign,) = found.get_foreign_keys("identity")

    assert ["issuer", "subject"] == key
    assert [["user_id"]] == indexes
    assert ("user", ["id"]) == (
        foreign["referred_table"],
        foreign["referred_columns"],
    )
    assert ["VARCHAR(255)"] * 2 == [str(columns[n]["type"]) for n in key]
    assert not columns["user_id"]["nullable"]
