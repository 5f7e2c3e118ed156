"""An Atom entry that a client sends, as the JSON of the same body would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from syncd.sandbox.onec.odata.said import DATA
from syncd.sandbox.onec.refusals import BODY, Refusal
from syncd.sandbox.onec.shapes import Entity, Field

PROPERTIES = f"{{{DATA}/metadata}}properties"
NULL = f"{{{DATA}/metadata}}null"
TRUTH = {"true": True, "false": False}


def read(body: bytes, entity: Entity) -> dict[str, Any]:
    try:
        found = ElementTree.fromstring(body).find(f".//{PROPERTIES}")
    except ElementTree.ParseError:
        found = None
    if found is None:
        raise Refusal(400, BODY, "Неверный формат тела запроса!")
    made = _row(found, entity.by_wire)
    for part, fields in entity.parts.items():
        there = found.find(f"{{{DATA}}}{part}")
        if there is not None:
            made[part] = _rows(there, fields)
    return made


def _rows(part: ElementTree.Element, fields: Sequence[Field]) -> list[dict[str, Any]]:
    known = {one.wire: one for one in fields}
    return [_row(one, known) for one in part.findall(f"{{{DATA}}}element")]


def _row(element: ElementTree.Element, known: Mapping[str, Field]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in element:
        name = one.tag.rpartition("}")[2]
        text = one.text or ""
        field = known.get(name)
        if one.get(NULL) == "true":
            made[name] = None
        elif field is not None and field.type == "bool":
            made[name] = TRUTH.get(text, text)
        elif len(one) == 0:
            made[name] = text
    return made
