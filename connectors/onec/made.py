"""Making one record of 1C once: its key follows from the marker, which also stands in a text of it.

It is looked for before it is sent, and again where it is refused. A server that ignores a chosen
key answers with another; then the marker in the text of the record is what it is found by.
"""

from __future__ import annotations

from syncd.errors import DoubtError, NotFoundError, RejectedError
from syncd.port import Flow

from .base import Base
from .values import Row, chosen_key, guid, key_of, text

_NOTES = ("ДополнительнаяИнформация", "Комментарий")


def make(base: Base, name: str, marker: str, body: Row, chosen: bool) -> Flow[tuple[Row, bool]]:
    """The record of this marker, and whether it was made now: not if it was there. A refusal after
    a step that was carried out leaves half a customer, which the next attempt finishes."""
    present = yield from by_marker(base, name, marker, chosen)
    if present is not None:
        return present, False
    sent = {one: value for one, value in body.items() if one in base.schema.types.get(name, {})}
    if chosen:
        sent["Ref_Key"] = chosen_key(marker, name)
    try:
        row = yield from base.wire.write("POST", name, sent)
    except RejectedError:
        # Somebody may have made it meanwhile: the same key twice is refused.
        present = yield from by_marker(base, name, marker, chosen)
        if present is not None:
            return present, False
        raise
    if not isinstance(row, dict) or key_of(row.get("Ref_Key")) is None:
        raise DoubtError(f"1C took a record of {name} and did not say which one it is")
    return row, True


def by_marker(base: Base, name: str, marker: str, chosen: bool) -> Flow[Row | None]:
    if chosen:
        row = yield from by_key(base, name, chosen_key(marker, name))
        if row is not None:
            return row
    field = base.schema.first(name, _NOTES)
    if field is None:
        return None
    clause = f"substringof({text(marker)},{field})"
    rows: list[Row] = yield from base.wire.rows(name, {"$filter": clause})
    return next((row for row in rows if marker_in(base, name, row) == marker), None)


def by_key(base: Base, name: str, key: str) -> Flow[Row | None]:
    try:
        row = yield from base.wire.get(f"{name}({guid(key)})")
    except NotFoundError:
        return None
    return dict(row)


def marker_in(base: Base, name: str, row: Row) -> str | None:
    """The first word of the text that carries it; people write behind it."""
    field = base.schema.first(name, _NOTES)
    words = str(row.get(field) or "").split() if field else []
    return words[0] if words else None


def note(base: Base, name: str, marker: str) -> Row:
    field = base.schema.first(name, _NOTES)
    return {field: marker} if field else {}
