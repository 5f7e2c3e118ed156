"""One request below the root of the interface: which rows or which write, and how it is said."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.exchange import Plan
from syncd.sandbox.onec.odata import bodies, metadata, query, said, tables
from syncd.sandbox.onec.odata.address import Segment, literal, only_key, options, segments
from syncd.sandbox.onec.odata.values import guid
from syncd.sandbox.onec.refusals import (
    BUSINESS,
    EXISTS,
    NOT_ALLOWED,
    Refusal,
    no_object,
    no_segment,
    no_set,
)
from syncd.sandbox.onec.shapes import NAMESPACE, Entity
from syncd.sandbox.port import Answer, Asked

LEVEL = re.compile(r"(?:application/)?json(?:\s*;\s*odata=(\w+))?", re.IGNORECASE)
EXCHANGE = ("SelectChanges", "NotifyChangesReceived")
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


def answer(base: Base, plan: Plan, asked: Asked, root: str, path: str) -> Answer:
    """`path` is decoded and stands below `root`."""
    given = options(asked.query)
    call = Call(base, plan, asked, root, given, _level(given, asked))
    try:
        return _answer(call, path)
    except Refusal as refusal:
        return refused(refusal, call.level is not None)


def refused(refusal: Refusal, as_json: bool = True) -> Answer:
    code, text = str(refusal.code), refusal.text
    if as_json:
        body: dict[str, Any] = {"code": code, "message": {"lang": "ru", "value": text}}
        return _json_answer({"odata.error": body}, "", refusal.status)
    made = (
        f'<?xml version="1.0" encoding="UTF-8"?><m:error xmlns:m="{said.DATA}/metadata">'
        f'<m:code>{code}</m:code><m:message xml:lang="ru">{escape(text)}</m:message></m:error>'
    )
    return Answer(refusal.status, {"content-type": "application/xml;charset=utf-8"}, made.encode())


def _level(given: Mapping[str, str], asked: Asked) -> str | None:
    wanted = given.get("$format") or asked.headers.get("accept", "")
    found = LEVEL.search(wanted)
    return (found[1] or "minimalmetadata").lower() if found else None


def _answer(call: Call, path: str) -> Answer:
    way = segments(path)
    if not way:
        return _services(call)
    first, rest = way[0], way[1:]
    if first.name == "$metadata":
        return _xml(metadata.document(call.base), "application/xml")
    if (
        first.name in ("SelectChanges", "NotifyChangesReceived")
        and call.base.switches.exchange_plan
    ):
        return _exchange(call, first.name)
    if first.name == "$batch":
        raise Refusal(500, BUSINESS, "Внутренняя ошибка OData сервиса")
    known = metadata.sets(call.base)
    if first.name not in known:
        raise no_set(first.name)
    query.check(call.options)
    entity = known[first.name]
    if first.arguments is None:
        return _collection(call, entity, rest)
    return _one(call, entity, first, rest)


def _exchange(call: Call, name: str) -> Answer:
    """Reading is Atom whatever was asked for."""
    _only(call, "POST")
    plan = call.plan
    node, number = plan.asked(call.options)
    if name == "NotifyChangesReceived":
        plan.received(node, number)
        return Answer(200, {"content-type": "text/plain"})
    items = plan.select(node, number)
    return _xml(
        said.feed(call.voice, name, [_registered(call, *one) for one in items]), "application/xml"
    )


def _registered(call: Call, name: str, key: str) -> str:
    """An object as it is now, the whole set of a recorder, or a tombstone."""
    base, voice = call.base, call.voice
    if name in base.rows:
        kind, _, ref = key.partition(" ")
        entity = base.configuration.registers[name].set
        rows = base.rows[name].get((kind, ref), [])
        row = {
            "Recorder": ref,
            "Recorder_Key": ref,
            "Recorder_Type": NAMESPACE + kind,
            "RecordSet": rows,
        }
        return said.entry(voice, entity, row, query.shown(entity, {}))
    entity = base.entity(name)
    if key in base.objects[name]:
        return said.entry(voice, entity, base.objects[name][key], query.shown(entity, {}))
    ref = f"{call.root}{name}(guid'{key}')"
    return f'<at:deleted-entry ref="{ref}" when="{base.now()}"/>'


# collections


def _collection(call: Call, entity: Entity, rest: Sequence[Segment]) -> Answer:
    base = call.base
    if call.asked.method == "POST" and not rest:
        return _create(call, entity)
    _only(call, "GET", "HEAD")
    if not rest:
        return _listed(call, entity, rows_of(base, entity.name))
    step = rest[0]
    if len(rest) > 1:
        raise no_segment(rest[1].name)
    if step.name == "$count" and base.switches.count:
        whole = {**call.options, "$inlinecount": "allpages"}
        count = query.run(base, entity, rows_of(base, entity.name), whole).whole
        return Answer(200, {"content-type": "text/plain;charset=utf-8"}, BOM + str(count).encode())
    return _function(call, entity, step)


def rows_of(base: Base, name: str) -> list[Row]:
    """Of a set, of a part as a set of its own, of a register by recorders or flat."""
    if name in base.objects:
        return list(base.objects[name].values())
    flat = name.removesuffix("_RecordType")
    if flat in base.rows and flat != name:
        return list(base.register_rows(flat))
    if name in base.rows:
        return [_recordset(rows) for rows in base.rows[name].values()]
    for owner, entity in base.configuration.entities.items():
        for part in entity.parts:
            if name == f"{owner}_{part}":
                return [row for one in base.objects[owner].values() for row in one[part]]
    raise no_set(name)


def _recordset(rows: list[Row]) -> Row:
    kind = rows[0]["Recorder_Type"].removeprefix(NAMESPACE)
    return _recorder(kind, rows[0]["Recorder"]) | {"RecordSet": rows}


def _recorder(kind: str, ref: str) -> Row:
    return {"Recorder": ref, "Recorder_Key": ref, "Recorder_Type": NAMESPACE + kind}


def _function(call: Call, entity: Entity, step: Segment) -> Answer:
    base = call.base
    given = {**call.options, **(step.arguments or {})}
    register = base.configuration.registers.get(entity.name)
    if register is not None:
        shape, rows = tables.call(base, register, step.name, given)
        return _listed(call, shape, rows)
    if step.name == "SliceLast" and entity.kind == "InformationRegister":
        return _listed(call, entity, tables.latest(base, entity, given))
    raise Refusal(400, 6, f"Метод {step.name} не найден!")


def _listed(call: Call, entity: Entity, rows: Sequence[Row]) -> Answer:
    page = query.run(call.base, entity, rows, call.options)
    columns = query.shown(entity, call.options)
    voice = call.voice
    if call.level is None:
        entries = [said.entry(voice, entity, row, columns) for row in page.rows]
        return _xml(said.feed(voice, entity.name, entries, page.whole))
    made: dict[str, Any] = {}
    if call.level != "nometadata":
        made["odata.metadata"] = f"{call.root}$metadata#{entity.name}"
    if page.whole is not None:
        made["odata.count"] = str(page.whole)
    made["value"] = [said.as_json(voice, entity, row, columns) for row in page.rows]
    return _json_answer(made, call.level, bom=call.base.switches.bom)


# one object


def _one(call: Call, entity: Entity, first: Segment, rest: Sequence[Segment]) -> Answer:
    if entity.kind == "AccumulationRegister" or entity.kind == "AccountingRegister":
        return _one_recordset(call, entity, first)
    key = only_key(first, entity.keys)
    if entity.keys != ("Ref_Key",):
        return _one_by_parts(call, entity, key)
    name, ref = entity.name, str(guid(key["Ref_Key"]))
    if rest:
        return _below(call, entity, ref, rest)
    _only(call, "GET", "HEAD", "PATCH", "PUT", "DELETE", "MERGE")
    method = call.asked.method
    if method in ("GET", "HEAD"):
        return _object(call, entity, call.base.get(name, ref))
    if method == "PUT" and ref not in call.base.objects[name] and call.base.switches.put_creates:
        values, _ = call.body(entity)
        return _created(call, entity, call.base.create(name, values, ref))
    record = call.base.get(name, ref)
    _match(call, record)
    if method == "DELETE":
        call.base.delete(name, ref)
        return Answer(204)
    values, _ = call.body(entity)
    if method == "PUT":
        blank = {one.wire: one.empty for one in entity.fields if one.wire not in bodies.NEVER}
        blank |= {"Posted": record["Posted"]} if "Posted" in record else {}
        values = {**blank, **{part: [] for part in entity.parts}, **values}
    return _object(call, entity, call.base.change(name, ref, values))


def _match(call: Call, record: Row) -> None:
    wanted = call.asked.headers.get("if-match", "").strip('"')
    strict = call.base.switches.strict_if_match
    if strict and wanted not in ("", "*", record.get("DataVersion")):
        raise Refusal(412, BUSINESS, "Версия объекта не соответствует ожидаемой!")


def _object(call: Call, entity: Entity, row: Row, status: int = 200) -> Answer:
    voice, columns = call.voice, query.shown(entity, call.options, single=True)
    if call.level is None:
        made = said.entry(voice, entity, row, columns, spaces=f" {said.SPACES}")
        return _xml(said.alone(voice, made), "application/atom+xml", status)
    body = said.as_json(voice, entity, row, columns, single=True)
    if call.level != "nometadata":
        body = {"odata.metadata": f"{call.root}$metadata#{entity.name}/@Element", **body}
    return _json_answer(body, call.level, status, bom=call.base.switches.bom)


def _below(call: Call, entity: Entity, ref: str, rest: Sequence[Segment]) -> Answer:
    base, step = call.base, rest[0]
    record = base.get(entity.name, ref)
    if step.name in ("Post", "Unpost") and entity.kind == "Document":
        _only(call, "GET", "POST")  # GET too: whoever follows a link posts
        (base.post if step.name == "Post" else base.unpost)(entity.name, ref)
        return Answer(200, {"content-type": "text/plain"})
    _only(call, "GET", "HEAD")
    if step.name in entity.parts:
        return _listed(call, metadata.part_set(entity, step.name), record[step.name])
    if reference := entity.references.get(step.name):
        there = base.follow(reference, record)
        if there is None:
            raise no_object(reference.targets[0], record[reference.wire])
        return _object(call, base.entity(there[0]), there[1])
    if step.name in entity.by_wire:
        value = said.wire(base, entity.by_wire[step.name], record[step.name])
        return _json_answer({"value": value}, call.level or "nometadata")
    raise no_segment(step.name)


def _one_recordset(call: Call, entity: Entity, first: Segment) -> Answer:
    if entity.name not in call.base.rows:
        raise Refusal(400, NOT_ALLOWED, "Метод не разрешен!")
    key = {one: literal(value) for one, value in only_key(first, entity.keys).items()}
    ref = key.get("Recorder") or key.get("Recorder_Key", "")
    kind = key.get("Recorder_Type", "").removeprefix(NAMESPACE)
    held = call.base.rows[entity.name]
    found = next(
        (rows for (name, one), rows in held.items() if one == ref and kind in ("", name)), None
    )
    _only(call, "GET", "HEAD")
    if found is None:
        raise no_object(entity.name, ref)
    return _object(call, entity, _recordset(found))


def _one_by_parts(call: Call, entity: Entity, key: Mapping[str, str]) -> Answer:
    """A row of a part (to read), or of an independent information register."""
    base = call.base
    found = [
        row for row in rows_of(base, entity.name) if all(str(row[one]) == key[one] for one in key)
    ]
    if not found:
        raise no_object(entity.name, ", ".join(key.values()))
    method = call.asked.method
    if method in ("GET", "HEAD"):
        return _object(call, entity, found[0])
    if entity.name not in base.objects:
        raise Refusal(405, NOT_ALLOWED, f"Метод {method} не разрешен!")
    if method == "DELETE":
        del base.objects[entity.name][found[0]["Ref_Key"]]
        return Answer(204)
    values, _ = call.body(entity)
    if any(str(values.get(one, key[one])) != key[one] for one in key):
        raise no_object(entity.name, ", ".join(key.values()))
    found[0].update(values)
    return _object(call, entity, found[0])


def _create(call: Call, entity: Entity) -> Answer:
    base, name = call.base, entity.name
    if name not in base.objects:
        raise Refusal(405, NOT_ALLOWED, "Метод POST не разрешен!")
    values, chosen = call.body(entity)
    status = base.switches.exists_status
    if entity.keys != ("Ref_Key",):
        chosen = " ".join(str(values.get(one, "")) for one in entity.keys)
        status = 400
    elif not base.switches.client_key:
        chosen = None
    if chosen in base.objects[name]:
        raise Refusal(status, EXISTS, "Экземпляр сущности с таким ключом уже существует!")
    return _created(call, entity, base.create(name, values, chosen))


def _created(call: Call, entity: Entity, record: Row) -> Answer:
    made = _object(call, entity, record, 201)
    where = call.root + quote(said.address(entity, record), safe="()'=,")
    return Answer(201, {**made.headers, "location": where}, made.body)


# words of HTTP


def _only(call: Call, *methods: str) -> None:
    if call.asked.method not in methods:
        raise Refusal(405, NOT_ALLOWED, f"Метод {call.asked.method} не разрешен!")


def _services(call: Call) -> Answer:
    names = list(metadata.sets(call.base))
    if call.level is None:
        items = "".join(
            f'<collection href="{one}"><atom:title>{one}</atom:title></collection>' for one in names
        )
        return _xml(
            '<?xml version="1.0" encoding="UTF-8"?><service xmlns="http://www.w3.org/2007/app" '
            f'xmlns:atom="http://www.w3.org/2005/Atom" xml:base="{call.root}"><workspace>'
            f"<atom:title>Default</atom:title>{items}</workspace></service>",
            "application/atomsvc+xml",
        )
    made = {"value": [{"name": one, "url": one} for one in names]}
    if call.level != "nometadata":
        made = {"odata.metadata": f"{call.root}$metadata", **made}  # type: ignore[dict-item]
    return _json_answer(made, call.level)


def _json_answer(
    value: Mapping[str, Any], level: str, status: int = 200, *, bom: bool = False
) -> Answer:
    kind = (
        f"application/json;odata={level};charset=utf-8"
        if level
        else "application/json;charset=utf-8"
    )
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, {"content-type": kind}, BOM + body if bom else body)


def _xml(body: str, kind: str = "application/atom+xml;type=feed", status: int = 200) -> Answer:
    return Answer(status, {"content-type": f"{kind};charset=utf-8"}, body.encode())
