"""What every connection is told, and what is answered without one."""

import sqlite3

from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.exc import OperationalError, SQLAlchemyError, TimeoutError
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from .errors import problem
from .extensions import db


def init_app(app: Flask) -> None:
    """Prepare a shop's connections, and for being without them."""
    with app.app_context():
        event.listen(db.engine, "connect", enforce_foreign_keys)
    app.register_error_handler(OperationalError, unavailable)
    app.register_error_handler(TimeoutError, unavailable)


def enforce_foreign_keys(connection: object, record: object) -> None:
    """Let SQLite refuse a row that points nowhere, as others do."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA foreign_keys = ON")


def unavailable(error: SQLAlchemyError) -> Response:
    """Ask the client to come back, and tell the log why."""
    current_app.logger.error("The database is away", exc_info=error)
    return problem(ServiceUnavailable("Try again later.", retry_after=5))
