"""One request below the root of the interface: which rows or which write, and how it is said."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.exchange import Plan
from syncd.sandbox.onec.odata import metadata, query, said, tables
from syncd.sandbox.onec.odata.address import Segment, literal, options, segments
from syncd.sandbox.onec.odata.call import (
    BOM,
    Call,
    json_answer,
    level_of,
    listed,
    only,
    refused,
    xml_answer,
)
from syncd.sandbox.onec.odata.rows import recorder, rows_of
from syncd.sandbox.onec.odata.single import create, one
from syncd.sandbox.onec.refusals import BUSINESS, SEGMENT, Refusal, no_segment, no_set
from syncd.sandbox.onec.shapes import Entity
from syncd.sandbox.port import Answer, Asked

EXCHANGE = ("SelectChanges", "NotifyChangesReceived")


def answer(base: Base, plan: Plan, asked: Asked, root: str, path: str) -> Answer:
    """`path` is decoded and stands below `root`."""
    given = options(asked.query)
    call = Call(base, plan, asked, root, given, level_of(given, asked))
    try:
        return _answer(call, path)
    except Refusal as refusal:
        return refused(refusal, call.level is not None)


def _answer(call: Call, path: str) -> Answer:
    way = segments(path)
    if not way:
        return _services(call)
    first, rest = way[0], way[1:]
    if first.name == "$metadata":
        return xml_answer(metadata.document(call.base), "application/xml")
    if first.name in EXCHANGE and call.base.switches.exchange_plan:
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
    return one(call, entity, first, rest)


def _collection(call: Call, entity: Entity, rest: Sequence[Segment]) -> Answer:
    base = call.base
    if call.asked.method == "POST" and not rest:
        return create(call, entity)
    only(call, "GET", "HEAD")
    if not rest:
        return listed(call, entity, rows_of(base, entity.name))
    step = rest[0]
    if len(rest) > 1:
        raise no_segment(rest[1].name)
    if step.name == "$count" and base.switches.count:
        whole = {**call.options, "$inlinecount": "allpages"}
        count = query.run(base, entity, rows_of(base, entity.name), whole).whole
        return Answer(200, {"content-type": "text/plain;charset=utf-8"}, BOM + str(count).encode())
    return _function(call, entity, step)


def _function(call: Call, entity: Entity, step: Segment) -> Answer:
    base = call.base
    given = {name: literal(value) for name, value in call.options.items()}
    given |= step.arguments or {}
    register = base.configuration.registers.get(entity.name)
    if register is not None:
        shape, rows = tables.call(base, register, step.name, given)
        return listed(call, shape, rows)
    if step.name == "SliceLast" and entity.kind == "InformationRegister":
        return listed(call, entity, tables.latest(base, entity, given))
    raise Refusal(400, SEGMENT, f"Метод {step.name} не найден!")


def _exchange(call: Call, name: str) -> Answer:
    """Reading is Atom whatever was asked for."""
    only(call, "POST")
    plan = call.plan
    node, number = plan.asked(call.options)
    if name == "NotifyChangesReceived":
        plan.received(node, number)
        return Answer(200, {"content-type": "text/plain"})
    items = plan.select(node, number)
    entries = [_registered(call, *item) for item in items]
    return xml_answer(said.feed(call.voice, name, entries), "application/xml")


def _registered(call: Call, name: str, key: str) -> str:
    """An object as it is now, the whole set of a recorder, or a tombstone."""
    base, voice = call.base, call.voice
    if name in base.rows:
        kind, _, ref = key.partition(" ")
        entity = base.configuration.registers[name].set
        rows = base.rows[name].get((kind, ref), [])
        row = recorder(kind, ref) | {"RecordSet": rows}
        return said.entry(voice, entity, row, query.shown(entity, {}))
    entity = base.entity(name)
    if key in base.objects[name]:
        return said.entry(voice, entity, base.objects[name][key], query.shown(entity, {}))
    ref = f"{call.root}{name}(guid'{key}')"
    return f'<at:deleted-entry ref="{ref}" when="{base.moment()}"/>'


def _services(call: Call) -> Answer:
    names = list(metadata.sets(call.base))
    if call.level is None:
        items = "".join(
            f'<collection href="{one}"><atom:title>{one}</atom:title></collection>' for one in names
        )
        return xml_answer(
            '<?xml version="1.0" encoding="UTF-8"?><service xmlns="http://www.w3.org/2007/app" '
            f'xmlns:atom="http://www.w3.org/2005/Atom" xml:base="{call.root}"><workspace>'
            f"<atom:title>Default</atom:title>{items}</workspace></service>",
            "application/atomsvc+xml",
        )
    made: dict[str, object] = {"value": [{"name": one, "url": one} for one in names]}
    if call.level != "nometadata":
        made = {"odata.metadata": f"{call.root}$metadata", **made}
    return json_answer(made, call.level)
