"""Phone, e-mail and address of a counterparty: rows of its table part, one for each kind.

A row says the same several times: as people see it (`Представление`), in columns by which lists and
searches go, and as a structure that 1C's own form shows in place of it (`Значение`, in older
versions `ЗначенияПолей`). What syncd writes is the first; what 1C works out of it is emptied, so
that the form shows the new text and works it out again (vendor's library of subsystems, БСП 3.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.domain import Value
from syncd.port import Flow

from .base import Base
from .layouts import CUSTOMERS
from .values import Row, plain

PART = "КонтактнаяИнформация"
WAYS = {
    "email": ("АдресЭлектроннойПочты", "EmailКонтрагента"),
    "phone": ("Телефон", "ТелефонКонтрагента"),
    "address": ("Адрес", "ЮрАдресКонтрагента"),
}
"""Type of contact, and 1C's own name of its kind."""
_KINDS = "Catalog_ВидыКонтактнойИнформации"
_SHOWN = "Представление"
_MAIL, _PHONE = "АдресЭП", "НомерТелефона"
_WORKED_OUT = ("Значение", "ЗначенияПолей", "Страна", "Регион", "Город", "НомерТелефонаБезКодов")


def becomes(base: Base, present: Sequence[Row], ways: Mapping[str, Value]) -> Flow[list[Row]]:
    """The whole table part as it is to be, for a table part is written whole. Of each kind the
    first row is changed, taken out or added; all others stay as they are."""
    rows = [dict(one) for one in present]
    kinds = (yield from _kinds(base)) if any(ways.values()) else {}
    for path, value in ways.items():
        kind, named = WAYS[path]
        at = next((n for n, one in enumerate(rows) if one.get("Тип") == kind), None)
        if value is None:
            if at is not None:
                del rows[at]
        elif at is None:
            rows.append({"Тип": kind, **_said(path, str(value)), **_of_kind(kinds, named)})
        elif shown(rows[at], path) != value:
            rows[at] |= _said(path, str(value))
    part = base.schema.types.get(base.schema.part(CUSTOMERS, PART) or "", {})
    return [
        {one: value for one, value in row.items() if one in part and one != "Ref_Key"}
        | {"LineNumber": str(number)}
        for number, row in enumerate(rows, start=1)
    ]


def _said(path: str, value: str) -> Row:
    row: Row = {_SHOWN: value, **dict.fromkeys(_WORKED_OUT, "")}
    if path == "email":
        row |= {_MAIL: value, "ДоменноеИмяСервера": value.rpartition("@")[2]}
    if path == "phone":
        row[_PHONE] = "".join(filter(str.isdigit, value))
    return row


def _of_kind(kinds: Mapping[str, Any], named: str) -> Row:
    return {"Вид_Key": kinds[named]} if named in kinds else {}


def _kinds(base: Base) -> Flow[dict[str, Any]]:
    """Kinds of contacts by 1C's own names; without them 1C keeps a contact and shows it nowhere."""
    if not base.schema.has(_KINDS, "PredefinedDataName"):
        return {}
    rows = yield from base.wire.rows(_KINDS, {"$select": "Ref_Key,PredefinedDataName"})
    return {str(row["PredefinedDataName"]): row["Ref_Key"] for row in rows}


def first(rows: Sequence[Row], path: str) -> str | None:
    """Of the first row of its kind that says anything."""
    kind, _ = WAYS[path]
    return next(
        (found for row in rows if row.get("Тип") == kind and (found := shown(row, path))), None
    )


def shown(row: Row, path: str) -> str | None:
    """As people wrote it; of an e-mail its own column, where that is filled."""
    found = plain((row.get(_MAIL) if path == "email" else None) or row.get(_SHOWN))
    return None if found is None else str(found)
