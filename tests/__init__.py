"""Tests, and the stand-ins they are made with."""
