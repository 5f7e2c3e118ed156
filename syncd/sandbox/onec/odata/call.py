"""One request taken apart, and how its answer is said: as JSON or as Atom."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.exchange import Plan
from syncd.sandbox.onec.odata import bodies, query, said
from syncd.sandbox.onec.refusals import NOT_ALLOWED, Refusal
from syncd.sandbox.onec.shapes import Entity
from syncd.sandbox.port import Answer, Asked

LEVEL = re.compile(r"(?:application/)?json(?:\s*;\s*odata=(\w+))?", re.IGNORECASE)
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, taken apart."""

    base: Base
    plan: Plan
    asked: Asked
    root: str
    options: Mapping[str, str]
    level: str | None
    """Of JSON; None for Atom."""

    @property
    def voice(self) -> said.Voice:
        return said.Voice(self.base, self.root, self.level or "minimalmetadata")

    def body(self, entity: Entity) -> tuple[Row, str | None]:
        """What is to be written, and the Ref_Key that the client chose."""
        atom = "xml" in self.asked.headers.get("content-type", "")
        return bodies.parse(self.asked.body, entity, atom=atom)


def level_of(given: Mapping[str, str], asked: Asked) -> str | None:
    wanted = given.get("$format") or asked.headers.get("accept", "")
    found = LEVEL.search(wanted)
    return (found[1] or "minimalmetadata").lower() if found else None


def only(call: Call, *methods: str) -> None:
    if call.asked.method not in methods:
        raise Refusal(405, NOT_ALLOWED, f"Метод {call.asked.method} не разрешен!")


def listed(call: Call, entity: Entity, rows: Sequence[Row]) -> Answer:
    page = query.run(call.base, entity, rows, call.options)
    columns = query.shown(entity, call.options)
    voice = call.voice
    if call.level is None:
        entries = [said.entry(voice, entity, row, columns) for row in page.rows]
        return xml_answer(said.feed(voice, entity.name, entries, page.whole))
    made: dict[str, Any] = {}
    if call.level != "nometadata":
        made["odata.metadata"] = f"{call.root}$metadata#{entity.name}"
    if page.whole is not None:
        made["odata.count"] = str(page.whole)
    made["value"] = [said.as_json(voice, entity, row, columns) for row in page.rows]
    return json_answer(made, call.level, bom=call.base.switches.bom)


def shown(call: Call, entity: Entity, row: Row, status: int = 200) -> Answer:
    voice, columns = call.voice, query.shown(entity, call.options, single=True)
    if call.level is None:
        made = said.entry(voice, entity, row, columns, spaces=f" {said.SPACES}")
        return xml_answer(said.alone(voice, made), "application/atom+xml", status)
    body = said.as_json(voice, entity, row, columns, single=True)
    if call.level != "nometadata":
        body = {"odata.metadata": f"{call.root}$metadata#{entity.name}/@Element", **body}
    return json_answer(body, call.level, status, bom=call.base.switches.bom)


def refused(refusal: Refusal, as_json: bool = True) -> Answer:
    code, text = str(refusal.code), refusal.text
    if as_json:
        body: dict[str, Any] = {"code": code, "message": {"lang": "ru", "value": text}}
        return json_answer({"odata.error": body}, "", refusal.status)
    made = (
        f'<?xml version="1.0" encoding="UTF-8"?><m:error xmlns:m="{said.DATA}/metadata">'
        f'<m:code>{code}</m:code><m:message xml:lang="ru">{escape(text)}</m:message></m:error>'
    )
    return Answer(refusal.status, {"content-type": "application/xml;charset=utf-8"}, made.encode())


def json_answer(
    value: Mapping[str, Any], level: str, status: int = 200, *, bom: bool = False
) -> Answer:
    kind = (
        f"application/json;odata={level};charset=utf-8"
        if level
        else "application/json;charset=utf-8"
    )
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, {"content-type": kind}, BOM + body if bom else body)


def xml_answer(
    body: str, kind: str = "application/atom+xml;type=feed", status: int = 200
) -> Answer:
    return Answer(status, {"content-type": f"{kind};charset=utf-8"}, body.encode())
