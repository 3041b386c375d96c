"""Fixtures that every test may use: the embedded engines."""

pytest_plugins = ["tests.engines"]
