"""What a client sends to be written, with 1C's silent and loud refusals.

Silent: unknown properties, text for a whole number, text that is too long, references to nothing.
Loud: what is no key, truth value, number or date; a list where text belongs; gaps in LineNumber.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from syncd.sandbox.onec.base import Record
from syncd.sandbox.onec.odata import entries
from syncd.sandbox.onec.odata.values import GUID
from syncd.sandbox.onec.refusals import BODY, BUSINESS, MISSING_VALUE, Refusal, unparsed
from syncd.sandbox.onec.shapes import EDM, NAMESPACE, NO_REF, UNDEFINED, Entity, Field

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
NEVER = ("Ref_Key", "DataVersion", "Predefined", "PredefinedDataName")
INTERNAL = "Внутренняя ошибка OData сервиса"


def parse(body: bytes, entity: Entity, *, atom: bool = False) -> tuple[Record, str | None]:
    """(values, the Ref_Key the client chose)."""
    if atom:
        return _parsed(entries.read(body, entity), entity)
    try:
        given = json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise Refusal(500, BUSINESS, "Непредвиденный символ при чтении JSON") from None
    if not isinstance(given, dict):
        raise Refusal(400, BODY, "Неверный формат тела запроса!")
    return _parsed(given, entity)


def _parsed(given: dict[str, Any], entity: Entity) -> tuple[Record, str | None]:
    values = _values(given, entity.fields, skip=NEVER)
    for part, fields in entity.parts.items():
        if part in given:
            values[part] = _part(given[part], fields)
    key = given.get("Ref_Key")
    return values, None if key is None else str(_value(Field("Ref", "ref"), key))


def _values(given: dict[str, Any], fields: Sequence[Field], skip: Sequence[str] = ()) -> Record:
    made: Record = {}
    for field in fields:
        name = field.wire
        bound = given.get(f"{field.name}@odata.bind")
        if field.type == "ref" and bound:
            given = {**given, name: str(bound).partition("guid'")[2].partition("'")[0]}
        if name not in given or name in skip:
            continue
        if field.type == "any":
            made |= _any(field, given)
        elif field.type != "int" or _whole(given[name]):
            made[name] = _value(field, given[name])
    return made


def _whole(value: object) -> bool:
    return re.fullmatch(r"-?\d+", str(value).strip()) is not None


def _any(field: Field, given: dict[str, Any]) -> Record:
    """Without its type a value is not understood, and nothing is said about it."""
    kind = given.get(f"{field.name}_Type") or UNDEFINED
    value = given[field.wire]
    short = str(kind).removeprefix(NAMESPACE)
    if kind == UNDEFINED or value in ("", None, NO_REF):
        return {field.wire: "", f"{field.name}_Type": UNDEFINED}
    if short in field.targets:
        value = _value(Field(field.name, "ref"), value)
    return {field.wire: value, f"{field.name}_Type": kind}


def _value(field: Field, value: Any) -> Any:
    if isinstance(value, list | dict):
        raise Refusal(500, BUSINESS, INTERNAL)
    if value is None:
        return field.empty
    kind = EDM[field.type]
    if field.type == "ref":
        if not GUID.fullmatch(str(value).lower()):
            raise unparsed(value, kind)
        return str(value).lower()
    if field.type == "bool":
        if not isinstance(value, bool):
            raise unparsed(value, kind)
        return value
    if field.type == "int":
        return int(str(value))
    if field.type == "number":
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", str(value)):
            raise unparsed(value, kind)
        return Decimal(str(value))
    if field.type == "date":
        text = str(value)[:19]
        try:
            dt.datetime.fromisoformat(text if DATE.fullmatch(text) else "")
        except ValueError:
            raise unparsed(value, kind) from None
        return text
    return str(value)[: field.length]


def _part(rows: Any, fields: Sequence[Field]) -> list[Record]:
    """A whole part: rows are numbered 1, 2, 3."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refusal(500, BUSINESS, INTERNAL)
    made = [_values(row, fields, skip=("Ref_Key",)) for row in rows]
    if any("LineNumber" not in row for row in made):
        raise Refusal(500, BUSINESS, INTERNAL)
    if [row["LineNumber"] for row in made] != list(range(1, len(made) + 1)):
        raise Refusal(400, MISSING_VALUE, "Неверный номер строки табличной части!")
    return made
