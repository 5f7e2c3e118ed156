"""Which accounts somebody saved lately, by the organisation's feed of activities.

An account tells no time of its last change and its list knows no order but that of random ids. The
feed has an entry for each save of one, a person's or a program's, by the server's clock and newest
first, fifty at most (`common.signals` and `ActivityListView` of `django-crm`). An import from CSV
leaves none, nor does what is changed in the database: that is for the daily pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

from syncd.errors import ProtocolError
from syncd.port import Flow

MOST = 50
"""Entries that the server answers with at most."""
LATE = dt.timedelta(minutes=2)
"""How much older than the answers before it an entry may be that they did not show yet: a long
transaction, or another of several servers with its own clock."""


class Asks(Protocol):
    def get(self, path: str, query: Mapping[str, str] | None = None) -> Flow[Any]: ...


def saved(talk: Asks, seen: dt.datetime) -> Flow[Mapping[str, bool] | None]:
    """Account -> whether it is still there, of those saved since; None where the feed does not
    reach back so far, because more than fifty were, or where the token may not read it."""
    since = seen - LATE
    query = {"entity_type": "Account", "limit": str(MOST)}
    rows = (yield from talk.get("/api/activities/", query))["activities"]
    entries = [(_moment(row["timestamp"]), row) for row in rows]
    if len(entries) >= MOST and min(at for at, _ in entries) >= since:
        return None
    found: dict[str, bool] = {}
    for at, row in sorted(entries, key=lambda entry: entry[0]):
        if at >= since:
            found[str(row["entity_id"])] = row["action"] != "DELETE"
    return found


def _moment(text: object) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(str(text)).astimezone(dt.UTC)
    except ValueError:
        raise ProtocolError(f"BottleCRM tells a time as {text!r}") from None
