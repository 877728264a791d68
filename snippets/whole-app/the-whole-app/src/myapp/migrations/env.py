"""How Alembic reaches the shop's database: all of it or nothing."""

import click
from alembic import context
from alembic.operations import MigrationScript

from myapp.extensions import db, migrate

BEFORE_ON_SQLITE = ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"]
CHECK_ON_SQLITE = ["PRAGMA foreign_key_check"]
AFTER_ON_SQLITE = ["PRAGMA foreign_keys = ON"]


def run() -> None:
    """Do what was asked for in one transaction."""
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        try:
            for sql in BEFORE_ON_SQLITE if sqlite else ():
                connection.exec_driver_sql(sql)
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                process_revision_directives=skip_empty,
                **migrate.alembic_ctx_kwargs,
            )
            context.run_migrations()
            for sql in CHECK_ON_SQLITE if sqlite else ():
                if lost := connection.exec_driver_sql(sql).all():
                    raise RuntimeError(f"rows that point nowhere: {lost}")
            connection.commit()
        finally:
            connection.rollback()
            for sql in AFTER_ON_SQLITE if sqlite else ():
                connection.exec_driver_sql(sql)


def skip_empty(
    running: object, revision: object, scripts: list[MigrationScript]
) -> None:
    """Write no revision where autogenerate finds no change."""
    asked = getattr(context.config.cmd_opts, "autogenerate", False)
    found = scripts[0].upgrade_ops
    if asked and found is not None and found.is_empty():
        click.echo("No changes in schema detected.")
        scripts.clear()


run()
