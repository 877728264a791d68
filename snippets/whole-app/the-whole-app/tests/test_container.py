"""The container file, read and not built."""

import json
from pathlib import Path

import myapp

ROOT = Path(__file__).parents[1]


def test_the_image_is_sound() -> None:
    """Files exist, the user is no root, the command is the page's."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line.partition(" ")[::2] for line in text.splitlines()]
    copied = [
        name
        for word, rest in lines
        if word == "COPY"
        for name in rest.split()[:-1]
    ]
    said = dict(lines)

    assert ["pyproject.toml", "gunicorn.conf.py", "src"] == copied
    assert [] == [name for name in copied if not (ROOT / name).exists()]
    assert (Path(myapp.__file__).parent / "wsgi.py").exists()
    assert ("python:3.14-slim-trixie", "shop") == (said["FROM"], said["USER"])
    assert "PORT=8000 PYTHONUNBUFFERED=1" == said["ENV"]
    assert "SECRET" not in text
    assert ["gunicorn", "myapp.wsgi:app"] == json.loads(said["CMD"])
