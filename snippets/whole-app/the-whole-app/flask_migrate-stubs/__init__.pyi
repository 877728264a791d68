from pathlib import Path
from typing import Any

from alembic.config import Config
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

class Migrate:
    alembic_ctx_kwargs: dict[str, Any]
    directory: str
    def __init__(self, *, directory: Path, **options: object) -> None: ...
    def init_app(self, app: Flask, db: SQLAlchemy) -> None: ...
    def get_config(self) -> Config: ...
