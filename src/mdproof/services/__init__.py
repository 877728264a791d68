"""Servers that stand in for those of a deployment, each a module with a function ``serve(port)``."""
