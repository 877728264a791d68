"""What the shop answers to, what it takes, and what it sends along."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from flask import Blueprint, Flask, request, url_for
from flask.testing import FlaskClient

from myapp import create_app

HTTPS = "https://shop.example"
NONCE = re.compile(r"script-src 'nonce-([\w-]{22})'$")


def test_every_answer_is_protected(
    production: Flask, tmp_path: Path
) -> None:
    """Views, static files, redirects, refusals and failures alike."""
    (tmp_path / "shop.css").write_text("")
    production.static_folder = str(tmp_path)
    production.add_url_rule("/fail", "fail", lambda: str(1 / 0))
    production.add_url_rule("/folder/", "folder", lambda: "")
    client = production.test_client()
    found = {}
    for method, path, host in [
        ("GET", "/cart", "shop.example"),
        ("HEAD", "/cart", "shop.example"),
        ("OPTIONS", "/cart", "shop.example"),
        ("PUT", "/cart", "shop.example"),
        ("POST", "/cart", "shop.example"),
        ("GET", "/static/shop.css", "shop.example"),
        ("GET", "/nowhere", "shop.example"),
        ("GET", "/folder", "shop.example"),
        ("GET", "/fail", "shop.example"),
        ("GET", "/cart", "evil.example"),
    ]:
        answer = FlaskClient.open(
            client, path, method=method, headers={"Host": host}
        )
        sent = answer.headers
        found[answer.status_code] = sent
        assert "nosniff" == sent["X-Content-Type-Options"], path
        assert "same-origin" == sent["Referrer-Policy"], path
        assert "same-origin" == sent["Cross-Origin-Opener-Policy"], path
        assert "same-origin" == sent["Cross-Origin-Resource-Policy"], path
        assert "camera=()" in sent["Permissions-Policy"], path
        assert "frame-ancestors 'none'" in sent["Content-Security-Policy"]
        static = path.startswith("/static")
        expected = "no-cache" if static else "no-store"
        assert expected == sent["Cache-Control"], path
        answer.close()
    assert {200, 308, 400, 404, 405, 500} == set(found)


@pytest.mark.parametrize(
    ("scheme", "expected"), [("http", None), ("https", "max-age=31536000")]
)
def test_hsts_is_for_https(
    client: FlaskClient, scheme: str, expected: str | None
) -> None:
    """Over plain HTTP anybody on the way could have written it."""
    answer = client.get("/cart", base_url=f"{scheme}://localhost")

    assert expected == answer.headers.get("Strict-Transport-Security")


def test_a_nonce_is_for_one_answer(client: FlaskClient) -> None:
    """The script of the page may run by it, and no other, and only once."""
    seen = set()
    for _ in range(3):
        answer = client.get("/cart")
        found = NONCE.search(answer.headers["Content-Security-Policy"])
        assert found is not None
        assert [f'<script nonce="{found[1]}">'] == re.findall(
            "<script.*?>", answer.text
        )
        seen.add(found[1])
    assert 3 == len(seen)
    policy = client.get("/accounts/login").headers["Content-Security-Policy"]
    assert policy.endswith("; script-src 'none'")


def test_what_was_typed_comes_back_as_text(
    production: Flask, client: FlaskClient
) -> None:
    """Neither a form shown again nor a product's name brings tags."""
    typed = '"><script>alert(1)</script>'
    page = client.post("/cart", data={"product_id": typed})
    assert 422 == page.status_code
    assert "<script>" not in page.text
    assert "&#34;&gt;&lt;script&gt;alert(1)" in page.text

    visitor = production.test_client()
    visitor.post("/cart", data={"product_id": 1}, base_url=HTTPS)
    shown = visitor.get("/cart", base_url=HTTPS).text
    assert "1 × &lt;b&gt;tea&lt;/b&gt;" in shown


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("shop.example", 200),
        ("shop.example:8443", 200),
        ("evil.example", 400),
        ("shop.example.evil.example", 400),
        ("blog.shop.example", 400),
        ("shop.example@evil.example", 400),
        ("evil.example:80", 400),
        ("", 400),
    ],
)
def test_a_forged_host_reaches_no_view(
    production: Flask, host: str, status: int
) -> None:
    """No link the shop writes leads to a host that a client made up."""
    links = []

    @production.get("/link")
    def link() -> str:
        links.append(url_for("accounts.login_page", _external=True))
        return links[0]

    answer = production.test_client().get(
        "/link", headers={"Host": host, "X-Forwarded-Host": "evil.example"}
    )

    assert status == answer.status_code
    expected = [f"http://{host}/accounts/login"] if status == 200 else []
    assert expected == links


def test_a_shop_at_home_answers_at_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the setting it is this machine's, and nobody else's."""
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    client = create_app().test_client()
    found = [
        client.get("/accounts/login", base_url=f"http://{host}").status_code
        for host in ("localhost:5000", "127.0.0.1:5000", "shop.example")
    ]

    assert [200, 200, 400] == found


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"other": "x" * 999_994}, 422),
        ({"other": "x" * 999_995}, 413),
        ({"file": "", "other": "x" * 100_000}, 422),
        ({"file": "", "other": "x" * 100_001}, 413),
        ({"file": "", "other": ["x"] * 99}, 422),
        ({"file": "", "other": ["x"] * 100}, 413),
    ],
)
def test_a_form_is_bounded(
    production: Flask, form: dict[str, object], status: int
) -> None:
    """Neither one large field nor many parts are read."""
    if "file" in form:
        form = form | {"file": (BytesIO(b""), "x")}
    client = production.test_client()

    assert status == client.post("/cart", data=form).status_code


@pytest.mark.parametrize(
    ("early", "status"), [(True, 200), (False, 413)]
)
def test_an_upload_is_allowed_before_it_is_parsed(
    production: Flask, early: bool, status: int
) -> None:
    """A view's own limit is set after CSRF protection read the form."""
    bp = Blueprint("upload", __name__)

    def allow(*_: object) -> None:
        request.max_content_length = 10_000

    if early:
        bp.url_value_preprocessor(allow)

    @bp.post("/upload")
    def upload() -> str:
        allow()
        return str(len(request.files["file"].read()))

    production.register_blueprint(bp)
    production.config["MAX_CONTENT_LENGTH"] = 1_000
    data = {"file": (BytesIO(b"x" * 2_000), "x.png")}

    client = production.test_client()
    assert status == client.post("/upload", data=data).status_code
