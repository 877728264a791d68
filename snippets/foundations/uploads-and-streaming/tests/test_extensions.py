"""One object, many shops."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import myapp.extensions
from myapp import create_app
from myapp.extensions import Base, db
from myapp.models import Product


@pytest.fixture
def other() -> Iterator[Flask]:
    """Build a second shop in the same process."""
    other = create_app({"SECRET_KEY": "another", "TESTING": True})
    with other.app_context():
        db.create_all()
    yield other
    with other.app_context():
        db.engine.dispose()


def sold(app: Flask) -> list[object]:
    """Give what a shop sells."""
    with app.app_context():
        return list(db.session.scalars(db.select(Product.name)))


def test_two_shops_have_two_databases(app: Flask, other: Flask) -> None:
    """A row of one shop is not in the other."""
    with other.app_context():
        db.session.add(Product(name="cocoa", price_cents=500))
        db.session.commit()

    assert ([], ["cocoa"]) == (sold(app), sold(other))


def test_the_object_belongs_to_no_app() -> None:
    """Without an app at work there is no session to use by accident."""
    with pytest.raises(RuntimeError, match="outside of application context"):
        db.session.scalars(db.select(Product))


def test_building_a_shop_touches_no_database(tmp_path: Path) -> None:
    """Binding opens no connection; the first query does."""
    file = tmp_path / "shop.db"
    create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{file}"})

    assert [] == list(tmp_path.iterdir())


def test_the_module_imports_nothing_of_the_shop() -> None:
    """The module at the bottom stays at the bottom."""
    tree = ast.parse(Path(myapp.extensions.__file__).read_text("utf-8"))
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]

    assert [0, 0, 0] == [n.level for n in imports]
    assert "myapp" not in {n.module for n in imports}


def test_models_have_tables() -> None:
    """What inherits the base is known to the extension."""
    tables = db.metadata.tables
    bought = tables["order"].c["product_id"]

    assert ["order", "product"] == sorted(tables)
    assert "VARCHAR(80)" == str(tables["product"].c["name"].type)
    assert bought.references(tables["product"].c["id"])
    assert issubclass(Product, Base)
