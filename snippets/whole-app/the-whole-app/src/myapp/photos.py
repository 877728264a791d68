"""Photos: taken from anybody, given back as data."""

from pathlib import Path, PurePath
from shutil import copyfileobj
from typing import IO
from uuid import uuid4

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    request,
    send_from_directory,
    url_for,
)

bp = Blueprint("photos", __name__, url_prefix="/photos")

LARGEST = 4_000_000
KINDS = {
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
}


@bp.post("")
def upload() -> tuple[dict[str, str], int]:
    """Take a photo from a form."""
    request.max_content_length = LARGEST
    return placed(store(request.files["photo"].stream))


@bp.post("/raw")
def upload_raw() -> tuple[dict[str, str], int]:
    """Take a photo that is the whole body."""
    request.max_content_length = LARGEST
    return placed(store(request.stream, request.content_length))


@bp.get("/<name>")
def show(name: str) -> Response:
    """Give a photo back, as the type it was found to be."""
    kind = PurePath(name).suffix
    if kind not in KINDS:
        abort(404)
    response = send_from_directory(
        folder(), name, mimetype=KINDS[kind][1], as_attachment=True
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def store(source: IO[bytes], length: int | None = None) -> str:
    """Keep a whole photo under a new name, or nothing of it."""
    part = folder() / f"{uuid4().hex}.part"
    try:
        with part.open("x+b") as target:
            copyfileobj(source, target)
            if length not in (None, target.tell()):
                abort(400)
            kind = suffix(target)
        return part.rename(part.with_suffix(kind)).name
    finally:
        part.unlink(missing_ok=True)


def suffix(file: IO[bytes]) -> str:
    """Tell by its first bytes what a file is."""
    for kind, (magic, _) in KINDS.items():
        file.seek(0)
        if file.read(len(magic)) == magic:
            return kind
    abort(415)


def folder() -> Path:
    """Give the folder of the photos; it is no static folder."""
    app = current_app
    path = Path(app.instance_path, app.config["PHOTO_FOLDER"])
    path.mkdir(parents=True, exist_ok=True)
    return path


def placed(name: str) -> tuple[dict[str, str], int]:
    """Say where a photo is now."""
    return {"photo": url_for("photos.show", name=name)}, 201


def init_app(app: Flask) -> None:
    """Make room for photos before anybody reads a form."""
    app.before_request(make_room)


def make_room() -> None:
    """Let a body be as large as a photo where photos are taken."""
    if request.endpoint in {"photos.upload", "photos.upload_raw"}:
        request.max_content_length = LARGEST
