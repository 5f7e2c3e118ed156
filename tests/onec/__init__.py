"""Tests of the connector to 1C."""
