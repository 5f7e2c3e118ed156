"""Balances of a register for accounting: what accounts hold, by their analytics."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.odata.filters import Scope, compile_filter
from syncd.sandbox.onec.refusals import BUSINESS, Refusal
from syncd.sandbox.onec.shapes import Entity, Field, Register

ANALYTICS = ("ExtDimension1", "ExtDimension2", "ExtDimension3")
COLUMNS = ("Account_Key", *ANALYTICS, "Организация_Key", "Валюта_Key")


def shape(register: Register) -> Entity:
    dims = {one.wire: one for one in register.dimensions}
    sums = [
        Field(f"{one.name}Balance{side}", "number")
        for one in register.resources
        for side in ("", "Dr", "Cr")
    ]
    return Entity(f"{register.name}_Balance", (*(dims[one] for one in COLUMNS), *sums), {}, COLUMNS)


def balance(base: Base, register: Register, given: Mapping[str, str]) -> list[Row]:
    """An account in `Condition` is refused: it belongs into `AccountCondition`."""
    if "Account" in given.get("Condition", ""):
        raise Refusal(500, BUSINESS, 'Поле не найдено "Account"')
    made = shape(register)
    until = given.get("Period", "")
    sums: dict[tuple[object, ...], Row] = {}
    for row in base.register_rows(register.name):
        if until and row["Period"] >= until:
            continue
        key = {one: row[one] for one in COLUMNS}
        key |= {f"{one}_Type": row[f"{one}_Type"] for one in ANALYTICS}
        found = sums.setdefault(tuple(key.values()), key)
        sign = 1 if row["RecordType"] == "Debit" else -1
        for one in register.resources:
            name = f"{one.name}Balance"
            found[name] = found.get(name, Decimal(0)) + sign * row[one.wire]
    rows = [_sided(register, row) for row in sums.values()]
    rows = [row for row in rows if any(row[f"{one.name}Balance"] for one in register.resources)]
    for name in ("Condition", "AccountCondition"):
        if text := given.get(name, ""):
            rows = _where(base, made, rows, text, name)
    return rows


def _where(base: Base, made: Entity, rows: list[Row], text: str, name: str) -> list[Row]:
    scope = Scope(base, made.by_wire, {})
    try:
        wanted = compile_filter(text, scope, name)
    except Refusal:
        wanted = compile_filter(text.replace("''", "'"), scope, name)
    return [row for row in rows if wanted(row)]


def _sided(register: Register, row: Row) -> Row:
    for one in register.resources:
        value = row[f"{one.name}Balance"]
        row[f"{one.name}BalanceDr"] = max(value, Decimal(0))
        row[f"{one.name}BalanceCr"] = max(-value, Decimal(0))
    return row
