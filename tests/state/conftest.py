from __future__ import annotations

from tests.cli.conftest import desk, in_utc, live

__all__ = ["desk", "in_utc", "live"]
