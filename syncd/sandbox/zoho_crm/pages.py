"""Pages for people."""

from __future__ import annotations

from typing import Any


def page(zoho: Any, path: str) -> str | None:
    return None
