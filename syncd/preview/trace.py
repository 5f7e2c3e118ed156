"""One record through a mapping: raw value -> rule -> syncd's word -> field of the card. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.domain import Canonical, Card, Document, Kind, Money, State, Value, Want, value_of
from syncd.errors import MappingError
from syncd.mapping import Inbound, Outbound
from syncd.mapping.sections import Rule
from syncd.mapping.words import FIGURES
from syncd.port import Record
from syncd.why.says import READS

NO_RULE = Rule("", "")


class At(msgspec.Struct, frozen=True):
    """A field of an object at the target: what is wanted there, and what was last agreed to be."""

    target: str
    part: str
    path: str
    where: str
    text: str
    value: Value
    shown: Value = None


class Step(msgspec.Struct, frozen=True):
    """One word. `raw` are the values its rule reads, by path."""

    word: str
    raw: Mapping[str, Any]
    where: str
    text: str
    value: Any
    written: tuple[At, ...] = ()


class Traced(msgspec.Struct, frozen=True):
    """`outcome` says what becomes of the record where it is not simply mapped."""

    kind: Kind
    key: str
    outcome: str
    steps: tuple[Step, ...]
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Subject(msgspec.Struct, frozen=True):
    """A record and what is known of it: `image` is its canonical form where that is settled,
    `wants` and `shown` the objects it is at the target, by part."""

    kind: Kind
    key: str
    record: Record | None
    image: Canonical | None = None
    wants: Mapping[str, Want] = msgspec.field(default_factory=dict)
    shown: Mapping[str, Mapping[str, Value]] = msgspec.field(default_factory=dict)


def judge(inbound: Inbound, record: Record) -> tuple[Canonical | None, str]:
    """The canonical record, and what becomes of it where it is not simply mapped."""
    try:
        found, whole = inbound(record), inbound.unconditional(record)
    except MappingError as error:
        return None, f"cannot be read: {error}"
    if found is None:
        rule = inbound.where or NO_RULE
        because = ", ".join(f"{path} = {_said(record, path)}" for path in rule.reads)
        return whole, f"left out by {rule.where} where: {rule.text}   [{because}]"
    state = getattr(found, "state", State.EFFECTIVE)
    return found, "" if state is State.EFFECTIVE else f"is {state}: it does not count"


def trace(subject: Subject, inbound: Inbound | None, outbound: Outbound | None) -> Traced:
    record, canonical, outcome = subject.record, subject.image, ""
    if inbound and record:
        judged, outcome = judge(inbound, record)
        canonical = canonical or judged
    written = _written(subject, outbound)
    steps = []
    for word, rule in (inbound.rules if inbound else {}).items():
        raw: Mapping[str, Any]
        raw = {path: at(record.data, path) for path in rule.reads} if record else {}
        value = value_of(canonical, word)
        steps.append(Step(word, raw, rule.where, rule.text, value, written.pop(word, ())))
    for word, fields in written.items():
        sources = {f"{kind}.{name}": None for kind, name in READS.get(word, ())}
        raw = sources if subject.kind is Kind.CARD else {}
        steps.append(Step(word, raw, "", "", _value(canonical, word), fields))
    raw = record.data if record else {}
    return Traced(subject.kind, subject.key, outcome, tuple(steps), raw)


def _value(canonical: Canonical | None, word: str) -> Any:
    """Of a word that no rule reads: a figure of a card in each currency, a document's currency."""
    if isinstance(canonical, Card) and word in FIGURES:
        return [getattr(row, FIGURES[word]) for row in canonical.rows]
    if word == "currency" and isinstance(canonical, Document):
        return getattr(canonical, "total", getattr(canonical, "amount", Money(0, ""))).currency
    return value_of(canonical, word)


def _written(subject: Subject, outbound: Outbound | None) -> dict[str, tuple[At, ...]]:
    """Word -> its fields at the target, object by object; the key's under `key`."""
    found: dict[str, tuple[At, ...]] = {}
    for key, want in subject.wants.items():
        there = subject.shown.get(key, {})
        name = outbound.part_of(key) if outbound else ""
        for path, value in want.fields.items():
            rule = outbound.rules.get((name, path), NO_RULE) if outbound else NO_RULE
            word = (outbound.word_at(name, path) if outbound else None) or "key"
            one = At(want.target, key, path, rule.where, rule.text, value, there.get(path))
            found[word] = (*found.get(word, ()), one)
    return found


def at(data: Any, path: str) -> Any:
    """What stands at a path; of the rows of a table part, a list."""
    value = data
    for step in path.split("."):
        if isinstance(value, list):
            value = [row.get(step) for row in value if isinstance(row, Mapping)]
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value


def _said(record: Record, path: str) -> str:
    value = at(record.data, path)
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    return str(value)


def same(one: Step | None, other: Step | None) -> bool:
    """Whether a word means the same, wherever its rule stands."""
    if one is None or other is None:
        return one is other
    return _meaning(one) == _meaning(other)


def _meaning(one: Step) -> object:
    written = [(at.target, at.part, at.path, at.value) for at in one.written]
    return one.value, written
