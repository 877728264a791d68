"""Where the code of a request spends its time."""

from hmac import compare_digest
from pathlib import Path
from uuid import uuid4

from flask import Flask, current_app, g, request
from pyinstrument import Profiler


def init_app(app: Flask) -> None:
    """Let the holder of a key have requests profiled."""
    app.before_request(begin)
    app.teardown_request(keep)


def wanted() -> bool:
    """Tell whether who asks holds the key."""
    key: str | None = current_app.config["PROFILE_KEY"]
    given = request.headers.get("Profile-Key")
    return bool(
        key and given and compare_digest(given.encode(), key.encode())
    )


def begin() -> None:
    """Watch the request of who may see it."""
    if wanted():
        g.profiler = Profiler()
        g.profiler.start()


def keep(error: BaseException | None) -> None:
    """Write the profile of a request, however it ended."""
    profiler: Profiler | None = g.pop("profiler", None)
    if profiler is not None:
        profiler.stop()
        folder = Path(current_app.instance_path, "profiles")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{request.endpoint}-{uuid4().hex}.html"
        profiler.write_html(file)
