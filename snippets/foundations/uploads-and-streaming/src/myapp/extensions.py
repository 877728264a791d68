"""Extension objects, which know no app until the factory binds them."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """What all models inherit; type checkers understand it."""


db = SQLAlchemy(model_class=Base)


def init_app(app: Flask) -> None:
    """Bind every extension to a shop."""
    db.init_app(app)
