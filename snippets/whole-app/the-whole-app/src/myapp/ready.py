"""Whether the database is as this code needs it."""

from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, abort

from .extensions import db, migrate

bp = Blueprint("ready", __name__)


@bp.get("/ready")
def show() -> dict[str, bool]:
    """Tell a load balancer whether to send customers here."""
    context = MigrationContext.configure(db.session.connection())
    if is_behind(set(context.get_current_heads())):
        abort(503, "The database waits for a migration.")
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
