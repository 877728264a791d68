"""Extension objects, which know no app until the factory binds them."""

from pathlib import Path

from flask import Flask
from flask_caching import Cache
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """What all models inherit; type checkers understand it."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()
csrf = CSRFProtect()
cache = Cache()
migrate = Migrate(
    directory=Path(__file__).parent / "migrations",
    compare_server_default=True,
)

REDIS = {"CACHE_TYPE": "RedisCache", "CACHE_OPTIONS": {"socket_timeout": 0.2}}


def init_app(app: Flask) -> None:
    """Bind every extension to a shop."""
    db.init_app(app)
    migrate.init_app(app, db)
    login_manager.init_app(app)
    csrf.init_app(app)
    shared = app.config["CACHE_REDIS_URL"]
    cache.init_app(app, REDIS if shared else {"CACHE_TYPE": "SimpleCache"})
