"""CORS under attack: lists that mean more than they say, origins alike."""

import re
from collections.abc import Iterator
from typing import NoReturn

import pytest
from flask import (
    Blueprint,
    Flask,
    abort,
    make_response,
    redirect,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from flask_cors import CORS, cross_origin
from werkzeug.datastructures import Headers

from myapp import create_app
from myapp.config import DEFAULTS, ConfigurationError, from_environment

SHOP = "https://www.shop.example"
OTHER = "http://localhost:5173"
EVIL = "https://evil.test"
ALLOWED = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"


def listed(value: str) -> object:
    """Give the origins that an environment lists."""
    environ = {
        "SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "DATABASE_URL": "sqlite://",
        "CORS_ORIGINS": value,
    }
    return from_environment(environ)["CORS_ORIGINS"]


def shop_for(*origins: str) -> Flask:
    """Build a shop for some front ends."""
    return create_app({"SECRET_KEY": "x", "CORS_ORIGINS": origins})


def said(headers: Headers) -> dict[str, str]:
    """Give what an answer says of CORS, and refuse what it says twice."""
    found = [(k, v) for k, v in headers if k.startswith("Access-Control-")]
    assert len(found) == len(dict(found))
    return dict(found)


def asked(app: Flask, **headers: str) -> dict[str, str]:
    """Send a shop what it refuses with a 415; give what it says of CORS."""
    return said(app.test_client().post("/quotes", headers=headers).headers)


def preflight(
    app: Flask, origin: str = SHOP, path: str = "/quotes", **questions: str
) -> dict[str, str]:
    """Ask as a browser does before it sends."""
    headers = {f"Access-Control-Request-{k}": v for k, v in questions.items()}
    response = app.test_client().options(
        path, headers={"Origin": origin, **headers}
    )
    return said(response.headers)


# The list


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.shop.example",
        "https://shop.example:8443",
        "https://shop.example:44",
        "https://shop.example:4430",
        "https://shop.example:80",
        "https://my_shop.xn--bcher-kva.example",
        "https://10.0.0.1:65535",
        "https://localhost:3000",
        "https://a",
        "http://localhost",
        "http://localhost:8",
        "http://localhost:443",
        "http://localhost:800",
        "http://localhost:5173",
    ],
)
def test_an_origin_is_taken_as_it_is(origin: str) -> None:
    """What a browser would send is what is compared."""
    assert [origin] == listed(origin)


@pytest.mark.parametrize(
    "value",
    [
        "None",
        ".*",
        " ",
        ",",
        "https://a.example,",
        ",https://a.example",
        "https://a.example,,https://b.example",
        "https://a.example https://b.example",
        "https://a.example;https://b.example",
        "https://a.example,*",
        "https://a.example\nhttps://b.example",
        '["https://a.example"]',
        "//shop.example",
        "https:shop.example",
        "https:/shop.example",
        "https://",
        "https://.",
        "https://shop.example/path",
        "https://shop.example?",
        "https://shop.example#",
        "https://ann@shop.example",
        "https://shop.example.",
        "https://.shop.example",
        "https://shop..example",
        "HTTPS://shop.example",
        "https://SHOP.example",
        "https://b\u00fccher.example",
        "https://shop\u212a.example",
        "https://shop.example:",
        "https://shop.example:0",
        "https://shop.example:08443",
        "https://shop.example:-1",
        "https://shop.example:123456",
        "https://shop.example:\u0661",
        "https://shop.example:443:443",
        r"https://shop\.example",
        "^https://shop.example$",
        "https://shop.example$",
        "https://shop.example?x",
        "https://(a|b).shop.example",
        "https://[a-z]+.shop.example",
        "https://shop.example+",
        "https://[::1]:3000",
        "https://%73hop.example",
        "http://localhost:80",
        "http://localhost.",
        "http://localhost.evil.test",
        "http://localhost:5173.evil.test",
        "http://notlocalhost",
        "http://127.0.0.1:5173",
        "file://",
        "ftp://shop.example",
        "wss://shop.example",
        "chrome-extension://abcdefghijklmnop",
        "javascript:alert(1)",
        "https://shop.example\x00",
    ],
)
def test_what_a_browser_never_sends_stops_the_start(value: str) -> None:
    """The setting is named, and its value is not told."""
    with pytest.raises(ConfigurationError) as refused:
        listed(value)

    assert "CORS_ORIGINS is no list of origins" == str(refused.value)


