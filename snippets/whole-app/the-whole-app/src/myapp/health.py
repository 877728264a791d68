"""Whether the shop is alive."""

from flask import Blueprint

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("")
def show() -> dict[str, str]:
    """Answer a monitor."""
    return {"status": "alive"}
