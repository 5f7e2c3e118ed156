"""What BottleCRM tells whoever sets up a connection, or looks after one; nothing of it writes.

A token's scopes cannot be asked for. What it may read is seen by reading one row of each list; what
it may write is not seen before the first write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import AccessError, ProtocolError
from syncd.guide import CustomField, Discovery, Greeting, Right, Stage
from syncd.port import Flow, Request

from .answers import accepted, ask
from .facts import CUSTOM, MODELS

_SIGNS = ("organization context", "not scoped for", "active_accounts")
"""What the list of accounts says to nobody, to a token that does not reach it, and to one that
does; other addresses refuse in words that any API has."""
_READS = {
    "accounts": ("/api/accounts/", "cards"),
    "contacts": ("/api/contacts/", "persons of cards"),
    "invoices": ("/api/invoices/", "documents on cards"),
    "opportunities": ("/api/opportunities/", "won deals"),
}
_WRITES = {
    "accounts": "cards and what is owed",
    "contacts": "persons of cards",
    "invoices": "documents and payments",
    "custom-fields": "`connections setup`",
}
_RECENT = 1000
"""Deals closed lately that are looked at, in each stage."""


def greet() -> Flow[Greeting]:
    response = yield Request("GET", "/api/accounts/", {"limit": "1"})
    if response.status >= 404:
        raise ProtocolError(
            f"HTTP {response.status} at /api/, where BottleCRM answers: is another system there?"
        )
    said = str(response.json()).casefold()
    if not any(sign in said for sign in _SIGNS):
        raise ProtocolError("the address answers with JSON that is not BottleCRM's")
    return Greeting()


def discover(closed: dt.date) -> Flow[Discovery]:
    request = Request("GET", "/api/org/settings/")
    response = yield request
    org = accepted(request, response)
    at = response.headers.get("date")
    rights, answers = yield from _readings()
    user, administrator = yield from _user()
    administers = Right(
        "read", "everybody's accounts", administrator, "cards and deals of other users"
    )
    return Discovery(
        company=str(org["name"]),
        user=user,
        zone=org.get("timezone") or None,
        currencies=(str(org["default_currency"]),) if org.get("default_currency") else (),
        customers=_accounts(answers["accounts"]) if "accounts" in answers else None,
        rights=(*rights, administers, *_unseen()),
        fields=(yield from _fields(answers)),
        stages=(yield from _stages(closed)) if "opportunities" in answers else (),
        at=parsedate_to_datetime(at).astimezone(dt.UTC) if at else None,
    )


def _readings() -> Flow[tuple[list[Right], Mapping[str, Any]]]:
    """One row of each list: who may read it gets an answer."""
    rights, answers = [], {}
    for scope, (path, need) in _READS.items():
        with suppress(AccessError):
            answers[scope] = yield from ask("GET", path, query={"limit": "1"})
        rights.append(Right("read", scope, scope in answers, need))
    return rights, answers


def _unseen() -> list[Right]:
    return [Right("write", scope, None, need) for scope, need in _WRITES.items()]


def _user() -> Flow[tuple[str | None, bool | None]]:
    """The token's owner, and whether it is an administrator; a token need not reach that far."""
    try:
        profile = (yield from ask("GET", "/api/profile/"))["user_obj"]
    except AccessError:
        return None, None
    return profile["user_details"].get("email"), profile["role"] == "ADMIN"


def _accounts(answer: Mapping[str, Any]) -> int:
    active, inactive = answer["active_accounts"], answer["closed_accounts"]
    return int(active["open_accounts_count"]) + int(inactive["close_accounts_count"])


def _fields(answers: Mapping[str, Any]) -> Flow[tuple[CustomField, ...]]:
    """Of accounts: how many have a value is told by how many lack one."""
    query = {"target_model": MODELS["account"], "active_only": "true"}
    try:
        answer = yield from ask("GET", "/api/custom-fields/", query=query)
    except AccessError:
        return ()
    total = _accounts(answers["accounts"]) if "accounts" in answers else None
    found = []
    for one in answer["definitions"]:
        lacking = one.get("records_missing_value")
        filled = None if total is None or lacking is None else max(0, total - int(lacking))
        found.append(CustomField("account", CUSTOM + one["key"], str(one["label"]), filled))
    return tuple(found)


def _stages(closed: dt.date) -> Flow[tuple[Stage, ...]]:
    """Those of kind `won`; a code may stand in several pipelines."""
    answer = yield from ask("GET", "/api/opportunities/pipelines/")
    named: dict[str, str] = {}
    for pipeline in answer["pipelines"]:
        for stage in pipeline["stages"]:
            if stage["kind"] == "won":
                named.setdefault(str(stage["code"]), str(stage.get("label") or stage["code"]))
    found = []
    for code, label in named.items():
        found.append(Stage(code, label, (yield from _recent(code, closed))))
    return tuple(found)


def _recent(code: str, closed: dt.date) -> Flow[int]:
    """The filter takes every stage with this code in its own."""
    query = {"stage": code, "closed_on__gte": closed.isoformat(), "limit": str(_RECENT)}
    answer = yield from ask("GET", "/api/opportunities/", query=query)
    rows: Sequence[Mapping[str, Any]] = answer["opportunities"]
    return sum(row["stage"] == code and row["stage_kind"] == "won" for row in rows)
