"""Phones, e-mails and addresses in 1C: rows of one table part, which is written whole.

A row says the same several times: as people see it (`Представление`), in columns by which lists and
searches go, and as a structure that 1C's own form shows in place of it (`Значение`, in older
versions `ЗначенияПолей`). What syncd writes is the first; what 1C works out of it is emptied, so
that the form shows the new text and works it out again (vendor's library of subsystems, БСП 3.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Value
from syncd.port import Flow

from .base import Base
from .layouts import CONTACT_KINDS
from .values import Row, plain

CONTACTS = "КонтактнаяИнформация"
"""The table part."""
_TYPES = {"email": "АдресЭлектроннойПочты", "phone": "Телефон", "address": "Адрес"}
_SHOWN, _MAIL = "Представление", "АдресЭП"
_WORKED_OUT = ("Значение", "ЗначенияПолей", "Страна", "Регион", "Город", "НомерТелефонаБезКодов")

Ways = Mapping[str, Sequence[str]]
"""email, phone or address -> 1C's own names of its kind, the first that there is."""


def contact_rows(
    base: Base, name: str, present: Sequence[Row], said: Mapping[str, Value], ways: Ways
) -> Flow[list[Row]]:
    """The table part as it becomes: the first row of each type is changed, taken out or added. One
    that is there keeps its kind, and all others stay as they are."""
    rows = [dict(one) for one in present]
    kinds = (yield from kinds_of(base)) if any(said.values()) else {}
    for path, value in said.items():
        at = next((n for n, one in enumerate(rows) if one.get("Тип") == _TYPES[path]), None)
        if value is None:
            if at is not None:
                del rows[at]
        elif at is not None:
            if _shown(rows[at], path) != value:
                rows[at] |= _said(path, str(value))
        else:
            named = next((one for one in ways[path] if one in kinds), None)
            kind = {"Вид_Key": kinds[named]} if named else {}
            rows.append({"Тип": _TYPES[path], **_said(path, str(value)), **kind})
    return numbered(base, name, rows)


def _said(path: str, value: str) -> Row:
    row: Row = {_SHOWN: value, **dict.fromkeys(_WORKED_OUT, "")}
    if path == "email":
        row |= {_MAIL: value, "ДоменноеИмяСервера": value.rpartition("@")[2]}
    if path == "phone":
        row["НомерТелефона"] = "".join(filter(str.isdigit, value))
    return row


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
    """What a record says of this: in the first row of its type that says anything, as people wrote
    it; of an e-mail in its own column, where that is filled."""
    mine = (one for one in row.get(CONTACTS) or [] if one.get("Тип") == _TYPES[path])
    return next((found for one in mine if (found := _shown(one, path))), None)


def _shown(row: Row, path: str) -> str | None:
    found = plain((row.get(_MAIL) if path == "email" else None) or row.get(_SHOWN))
    return None if found is None else str(found)