@pytest.mark.parametrize("character", r"*\]?$^[()+{}|")
def test_no_character_of_a_pattern_is_taken(character: str) -> None:
    """Nothing that Flask-CORS would compile gets past the start."""
    for place in range(len(SHOP) + 1):
        with pytest.raises(ConfigurationError):
            listed(SHOP[:place] + character + SHOP[place:])


def test_a_list_is_written_by_people() -> None:
    """White space around origins is left out, and a list may be empty."""
    assert [[SHOP, OTHER], []] == [
        listed(value) for value in (f"\t{SHOP} ,\n{OTHER} ", "")
    ]


def test_a_shop_without_settings_admits_nobody() -> None:
    """A mapping that says nothing of origins lists none."""
    assert () == DEFAULTS["CORS_ORIGINS"]
    assert {} == asked(create_app({}), Origin=EVIL)


# The origin of a request


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        "None",
        "()",
        "https://",
        "https://www",
        "https://www.shop",
        "https://shop.example",
        "https://www-shop.example",
        "https://wwwxshop.example",
        "https://www.shopxexample",
        "https://www.shop.examples",
        "https://evilwww.shop.example",
        "https://a.www.shop.example",
        "https://www.shop.example.evil.test",
        "https://www.shop.example.",
        "https://www.shop.example@evil.test",
        "https://evil.test#https://www.shop.example",
        "https://www.shop.example:443",
        "https://www.shop.example:8443",
        "https://www.shop.example/",
        "https://www.shop.example\x00",
        "https://www.shop.example\t.evil.test",
        "https://www.shop.\u00e9xample",
        "http://www.shop.example",
        "http://localhost",
        "http://localhost:51730",
        "https://localhost:5173",
        f"{SHOP} {EVIL}",
        f"{SHOP},{EVIL}",
        f"{SHOP}, {OTHER}",
    ],
)
def test_almost_is_not_enough(origin: str) -> None:
    """What only resembles an entry reads nothing, and may send nothing."""
    app = shop_for(SHOP, OTHER)

    assert {} == asked(app, Origin=origin)
    assert {} == preflight(app, origin, Method="POST", Headers="content-type")


def test_two_origins_are_none() -> None:
    """Two headers of one name reach the shop as one that fits nothing."""
    headers = Headers([("Origin", SHOP), ("Origin", EVIL)])
    response = shop_for(SHOP).test_client().post("/quotes", headers=headers)

    assert {} == said(response.headers)


def test_case_is_no_difference_between_hosts() -> None:
    """Browsers write small letters; what else comes is the same host."""
    upper = "HTTPS://WWW.SHOP.EXAMPLE"

    assert upper == asked(shop_for(SHOP), Origin=upper).get(ALLOWED)


@pytest.mark.parametrize(
    "headers", [{}, {"Referer": SHOP}, {"Host": "www.shop.example"}]
)
def test_a_request_without_an_origin_is_told_nothing(
    headers: dict[str, str],
) -> None:
    """Without an Origin the answer names none, not even a listed one."""
    assert {} == asked(shop_for(SHOP, OTHER), **headers)


def test_a_shop_lists_what_it_was_built_with() -> None:
    """A setting that is changed later admits nobody."""
    app = shop_for(SHOP)
    app.config["CORS_ORIGINS"] = [EVIL]

    assert {} == asked(app, Origin=EVIL)


def test_a_setting_of_none_admits_nobody() -> None:
    """To Flask-CORS a setting that is None is none, and none everybody."""
    assert {} == asked(create_app({"CORS_ORIGINS": None}), Origin=EVIL)


