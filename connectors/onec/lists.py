"""Lists of a set: keys with their versions, and documents page by page in the order of dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from syncd.port import Flow

from .base import Base
from .layouts import CUSTOMER
from .values import Row, key_of, wall

DOCUMENTS = "Document_"
LISTED = 1000
"""Rows of a list of versions in one answer."""


class Listed(msgspec.Struct, frozen=True):
    """What differs after every write, posting and marking; whom a document names, and its date as
    1C writes it."""

    version: str
    customer: str | None
    date: str = ""


def versions(base: Base, name: str, lower: dt.datetime | None) -> Flow[dict[str, Listed]]:
    """By key. Catalogs come whole and in one answer: their keys cannot be compared, so there is no
    order to go on by."""
    fields = ["Ref_Key", "DataVersion", "Posted", "DeletionMark", "Date"]
    if not name.startswith(DOCUMENTS):
        query = {"$select": ",".join(base.schema.those(name, fields))}
        return _listed((yield from base.wire.rows(name, query)), None)
    customer = base.schema.first(name, CUSTOMER)
    query = {"$select": ",".join(base.schema.those(name, [*fields, customer or ""]))}
    found: dict[str, Listed] = {}
    after: tuple[str, str] | None = None
    start = wall(lower, base.zone) if lower else None
    while True:
        rows, after = yield from by_date(base, name, query, after, LISTED, start)
        found |= _listed(rows, customer)
        if after is None:
            return found


def _listed(rows: list[Row], customer: str | None) -> dict[str, Listed]:
    return {
        str(row["Ref_Key"]).lower(): Listed(
            f"{row.get('DataVersion')} {row.get('Posted')} {row.get('DeletionMark')}",
            key_of(row.get(customer)) if customer else None,
            str(row.get("Date") or ""),
        )
        for row in rows
    }


def by_date(
    base: Base,
    name: str,
    query: Mapping[str, str],
    after: tuple[str, str] | None,
    size: int,
    start: str | None = None,
) -> Flow[tuple[list[Row], tuple[str, str] | None]]:
    """Documents of the organisations that are read by date, and where to go on; never by an offset,
    for rows move. The next page
    begins at the last date of the one before, and what that one showed of this date is left out by
    its last key. More of one date than fit are asked for in a longer page."""
    lower = f"Date ge datetime'{after[0]}'" if after else f"Date ge {start}" if start else ""
    clause = " and ".join(one for one in (lower, base.only(name)) if one)
    asked = {**query, "$orderby": "Date,Ref_Key", **({"$filter": clause} if clause else {})}
    many = size
    while True:
        rows = yield from base.wire.rows(name, {**asked, "$top": str(many)})
        full = len(rows) == many
        fresh = rows if after is None else _behind(rows, after)
        if fresh or not full:
            break
        many *= 2
    if fresh is None:
        fresh = rows  # the last one is gone: shown twice is better than not at all
    if not full:
        return fresh, None
    last = rows[-1]
    return fresh, (str(last["Date"]), str(last["Ref_Key"]).lower())


def _behind(rows: list[Row], after: tuple[str, str]) -> list[Row] | None:
    """What follows the row that was shown last; None where it is not among these."""
    date, key = after
    for place, row in enumerate(rows):
        if row["Date"] != date:
            return rows  # it is gone
        if str(row["Ref_Key"]).lower() == key:
            return rows[place + 1 :]
    return None
