"""Making one record of 1C once: its key follows from the marker, which also stands in a text of it.

It is looked for before it is sent, and again where it is refused. A server that ignores a chosen
key answers with another; then the marker in the text of the record is what it is found by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Value
from syncd.errors import DoubtError, NotFoundError, RejectedError
from syncd.port import Flow

from .base import Base
from .layouts import CONTACT_KINDS
from .values import Row, chosen_key, guid, key_of, plain, text

CONTACTS = "КонтактнаяИнформация"
"""The table part with telephones, e-mails and addresses."""
_NOTES = ("ДополнительнаяИнформация", "Комментарий")
_TYPES = {
    "email": ("АдресЭлектроннойПочты", "АдресЭП"),
    "phone": ("Телефон", "НомерТелефона"),
    "address": ("Адрес", ""),
}
"""Type of contact, and the field that has it beside its presentation."""

Ways = Mapping[str, Sequence[str]]
"""email, phone or address -> 1C's own names of its kind, the first that there is."""


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


# -- telephones, e-mails, addresses --------------------------------------------------------------


def contact_rows(
    base: Base, name: str, present: Sequence[Row], said: Mapping[str, Value], ways: Ways
) -> Flow[list[Row]]:
    """The table part as it becomes: the first row of each type is changed, taken out or added."""
    rows = [dict(one) for one in present]
    kinds = yield from kinds_of(base)
    for path, value in said.items():
        kind, field = _TYPES[path]
        at = next((n for n, one in enumerate(rows) if one.get("Тип") == kind), None)
        if value is None:
            if at is not None:
                del rows[at]
            continue
        fresh: Row = {"Тип": kind, "Представление": value, **({field: value} if field else {})}
        if named := next((one for one in ways[path] if one in kinds), None):
            fresh["Вид_Key"] = kinds[named]
        if at is None:
            rows.append(fresh)
        else:
            rows[at] |= fresh
    return numbered(base, name, rows)


def numbered(base: Base, name: str, rows: Sequence[Row]) -> list[Row]:
    """As they are sent: a table part is written whole, with its rows in order."""
    part = base.schema.types.get(base.schema.part(name, CONTACTS) or "", {})
    return [
        {one: value for one, value in row.items() if one in part and one != "Ref_Key"}
        | {"LineNumber": str(number)}
        for number, row in enumerate(rows, start=1)
    ]


def kinds_of(base: Base) -> Flow[dict[str, str]]:
    """Kinds of contacts by 1C's own names; without them 1C keeps a contact and shows it nowhere."""
    if not base.schema.has(CONTACT_KINDS, "PredefinedDataName"):
        return {}
    rows = yield from base.wire.rows(CONTACT_KINDS, {"$select": "Ref_Key,PredefinedDataName"})
    return {str(row["PredefinedDataName"]): str(row["Ref_Key"]) for row in rows}


def contact(row: Row, path: str) -> str | None:
    kind, field = _TYPES[path]
    for way in row.get(CONTACTS) or []:
        if way.get("Тип") == kind:
            found = plain((way.get(field) if field else None) or way.get("Представление"))
            return None if found is None else str(found)
    return None
