"""Zoho's records as the paths a mapping writes, and back into request bodies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from syncd.domain import Value
from syncd.port import Found, Op, Write

from .facts import (
    CONTACTS,
    CUSTOM,
    DOCUMENTS,
    FACTS,
    FIRST,
    LAST,
    LOOKUPS,
    OWNER,
    PARENTS,
    WHOLE,
)
from .metadata import EDITOR, STAMP, moment_of


def body(write: Write, id_field: str) -> dict[str, Any]:
    """One record of a create, without None, or of an update, with null; its parents in both, for
    it may have moved. Decimals go out as they are; Zoho rounds to the places of its field.

    The whole name of a contact goes into the last one, and the first one is emptied: how a name is
    divided the books do not say. Where both together are that name already, nothing is written."""
    fields = dict(write.fields)
    if write.op is Op.CREATE:
        fields.setdefault(CUSTOM + id_field, write.marker)
        fields = {path: value for path, value in fields.items() if value is not None}
    out: dict[str, Any] = {"id": write.remote_id} if write.remote_id else {}
    if write.target == CONTACTS and WHOLE in fields:
        out |= {FIRST: None, LAST: fields.pop(WHOLE)}
    for path, value in fields.items():
        name = path.removeprefix(CUSTOM)
        out[name] = {"id": value} if value and _is_lookup(write.target, name) else value
    if write.target in DOCUMENTS:
        out.update({PARENTS[word]: {"id": parent} for word, parent in write.parents.items()})
    return out


def found(target: str, record: Mapping[str, Any], id_field: str) -> Found:
    """What Zoho has of one object; fields that hold no single value are left out."""
    declared = FACTS.targets[target].fields
    fields: dict[str, Value] = {}
    for name, value in record.items():
        if name == "id" or name.startswith("$"):
            continue
        if isinstance(value, dict):  # a lookup
            value = value.get("id")
        if isinstance(value, list):
            continue
        fields[name if name in declared else CUSTOM + name] = plain(value)
    mark = fields.get(CUSTOM + id_field)
    marker = None if mark is None else str(mark)
    above = {word: record.get(name) for word, name in PARENTS.items() if target in DOCUMENTS}
    parents = {word: str(one["id"]) for word, one in above.items() if isinstance(one, dict)}
    return Found(str(record["id"]), marker, fields, *_changed(record), parents)


def _changed(record: Mapping[str, Any]) -> tuple[str | None, dt.datetime | None]:
    """Who changed it last, and when. A list in the query language tells neither. What an automation
    does is done by whoever set it off, which may be the user of syncd."""
    by, at = record.get(EDITOR), record.get(STAMP)
    name = by.get("name") if isinstance(by, dict) else None
    return name, moment_of(at) if at else None


def plain(value: Any) -> Value:
    """An empty text is nothing; a number is exact, whether it has a fraction or not."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        return value if isinstance(value, str | Decimal | bool) else str(value)
    return Decimal(value)


def same_name(one: str, other: str) -> bool:
    """Two spellings that nobody would tell apart."""
    return one.strip().casefold() == other.strip().casefold()


def _is_lookup(target: str, name: str) -> bool:
    return name == OWNER or (target in DOCUMENTS and name in LOOKUPS)
