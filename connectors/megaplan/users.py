"""The employees of an account: who can be responsible for a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.port import Flow, User

from . import contacts
from .answers import listed
from .facts import EMAIL, EMPLOYEE, INFO

MOST = 100


def everybody() -> Flow[list[User]]:
    """Also those who left. A list of employees heeds no filter, so it is read whole."""
    found: dict[str, User] = {}
    asks: dict[str, Any] = {"limit": MOST, "fields": ["name", INFO, "fireDay"]}
    while True:
        told = yield from listed("employee", asks)
        new = {str(row["id"]): _user(row) for row in told.data if str(row["id"]) not in found}
        found |= new
        if not new or len(told.data) < min(MOST, told.limit or MOST):
            return list(found.values())
        last = told.data[-1]
        asks["pageAfter"] = {"contentType": EMPLOYEE, "id": str(last["id"])}


def _user(row: Mapping[str, Any]) -> User:
    parts = (row.get("lastName"), row.get("firstName"))
    name = str(row.get("name") or " ".join(str(part) for part in parts if part))
    here = not row.get("fireDay") and not row.get("isDropped")
    return User(str(row["id"]), name, contacts.of(row.get(INFO), EMAIL), here)
