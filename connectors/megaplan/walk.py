"""A list from what changed last to what did long ago, page by page.

A page begins behind the last row of the one before. That row may be gone meanwhile, so a position
names a few more before it. A row that changes during a walk goes to the front of the list, and out
of sight of whoever has passed there: a walk over everything ends with another one down to its own
beginning, until that is a single page.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from syncd.errors import NotFoundError, UnavailableError
from syncd.port import Flow

from .answers import Told, ask, listed
from .values import Json, moment

STAMP = "timeUpdated"
ANCHORS = 5
"""Rows that a position names."""

Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Position:
    """`pages` counts those of the whole pass, so that no two positions are alike. `since` is how
    far down this walk goes, `began` when it did; `fresh` are those of the rows shown that had
    changed since then already, so that the next walk need not show them again."""

    pages: int = 0
    leg: int = 0
    """Pages of this walk before this one."""
    after: tuple[Link, ...] = ()
    since: str | None = None
    began: str | None = None
    fresh: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str | None) -> Position:
        if text is None:
            return cls()
        values = json.loads(text)
        after, fresh = values.pop("after"), values.pop("fresh")
        return cls(**values, after=tuple((kind, id) for kind, id in after), fresh=tuple(fresh))

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Leaf:
    rows: Sequence[Json]
    next: str | None
    date: dt.datetime | None


def leaf(
    path: str,
    fields: Sequence[Any],
    size: int,
    position: str | None,
    since: dt.datetime | None = None,
    *,
    everything: bool = False,
) -> Flow[Leaf]:
    """One page of what changed at `since` or later; of `everything`, each entity that there is at
    the end of the pass is on one of its pages."""
    at = Position.read(position)
    if at.since is not None:
        since = dt.datetime.fromisoformat(at.since)
    asks = {
        "limit": size,
        "fields": list(fields),
        "sortBy": [{"contentType": "SortField", "fieldName": STAMP, "desc": True}],
    }
    told, full = yield from _page(path, asks, at)
    began = at.began or _began(told)
    within = [row for row in told.data if since is None or moment(row[STAMP]) >= since]
    rows = [row for row in within if str(row["id"]) not in at.fresh]
    fresh = (*at.fresh, *(str(row["id"]) for row in rows if everything and _since(row, began)))
    here = replace(at, pages=at.pages + 1, leg=at.leg + 1, began=began, fresh=fresh)
    following: Position | None = None
    if full and len(within) == len(told.data):
        last = [(str(row["contentType"]), str(row["id"])) for row in told.data[-ANCHORS:]]
        following = replace(here, after=tuple(reversed(last)))
    elif everything and at.leg and began != at.since:
        following = Position(here.pages, since=began, fresh=fresh)
    return Leaf(rows, str(following) if following else None, told.date)


def _since(row: Json, began: str | None) -> bool:
    return began is not None and moment(row[STAMP]) >= dt.datetime.fromisoformat(began)


def _page(path: str, asks: Mapping[str, Any], at: Position) -> Flow[tuple[Told, bool]]:
    """And whether another one may follow. UnavailableError where all that it could begin behind is
    gone: the pass has to begin again."""
    if not at.after:
        told = yield from listed(path, asks)
        return told, _is_full(told, asks["limit"])
    for kind, id in at.after:
        try:
            link = {"contentType": kind, "id": id}
            told = yield from listed(path, {**asks, "pageAfter": link})
        except NotFoundError:
            continue
        if told.data or (yield from _is_there(path, id)):
            return told, _is_full(told, asks["limit"])
    raise UnavailableError(f"the list {path} of Megaplan moved on while it was read")


def _is_there(path: str, id: str) -> Flow[bool]:
    """An empty page is the end, unless it follows something that is gone."""
    try:
        yield from ask("GET", f"{path}/{id}")
    except NotFoundError:
        return False
    return True


def _is_full(told: Told, wanted: int) -> bool:
    """The server may give fewer at once than it is asked for, and says so."""
    return len(told.data) >= min(wanted, told.limit or wanted)


def _began(told: Told) -> str | None:
    """By the server's clock, else the newest time that it shows."""
    if told.date is not None:
        return told.date.isoformat()
    return max(_stamps(told.data), default=None)


def _stamps(rows: Sequence[Json]) -> Iterator[str]:
    return (moment(row[STAMP]).isoformat() for row in rows)
