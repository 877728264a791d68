"""What goes wrong unseen: bugs in commands, and warnings."""

import warnings
from typing import NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner


def test_a_command_knows_its_app(app: Flask, runner: FlaskCliRunner) -> None:
    """A command runs in a context of the fixture's app."""

    @app.cli.command("name")
    def name() -> None:
        print(app.name)

    result = runner.invoke(args=["name"])
    assert (0, "myapp\n") == (result.exit_code, result.output)


def test_a_bug_in_a_command_comes_through(
    app: Flask, runner: FlaskCliRunner
) -> None:
    """The exception of a command reaches the test."""

    @app.cli.command("fail")
    def fail() -> NoReturn:
        raise KeyError("hunter2")

    with pytest.raises(KeyError, match="hunter2"):
        runner.invoke(args=["fail"])


def test_a_warning_in_a_request_comes_through(
    app: Flask, client: FlaskClient
) -> None:
    """A request during which something warns fails its test."""

    @app.before_request
    def warn() -> None:
        warnings.warn("gone in 2.0", DeprecationWarning, stacklevel=1)

    with pytest.raises(DeprecationWarning, match="gone"):
        client.get("/visitors/me")


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Give a shell in which a bug in a command is not swallowed."""
    return app.test_cli_runner(catch_exceptions=False)
