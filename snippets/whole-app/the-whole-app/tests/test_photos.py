"""Photos come from anybody, under any name, and not always whole."""

import mimetypes
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PNG = b"\x89PNG\r\n\x1a\n" + b"<script>alert(1)</script>"
JPG = b"\xff\xd8\xff" + b"\xe0 and so on"


def send(client: FlaskClient, body: bytes, name: str) -> TestResponse:
    """Send a photo as a browser's form does."""
    return client.post("/photos", data={"photo": (BytesIO(body), name)})


def test_one_name_twice_is_two_photos(client: FlaskClient) -> None:
    """The second photo of a name does not replace the first."""
    sent = [PNG + b"1", PNG + b"2"]
    places = [send(client, body, "photo.png").json for body in sent]

    found = [client.get(p["photo"], buffered=True).data for p in places if p]

    assert sent == found


@pytest.mark.parametrize(
    "name", ["photo.html", "日本.png", "../../app.png", ".png"]
)
def test_the_name_sent_is_not_used(client: FlaskClient, name: str) -> None:
    """The new name is 32 digits and the suffix of the content."""
    place = Path((send(client, JPG, name).json or {})["photo"])

    assert (32, ".jpg") == (len(place.stem), place.suffix)


@pytest.mark.parametrize("body", [b"", b"<html>", PNG[:7], b" " + PNG])
def test_what_only_claims_to_be_an_image_is_refused(
    client: FlaskClient, tmp_path: Path, body: bytes
) -> None:
    """Name and type say image, the content does not; nothing is kept."""
    assert 415 == send(client, body, "photo.png").status_code
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("body", "kind", "mimetype"),
    [(PNG, ".png", "image/png"), (JPG, ".jpg", "image/jpeg")],
)
def test_a_photo_is_served_as_data(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    body: bytes,
    kind: str,
    mimetype: str,
) -> None:
    """The type is the one found, whatever the machine says of a name."""
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_: ("text/html", ""))
    sent = client.post("/photos/raw", data=body, content_type="text/html")
    assert sent.json
    place = Path(sent.json["photo"])

    found = client.get(place.as_posix(), buffered=True)

    assert kind == place.suffix
    assert (body, mimetype) == (found.data, found.content_type)
    assert "nosniff" == found.headers["X-Content-Type-Options"]
    name = f"attachment; filename={place.name}"
    assert name == found.headers["Content-Disposition"]


@pytest.mark.parametrize("server", [{}, {"wsgi.input_terminated": True}])
def test_an_upload_cut_in_the_middle_leaves_nothing(
    client: FlaskClient, tmp_path: Path, server: dict[str, bool]
) -> None:
    """Fewer bytes came than were promised, to either kind of server."""
    environ = {"CONTENT_LENGTH": "10000", **server}

    found = client.post("/photos/raw", data=PNG, environ_overrides=environ)

    assert (400, []) == (found.status_code, list(tmp_path.iterdir()))


def test_a_part_is_never_served(client: FlaskClient, tmp_path: Path) -> None:
    """What a killed process left is no photo, nor is any other file."""
    (tmp_path / "left.part").write_bytes(PNG)

    assert 404 == client.get("/photos/left.part").status_code
    assert 404 == client.get("/photos/none.png").status_code


@pytest.fixture
def client(keeper: FlaskClient) -> FlaskClient:
    """Give the browser of who keeps the shop."""
    return keeper


def test_a_photo_is_larger_than_other_bodies(client: FlaskClient) -> None:
    """From a form as well, which is read before the view begins."""
    found = []
    head = 'Content-Disposition: form-data; name="photo"; filename="hat.png"'
    kind = "multipart/form-data; boundary=b"
    for size in (2_000_000, 5_000_000):
        photo = PNG + bytes(size)
        form = f"--b\r\n{head}\r\n\r\n".encode() + photo + b"\r\n--b--\r\n"
        sent = client.post("/photos", data=form, content_type=kind)
        found.append(sent.status_code)
    quote = client.post("/quotes", json={"text": "x" * 2_000_000})

    assert [201, 413, 413] == [*found, quote.status_code]
