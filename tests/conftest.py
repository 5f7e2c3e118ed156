"""Fixtures for every test. The real systems, `tryton` and `crm`, start only where a test asks."""

pytest_plugins = ["tests.world.fixtures"]
