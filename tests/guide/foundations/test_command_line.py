"""What the commands say of themselves, and what they write."""

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import event

from myapp.extensions import db
from myapp.models import Product


def test_the_commands_say_what_they_do(runner: FlaskCliRunner) -> None:
    """In a sentence each, as the page shows it."""
    whole = runner.invoke(args=["products", "--help"]).output
    one = runner.invoke(args=["products", "import", "--help"]).output

    assert "Add, list and import products." == whole.splitlines()[2].strip()
    assert ["  --dry-run  Check all, save nothing."] == [
        line for line in one.splitlines() if "--dry-run" in line
    ]


def test_a_list_is_plain_lines_in_the_order_of_entry(
    app: Flask, runner: FlaskCliRunner
) -> None:
    """What reads it need not know of carriage returns."""
    said: list[str] = []
    with app.app_context():
        db.session.add(Product(name="tea", price_cents=350))
        db.session.add(Product(name="coffee", price_cents=1000))
        db.session.commit()
        event.listen(
            db.engine,
            "before_cursor_execute",
            lambda *args: said.append(args[2]),
        )
    found = runner.invoke(args=["products", "list"])

    assert b"tea,3.50\ncoffee,10.00\n" == found.stdout_bytes
    assert [True] == [sql.endswith("ORDER BY product.id") for sql in said]
