"""What the shop says about itself to those who watch it."""

from flask import Blueprint

from .ready import is_ready

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("")
def show() -> dict[str, str]:
    """Answer a monitor."""
    return {"status": "alive"}


@bp.get("/live")
def live() -> dict[str, bool]:
    """Say that this process answers; ask nobody else."""
    return {"alive": True}


@bp.get("/ready")
def ready() -> tuple[dict[str, bool], int]:
    """Say whether to send requests here."""
    found = is_ready()
    return {"ready": found}, 200 if found else 503
