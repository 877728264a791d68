"""Extension objects, which know no app until the factory binds them."""

from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """What all models inherit; type checkers understand it."""


db = SQLAlchemy(model_class=Base)


def init_app(app: Flask) -> None:
    """Bind every extension to a shop."""
    db.init_app(app)
    shared = app.config["CACHE_REDIS_URL"]
    cache.init_app(app, REDIS if shared else {"CACHE_TYPE": "SimpleCache"})


cache = Cache()

REDIS = {"CACHE_TYPE": "RedisCache", "CACHE_OPTIONS": {"socket_timeout": 0.2}}
