"""Requests for one object: reading, writing, posting, and what is below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from syncd.sandbox.onec.base import Row
from syncd.sandbox.onec.odata import bodies, metadata, said
from syncd.sandbox.onec.odata.address import Segment, literal, only_key
from syncd.sandbox.onec.odata.call import Call, json_answer, listed, only, shown
from syncd.sandbox.onec.odata.rows import recordset, rows_of
from syncd.sandbox.onec.odata.values import guid
from syncd.sandbox.onec.refusals import (
    BUSINESS,
    EXISTS,
    NOT_ALLOWED,
    Refusal,
    no_object,
    no_segment,
)
from syncd.sandbox.onec.shapes import NAMESPACE, Entity
from syncd.sandbox.port import Answer


def one(call: Call, entity: Entity, first: Segment, rest: Sequence[Segment]) -> Answer:
    if entity.kind in ("AccumulationRegister", "AccountingRegister"):
        return _recordset(call, entity, first)
    key = only_key(first, entity.keys)
    if entity.keys != ("Ref_Key",):
        return _one_by_parts(call, entity, key)
    name, ref = entity.name, str(guid(key["Ref_Key"]))
    if rest:
        return _below(call, entity, ref, rest)
    only(call, "GET", "HEAD", "PATCH", "PUT", "DELETE", "MERGE")
    method = call.asked.method
    if method in ("GET", "HEAD"):
        return shown(call, entity, call.base.get(name, ref))
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
        kept = (*bodies.NEVER, "Posted")
        blank = {name: value for name, value in entity.blank.items() if name not in kept}
        values = {**blank, **{part: [] for part in entity.parts}, **values}
    return shown(call, entity, call.base.change(name, ref, values))


def _match(call: Call, record: Row) -> None:
    wanted = call.asked.headers.get("if-match", "").strip('"')
    strict = call.base.switches.strict_if_match
    if strict and wanted not in ("", "*", record.get("DataVersion")):
        raise Refusal(412, BUSINESS, "Версия объекта не соответствует ожидаемой!")


def _below(call: Call, entity: Entity, ref: str, rest: Sequence[Segment]) -> Answer:
    base, step = call.base, rest[0]
    record = base.get(entity.name, ref)
    if step.name in ("Post", "Unpost") and entity.kind == "Document":
        only(call, "GET", "POST")  # GET too: whoever follows a link posts
        (base.post if step.name == "Post" else base.unpost)(entity.name, ref)
        return Answer(200, {"content-type": "text/plain"})
    only(call, "GET", "HEAD")
    if step.name in entity.parts:
        return listed(call, metadata.part_set(entity, step.name), record[step.name])
    if reference := entity.references.get(step.name):
        there = base.follow(reference, record)
        if there is None:
            raise no_object(reference.targets[0], record[reference.wire])
        return shown(call, base.entity(there[0]), there[1])
    if step.name in entity.by_wire:
        value = said.wire(base, entity.by_wire[step.name], record[step.name])
        return json_answer({"value": value}, call.level or "nometadata")
    raise no_segment(step.name)


def _recordset(call: Call, entity: Entity, first: Segment) -> Answer:
    if entity.name not in call.base.rows:
        raise Refusal(400, NOT_ALLOWED, "Метод не разрешен!")
    key = {one: literal(value) for one, value in only_key(first, entity.keys).items()}
    ref = key.get("Recorder") or key.get("Recorder_Key", "")
    kind = key.get("Recorder_Type", "").removeprefix(NAMESPACE)
    held = call.base.rows[entity.name]
    found = next(
        (rows for (name, one), rows in held.items() if one == ref and kind in ("", name)), None
    )
    only(call, "GET", "HEAD")
    if found is None:
        raise no_object(entity.name, ref)
    return shown(call, entity, recordset(found))


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
        return shown(call, entity, found[0])
    if entity.name not in base.objects:
        raise Refusal(405, NOT_ALLOWED, f"Метод {method} не разрешен!")
    if method == "DELETE":
        del base.objects[entity.name][found[0]["Ref_Key"]]
        return Answer(204)
    values, _ = call.body(entity)
    if any(str(values.get(one, key[one])) != key[one] for one in key):
        raise no_object(entity.name, ", ".join(key.values()))
    found[0].update(values)
    return shown(call, entity, found[0])


def create(call: Call, entity: Entity) -> Answer:
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
    made = shown(call, entity, record, 201)
    where = call.root + quote(said.address(entity, record), safe="()'=,")
    return Answer(201, {**made.headers, "location": where}, made.body)
