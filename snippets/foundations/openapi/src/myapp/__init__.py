"""A small shop."""

from collections.abc import Mapping
from typing import Any

from apiflask import APIFlask

from . import description, errors, products


def create_app(test_config: Mapping[str, Any] | None = None) -> APIFlask:
    """Build one shop from its settings; it can describe itself."""
    app = APIFlask(
        __name__, title="Shop", version="1", spec_path=None, docs_path=None
    )
    app.config.from_mapping(test_config or {})
    description.init_app(app)
    errors.init_app(app)
    products.init_app(app)
    return app