def test_no_other_setting_opens_the_shop() -> None:
    """Flask-CORS reads settings of its own; the shop's words come first."""
    app = create_app(
        {
            "CORS_ORIGINS": [SHOP],
            "CORS_METHODS": "DELETE",
            "CORS_ALLOW_HEADERS": "*",
            "CORS_SEND_WILDCARD": True,
            "CORS_ALWAYS_SEND": True,
        }
    )

    assert {} == asked(app, Origin=EVIL) | asked(app)
    answer = preflight(app, Method="GET", Headers="X-Debug")
    assert "GET, POST" == answer["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Headers" not in answer


# What answers carry it


@pytest.fixture
def odd() -> Iterator[Flask]:
    """Build a shop with views that answer in odd ways."""
    app = shop_for(SHOP)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/bug")
    def bug() -> NoReturn:
        raise KeyError("hunter2")

    @app.get("/moved")
    def moved() -> ResponseReturnValue:
        return redirect("/products")

    @app.get("/slash/")
    def slash() -> str:
        return ""

    @app.get("/own")
    def own() -> ResponseReturnValue:
        session["visits"] = 1
        response = make_response("")
        response.headers.extend([("Vary", "Accept"), ("Vary", "DNT")])
        return response

    yield app


@pytest.mark.parametrize("path", ["/bug", "/moved", "/slash", "/own", "/%ff"])
def test_odd_answers_can_be_read(odd: Flask, path: str) -> None:
    """Bugs, redirects and names nobody can spell carry it, once."""
    response = odd.test_client().get(path, headers={"Origin": SHOP})

    assert {
        ALLOWED: SHOP,
        CREDENTIALS: "true",
        "Access-Control-Expose-Headers": "Location, Retry-After",
    } == said(response.headers)


@pytest.mark.parametrize("origin", [SHOP, EVIL, "null", ""])
@pytest.mark.parametrize("path", ["/bug", "/moved", "/slash", "/%ff"])
def test_odd_answers_vary_by_origin(
    odd: Flask, path: str, origin: str
) -> None:
    """No cache may mix them, whoever asked."""
    response = odd.test_client().get(path, headers={"Origin": origin})

    assert ["Origin"] == response.headers.getlist("Vary")


@pytest.mark.parametrize("origin", [SHOP, EVIL])
def test_every_word_of_vary_is_kept(odd: Flask, origin: str) -> None:
    """What the view and the session vary by stands beside the origin."""
    response = odd.test_client().get("/own", headers={"Origin": origin})

    assert ["Accept, DNT, Origin, Cookie"] == response.headers.getlist("Vary")


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
def test_a_list_of_two_varies_once(method: str) -> None:
    """Flask-CORS does not add a line of its own to ours."""
    response = (
        shop_for(SHOP, OTHER)
        .test_client()
        .open("/quotes", method=method, headers={"Origin": SHOP})
    )

    assert ["Origin"] == response.headers.getlist("Vary")


# Preflight


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "BREW", "*"])
def test_other_methods_get_no_list(method: str) -> None:
    """Without a list of methods a browser sends none but the simple ones."""
    answer = preflight(shop_for(SHOP), Method=method, Headers="content-type")

    assert "Access-Control-Allow-Methods" not in answer
    assert "Access-Control-Allow-Headers" not in answer


@pytest.mark.parametrize(
    "header", ["X-Debug", "Cookie", "*", "X-Content-Type", "Content", ", ,"]
)
def test_other_headers_are_not_named(header: str) -> None:
    """A header that is on no list of ours is not on the answer's."""
    answer = preflight(shop_for(SHOP), Method="POST", Headers=header)

    assert "Access-Control-Allow-Headers" not in answer


def test_a_private_network_stays_private() -> None:
    """A public page that asks for a shop inside an office is refused."""
    questions = {"Method": "POST", "Private-Network": "true"}
    name = "Access-Control-Allow-Private-Network"

    assert "false" == preflight(shop_for(SHOP), **questions)[name]
    assert {} == preflight(shop_for(SHOP), EVIL, **questions)


def test_a_preflight_places_no_order() -> None:
    """The question is answered by Flask, and no view runs."""
    response = shop_for(SHOP).test_client().options("/orders/1")

    assert (200, {"GET", "HEAD", "OPTIONS", "POST"}) == (
        response.status_code,
        set(response.allow),
    )


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/s", 308)])
def test_a_preflight_must_find_what_it_asks_for(
    path: str, status: int
) -> None:
    """Browsers follow no redirect of a preflight, and want a 2xx."""
    app = shop_for(SHOP)
    app.add_url_rule("/s/", view_func=list)
    headers = {"Origin": SHOP, "Access-Control-Request-Method": "GET"}
    response = app.test_client().options(path, headers=headers)

    assert status == response.status_code


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain;application/json",
        "text/plain; charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
def test_what_a_form_can_send_is_no_json(content_type: str) -> None:
    """A view that takes JSON only is out of reach of simple requests."""
    response = (
        shop_for(SHOP)
        .test_client()
        .post("/quotes", data="{}", content_type=content_type)
    )

    assert 415 == response.status_code


# What the page says of Flask-CORS


def bare(origin: str, **options: object) -> dict[str, str]:
    """Ask a bare app with some options of Flask-CORS."""
    app = Flask("shop")
    app.config.from_mapping(
        {f"CORS_{name.upper()}": value for name, value in options.items()}
    )
    CORS(app)
    return said(app.test_client().get("/", headers={"Origin": origin}).headers)


