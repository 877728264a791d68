"""What the shop says about itself to those who watch it."""

import os

from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from .extensions import db

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
def live() -> dict[str, bool]:
    """Say that this process answers; ask nobody else."""
    return {"alive": True}


@bp.get("/ready")
def ready() -> tuple[dict[str, bool], int]:
    """Say whether to send requests here."""
    if os.path.exists(current_app.config["DRAIN_FILE"]):
        return {"ready": False}, 503
    try:
        db.session.execute(db.select(1))
    except SQLAlchemyError:
        current_app.logger.exception("The database does not answer")
        return {"ready": False}, 503
    return {"ready": True}, 200
