"""The users of an organisation: who can own an account (vendor: "Get Users Data", v8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.port import Flow, User

from .answers import ask

MOST = 200
"""Users in one answer."""


def everybody() -> Flow[list[User]]:
    """Also those who were deactivated. One call for every two hundred."""
    found: list[User] = []
    number, more = 1, True
    while more:
        query = {"type": "AllUsers", "page": str(number), "per_page": str(MOST)}
        body = yield from ask("GET", "/users", query)
        found += [_user(one) for one in (body["users"] if body else ())]
        more = bool(body and (body.get("info") or {}).get("more_records"))
        number += 1
    return found


def _user(one: Mapping[str, Any]) -> User:
    parts = (one.get("first_name"), one.get("last_name"))
    name = str(one.get("full_name") or " ".join(str(part) for part in parts if part))
    return User(str(one["id"]), name, one.get("email") or None, one.get("status") == "active")
