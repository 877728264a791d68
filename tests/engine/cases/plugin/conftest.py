"""Wiring of a guide under test."""

pytest_plugins = ["mdproof.plugin"]
