"""Virtual tables of registers: balances, turnovers, the latest of a slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.odata import accounting
from syncd.sandbox.onec.odata.filters import Scope, Value, compile_filter
from syncd.sandbox.onec.refusals import SEGMENT, Refusal, no_segment
from syncd.sandbox.onec.shapes import Entity, Field, Register


def columns(register: Register, *endings: str) -> tuple[Field, ...]:
    made = [*register.dimensions]
    for one in register.resources:
        made += [Field(one.name + ending, one.type) for ending in endings]
    return tuple(made)


def shapes(register: Register) -> Mapping[str, Entity]:
    """Function -> what its rows look like."""
    if register.accounting:
        return {"Balance": accounting.shape(register)}
    name, keys = register.name, tuple(one.wire for one in register.dimensions)
    turnovers = Entity(
        f"{name}_Turnover", columns(register, "Turnover", "Receipt", "Expense"), {}, keys
    )
    balance = Entity(f"{name}_Balance", columns(register, "Balance"), {}, keys)
    return {"Balance": balance, "Turnovers": turnovers}


def call(
    base: Base, register: Register, name: str, given: Mapping[str, str]
) -> tuple[Entity, list[Row]]:
    """Refusal for a function that is not there."""
    shape = shapes(register).get(name)
    if shape is None:
        raise Refusal(400, SEGMENT, f"Метод {name} не найден!")
    if register.accounting:
        return shape, accounting.balance(base, register, given)
    wanted = condition(base, register.row, given.get("Condition", ""))
    rows = [row for row in base.register_rows(register.name) if row["Active"] and wanted(row)]
    if name == "Balance":
        until = given.get("Period", "")
        made = _balance(register, [row for row in rows if not until or row["Period"] < until])
    else:
        start, end = given.get("StartPeriod", ""), given.get("EndPeriod", "") or "9"
        made = _turnovers(register, [row for row in rows if start <= row["Period"] <= end])
    return _grouped(register, shape, made, given.get("Dimensions", ""))


def condition(base: Base, fields: Sequence[Field], text: str) -> Value:
    """Inner quotes stand as they are, or doubled."""
    if not text:
        return lambda row: True
    scope = Scope(base, {one.wire: one for one in fields}, {})
    try:
        return compile_filter(text, scope, "Condition")
    except Refusal:
        return compile_filter(text.replace("''", "'"), scope, "Condition")


def key_of(fields: Iterable[Field], row: Row) -> Row:
    made: Row = {}
    for one in fields:
        made[one.wire] = row[one.wire]
        if one.type == "any":
            made[f"{one.name}_Type"] = row[f"{one.name}_Type"]
    return made


def _balance(register: Register, rows: list[Row]) -> list[Row]:
    made: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = key_of(register.dimensions, row)
        found = made.setdefault(tuple(key.values()), key)
        sign = 1 if row["RecordType"] == "Receipt" else -1
        for one in register.resources:
            name = f"{one.name}Balance"
            found[name] = found.get(name, Decimal(0)) + sign * row[one.wire]
    return [
        row for row in made.values() if any(row[f"{one.name}Balance"] for one in register.resources)
    ]


def _turnovers(register: Register, rows: list[Row]) -> list[Row]:
    made: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = key_of(register.dimensions, row)
        found = made.setdefault(tuple(key.values()), key)
        for one in register.resources:
            for ending in ("Turnover", "Receipt", "Expense"):
                found.setdefault(one.name + ending, Decimal(0))
            receipt = row["RecordType"] == "Receipt"
            found[one.name + ("Receipt" if receipt else "Expense")] += row[one.wire]
            found[one.name + "Turnover"] += row[one.wire] if receipt else -row[one.wire]
    return list(made.values())


def _grouped(
    register: Register, shape: Entity, rows: list[Row], text: str
) -> tuple[Entity, list[Row]]:
    """`Dimensions='Контрагент'` sums over all others."""
    names = [one.strip() for one in text.split(",") if one.strip()]
    if not names:
        return shape, rows
    known = {one.name: one for one in register.dimensions}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise no_segment(unknown[0])
    kept = [known[name] for name in names]
    sums = [one for one in shape.fields if one.wire not in {d.wire for d in register.dimensions}]
    made: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = key_of(kept, row)
        found = made.setdefault(tuple(key.values()), key)
        for one in sums:
            found[one.wire] = found.get(one.wire, Decimal(0)) + row[one.wire]
    return Entity(shape.name, (*kept, *sums), {}, tuple(one.wire for one in kept)), list(
        made.values()
    )


def latest(base: Base, entity: Entity, given: Mapping[str, str]) -> list[Row]:
    """SliceLast of an information register by period."""
    wanted = condition(base, entity.fields, given.get("Condition", ""))
    until = given.get("Period") or "9"
    made: dict[tuple[object, ...], Row] = {}
    rows = [
        row for row in base.objects[entity.name].values() if row["Period"] <= until and wanted(row)
    ]
    for row in sorted(rows, key=lambda one: str(one["Period"])):
        made[tuple(row[one] for one in entity.keys if one != "Period")] = row
    return list(made.values())
