"""Whether the database is as this code needs it."""

import os
from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, abort, current_app
from sqlalchemy.exc import SQLAlchemyError

from .extensions import db, migrate

bp = Blueprint("ready", __name__)


@bp.get("/ready")
def show() -> dict[str, bool]:
    """Tell a load balancer whether to send customers here."""
    if not is_ready():
        abort(503, "Not now: the log says why.")
    return {"ready": True}


def is_behind(found: set[str]) -> bool:
    """Say whether one of our migrations has yet to run."""
    return not found or not found.isdisjoint(superseded())


@cache
def superseded() -> set[str]:
    """Give the revisions that another of ours follows."""
    scripts = ScriptDirectory.from_config(migrate.get_config())
    known = {script.revision for script in scripts.walk_revisions()}
    return known - set(scripts.get_heads())


def is_ready() -> bool:
    """Say whether we serve: not while stopping, nor before a migration."""
    if os.path.exists(current_app.config["DRAIN_FILE"]):
        current_app.logger.warning("Not ready: we are about to stop")
        return False
    try:
        context = MigrationContext.configure(db.session.connection())
        found = set(context.get_current_heads())
    except SQLAlchemyError:
        current_app.logger.exception("The database does not answer")
        return False
    if is_behind(found):
        current_app.logger.warning("Not ready: a migration has yet to run")
        return False
    return True