@pytest.mark.parametrize("options", [{}, {"origins": None}, {"origins": "*"}])
@pytest.mark.parametrize("origin", [EVIL, "null", "file://"])
def test_the_default_admits_everybody_with_credentials(
    options: dict[str, object], origin: str
) -> None:
    """A setting that is None counts as none, and none is everybody."""
    expected = {ALLOWED: origin, CREDENTIALS: "true"}

    assert expected == bare(origin, supports_credentials=True, **options)


def test_only_a_wildcard_that_is_sent_is_refused() -> None:
    """Flask-CORS stops one form of the mistake: the harmless one."""
    with pytest.raises(ValueError, match=re.escape("'*'")):
        bare(EVIL, supports_credentials=True, send_wildcard=True)


@pytest.mark.parametrize(
    ("entry", "origin", "expected"),
    [
        ("https://*.shop.example", "https://www.shop.example", False),
        ("https://*.shop.example", "https://xshop.example", True),
        ("https://*.shop.example", "https://xshop.example.evil.test", True),
        (r"https://.*\.shop\.example", "https://a.shop.example.evil.t", True),
        (r"https://shop\.example$", "https://shop.example", True),
        (r"https://shop\.example$", "https://shop.example.evil.test", False),
        ("https://[::1]:3000", "https://[::1]:3000", False),
        ("https://[::1]:3000", "https://1:3000", True),
        ("https://a.example,https://b.example", "https://a.example", False),
    ],
)
def test_a_string_may_be_a_pattern(
    entry: str, origin: str, expected: bool
) -> None:
    """One character decides, and the start of an origin is enough."""
    assert expected is (ALLOWED in bare(origin, origins=[entry]))


@pytest.mark.parametrize(
    ("origins", "origin", "expected"),
    [
        ([SHOP], SHOP, None),
        ([SHOP], EVIL, None),
        ([SHOP, OTHER], SHOP, "Origin"),
        ([SHOP, OTHER], EVIL, None),
    ],
)
def test_flask_cors_varies_now_and_then(
    origins: list[str], origin: str, expected: str | None
) -> None:
    """A refused origin and a list of one have no Vary: cached, it blocks."""
    app = Flask("shop")
    CORS(app, origins=origins)
    response = app.test_client().get("/", headers={"Origin": origin})

    assert expected == response.headers.get("Vary")


def test_flask_loses_the_vary_of_flask_cors() -> None:
    """Of two lines the session keeps the first, and the origin is gone."""
    app = Flask("shop")
    app.secret_key = "only for tests"
    CORS(app, origins=[SHOP, OTHER], supports_credentials=True)

    @app.get("/")
    def index() -> ResponseReturnValue:
        session["visits"] = 1
        return "", {"Vary": "Accept"}

    headers = app.test_client().get("/", headers={"Origin": SHOP}).headers

    assert (SHOP, "true") == (headers[ALLOWED], headers[CREDENTIALS])
    assert ["Accept, Cookie"] == headers.getlist("Vary")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders/", True),
        ("GET", "/orders/0", True),
        ("OPTIONS", "/orders/", True),
        ("GET", "/orders/nowhere", False),
        ("DELETE", "/orders/", False),
        ("GET", "/nowhere", False),
    ],
)
def test_a_blueprint_answers_for_its_views_only(
    method: str, path: str, expected: bool
) -> None:
    """Unknown URLs and methods, even below its prefix, are not its own."""
    bp = Blueprint("orders", __name__, url_prefix="/orders")
    bp.add_url_rule("/", view_func=list)
    bp.add_url_rule("/<int(min=0):number>", "one", lambda number: "")
    CORS(bp, origins=[SHOP])
    app = Flask("shop")
    app.register_blueprint(bp)
    response = app.test_client().open(
        path, method=method, headers={"Origin": SHOP}
    )

    assert expected is (ALLOWED in response.headers)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", True),
        ("GET", "/?fail=1", False),
        ("DELETE", "/", False),
        ("GET", "/nowhere", False),
    ],
)
def test_a_decorated_view_answers_for_what_it_returns(
    method: str, path: str, expected: bool
) -> None:
    """What the view raises is answered elsewhere, and cannot be read."""
    app = Flask("shop")

    @app.get("/")
    @cross_origin(origins=[SHOP])
    def index() -> str:
        if request.args:
            abort(409)
        return ""

    response = app.test_client().open(
        path, method=method, headers={"Origin": SHOP}
    )

    assert expected is (ALLOWED in response.headers)
