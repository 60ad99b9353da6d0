"""Fixtures every test may use: servers, databases, topic names, services as processes."""

pytest_plugins = ["libs.testing.stack"]
