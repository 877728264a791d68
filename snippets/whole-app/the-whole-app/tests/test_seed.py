"""Seeding: the import of the repository's own file."""

from pathlib import Path

from flask.testing import FlaskCliRunner

SEED = ["products", "import", str(Path(__file__).parents[1] / "products.csv")]


def test_seeding_twice_is_seeding_once(runner: FlaskCliRunner) -> None:
    """The second run finds everything in place."""
    assert "3 added, 0 changed.\n" == runner.invoke(args=SEED).output
    assert "0 added, 0 changed.\n" == runner.invoke(args=SEED).output
    listed = runner.invoke(args=["products", "list"]).output
    assert 'Green tea,4.80\nCoffee,6.50\n"Sugar, brown",2.05\n' == listed


def test_an_import_corrects_prices(runner: FlaskCliRunner) -> None:
    """Products that are there get the price of the file."""
    runner.invoke(args=["products", "add", "Coffee", "0.99"])
    runner.invoke(args=["products", "add", "Green tea", "0.99"])
    assert "1 added, 2 changed.\n" == runner.invoke(args=SEED).output
    listed = runner.invoke(args=["products", "list"]).output
    assert 'Coffee,6.50\nGreen tea,4.80\n"Sugar, brown",2.05\n' == listed
