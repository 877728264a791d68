"""Wiring for this guide: its pages are collected beside the engine's tests."""

pytest_plugins = ["mdproof.plugin"]
