"""Looking things up: by id, by the key of the books, by a value, and all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.domain import Value
from syncd.errors import NotFoundError, RejectedError
from syncd.port import Flow, Found, FoundPage

from . import contacts
from .answers import ask, listed
from .extra import ExtraFields
from .facts import CUSTOM, DEAL, INFO, LISTS, NAME, OWNER, SEGMENTS
from .values import NUMBERS, TEXTS, Json, moment, plain
from .walk import STAMP, leaf

ALL = 100
"""Rows of one answer."""
EDITOR = "userUpdated"
_FILTERS = {DEAL: "TradeFilter"}
_HELD = {*TEXTS, *NUMBERS, "DateField", "BoolField"}
"""Kinds of extra fields that a mapping may write."""


class Finder:
    def __init__(self, extra: ExtraFields, id_field: str, currency: str) -> None:
        self._extra = extra
        self._marker = CUSTOM + id_field
        self._currency = currency

    def find(self, target: str, by: Mapping[str, str]) -> Flow[Sequence[Found]]:
        """What has exactly these values; nothing for an id that is gone, or for an empty value."""
        if not by or not all(by.values()):
            return []
        if "id" in by:
            rows = yield from self._one(target, by["id"])
        else:
            wanted = {self._marker if path == "marker" else path: by[path] for path in by}
            rows = yield from self._rows(target, wanted)
        found = yield from self.found(target, rows)
        return [one for one in found if all(_holds(one, *item) for item in by.items())]

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        names = yield from self._names(target)
        page = yield from leaf(LISTS[target], names, ALL, position, everything=True)
        rows = [row for row in page.rows if row["contentType"] == target]
        return FoundPage((yield from self.found(target, rows)), page.next)

    def found(self, target: str, rows: Sequence[Json]) -> Flow[list[Found]]:
        """What Megaplan has of each, under the paths that a mapping writes."""
        paths = yield from self._extra.paths(target)
        return [self._found(row, paths) for row in rows]

    def _found(self, row: Json, paths: Mapping[str, str]) -> Found:
        fields: dict[str, Value] = {
            path: plain(row[name], self._currency) for name, path in paths.items() if name in row
        }
        for name in (NAME, "description"):
            if name in row:
                fields[name] = plain(row[name])
        if responsible := row.get(OWNER):
            fields[OWNER] = str(responsible[0]["id"])
        if INFO in row:
            fields |= {kind: contacts.of(row[INFO], kind) for kind in contacts.KINDS}
        marker = fields.get(self._marker)
        editor, at = row.get(EDITOR), row.get(STAMP)
        return Found(
            str(row["id"]),
            None if marker is None else str(marker),
            fields,
            editor.get("name") if isinstance(editor, dict) else None,
            moment(at) if at else None,
        )

    def _one(self, target: str, id: str) -> Flow[list[Json]]:
        if not (id.isascii() and id.isdecimal()):
            return []
        try:
            row = yield from ask("GET", f"{SEGMENTS[target]}/{id}")
        except NotFoundError:
            return []
        return [] if row.get("isDropped") else [row]

    def _rows(self, target: str, wanted: Mapping[str, str]) -> Flow[list[Json]]:
        """Those that the filter finds. Where one of them is far from what was looked for, the
        filter was not heeded: then all there are."""
        terms, names = [], {}
        for path, value in wanted.items():
            name = yield from self._filtered(target, path)
            if name is None:
                return []  # nothing has such a field, or no filter knows it
            names[name] = value
            terms.append(
                {
                    "contentType": "FilterTermString",
                    "field": name,
                    "comparison": "equals",
                    "value": value,
                }
            )
        asks = {
            "filter": _filter(target, terms),
            "limit": ALL,
            "fields": (yield from self._names(target)),
        }
        try:
            told = yield from listed(LISTS[target], asks)
        except RejectedError:  # no filter knows such a field
            return (yield from self._every(target))
        rows = [row for row in told.data if row["contentType"] == target]
        if all(_near(row, names) for row in told.data) and len(told.data) < ALL:
            return rows
        return (yield from self._every(target))

    def _every(self, target: str) -> Flow[list[Json]]:
        found: dict[str, Json] = {}
        names = yield from self._names(target)
        position: str | None = None
        while True:
            page = yield from leaf(LISTS[target], names, ALL, position, everything=True)
            found |= {str(row["id"]): row for row in page.rows if row["contentType"] == target}
            position = page.next
            if position is None:
                return list(found.values())

    def _filtered(self, target: str, path: str) -> Flow[str | None]:
        if path == NAME:
            return NAME
        one = (yield from self._extra.find(target, path)) if path.startswith(CUSTOM) else None
        return one.name if one and one.kind in TEXTS else None

    def _names(self, target: str) -> Flow[list[str]]:
        known = yield from self._extra.all(target)
        extras = [one.name for one in known.values() if one.kind in _HELD]
        own = [NAME, "description", EDITOR, STAMP, *([INFO] if target != DEAL else [])]
        return [*own, *extras]


def _filter(target: str, terms: Sequence[Json]) -> Json:
    group = {"contentType": "FilterTermGroup", "join": "and", "terms": list(terms)}
    return {
        "contentType": _FILTERS.get(target, "CrmFilter"),
        "id": None,
        "config": {"contentType": "FilterConfig", "termGroup": group},
    }


def _near(row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """As a server compares that heeds no case of letters."""
    return all(
        str(plain(row.get(name)) or "").strip().casefold() == value.strip().casefold()
        for name, value in wanted.items()
    )


def _holds(found: Found, path: str, value: str) -> bool:
    if path == "id":
        return found.remote_id == value
    return (found.marker if path == "marker" else found.fields.get(path)) == value
