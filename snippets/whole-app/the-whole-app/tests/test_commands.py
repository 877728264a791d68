"""Commands: what they do, print and end with."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from myapp import create_app
from myapp.extensions import db


def listed(runner: FlaskCliRunner) -> str:
    """List the products, by the command."""
    return runner.invoke(args=["products", "list"]).stdout


def test_init_db_creates_the_tables(
    app: Flask, runner: FlaskCliRunner
) -> None:
    """An empty database gets its tables."""
    with app.app_context():
        db.drop_all()
    result = runner.invoke(args=["init-db"])
    assert (0, None) == (result.exit_code, result.exception)
    assert "The tables are there.\n" == result.stdout
    added = runner.invoke(args=["products", "add", "Tea", "1.00"])
    assert (0, "Added Tea.\n") == (added.exit_code, added.stdout)


def test_init_db_keeps_what_is_there(runner: FlaskCliRunner) -> None:
    """A second run is no loss."""
    runner.invoke(args=["products", "add", "Tea", "1.00"])
    result = runner.invoke(args=["init-db"])
    assert (0, None) == (result.exit_code, result.exception)
    assert "Tea,1.00\n" == listed(runner)


def test_a_command_works_on_the_app_it_was_given_to(
    app: Flask, runner: FlaskCliRunner
) -> None:
    """Two apps of a process share commands and no data."""
    other = create_app(app.config)
    other_runner = other.test_cli_runner()
    assert 0 == other_runner.invoke(args=["init-db"]).exit_code
    runner.invoke(args=["products", "add", "Tea", "1.00"])
    assert ("Tea,1.00\n", "") == (listed(runner), listed(other_runner))
    with other.app_context():
        db.engine.dispose()


def test_add_and_list(runner: FlaskCliRunner) -> None:
    """What was added is listed, oldest first; an empty shop is silent."""
    assert "" == listed(runner)
    runner.invoke(args=["products", "add", " Tea ", "10.05"])
    runner.invoke(args=["products", "add", "Coffee", "0.50"])
    assert "Tea,10.05\nCoffee,0.50\n" == listed(runner)


@pytest.mark.parametrize(
    "price",
    ["", "cheap", "4", "4.5", "4.500", "-4.50", "+4.50", "4,50", " 4.50"]
    + ["1e5", "nan", "inf", "1_0.00", "٤.٥٠", "1000000.00", "9" * 5000],
)
def test_a_wrong_price_is_a_usage_error(
    price: str, runner: FlaskCliRunner
) -> None:
    """No number but one with two decimals, in limits, is a price."""
    result = runner.invoke(args=["products", "add", "--", "Tea", price])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"'PRICE': {price!r} is not a price" in result.stderr
    assert "" == listed(runner)


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 81, "a\nb", "a\tb", "\x00", "\x1b[2J", "\udcff"]
)
def test_a_wrong_name_is_a_usage_error(
    name: str, runner: FlaskCliRunner
) -> None:
    """A name is printable, and fits its column."""
    result = runner.invoke(args=["products", "add", name, "4.50"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"'NAME': {name!r} is not 1 to 80" in result.stderr
    assert "" == listed(runner)


def test_the_longest_name_and_highest_price(runner: FlaskCliRunner) -> None:
    """The limits themselves are allowed."""
    runner.invoke(args=["products", "add", "x" * 80, "999999.99"])
    assert f"{'x' * 80},999999.99\n" == listed(runner)


@pytest.mark.parametrize("args", [[], ["Tea"], ["Tea", "1.00", "2.00"]])
def test_the_number_of_arguments_counts(
    args: list[str], runner: FlaskCliRunner
) -> None:
    """Too few or too many arguments are a usage error."""
    result = runner.invoke(args=["products", "add", *args])
    assert (2, "") == (result.exit_code, result.stdout)


def test_a_name_that_is_taken_is_a_failure(runner: FlaskCliRunner) -> None:
    """The first product stays; the message is on stderr."""
    runner.invoke(args=["products", "add", "Tea", "1.00"])
    result = runner.invoke(args=["products", "add", "Tea", "2.00"])
    assert 1 == result.exit_code
    assert "Error: 'Tea' is in the shop already.\n" == result.stderr
    assert "" == result.stdout
    assert "Tea,1.00\n" == listed(runner)
