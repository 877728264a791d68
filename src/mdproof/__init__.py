"""Proves guides: every fenced block of every Markdown page, by running it."""
