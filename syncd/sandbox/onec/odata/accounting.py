"""Balances of a register for accounting: what accounts hold, by their analytics."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.odata.filters import Scope, compile_filter
from syncd.sandbox.onec.refusals import BUSINESS, Refusal
from syncd.sandbox.onec.shapes import NO_REF, Entity, Field, Register

ANALYTICS = ("ExtDimension1", "ExtDimension2", "ExtDimension3")
KEYS = ("Account_Key", *ANALYTICS, "Организация_Key", "Валюта_Key")
SUMS = ("Сумма", "ВалютнаяСумма")


def shape(register: Register) -> Entity:
    sides = {one.name: one for one in register.dimensions}
    keys = [
        Field("Account", "ref", targets=sides["AccountDr"].targets),
        *(
            Field(one, "any", targets=sides[f"ExtDimensionDr{one[-1]}"].targets)
            for one in ANALYTICS
        ),
        sides["Организация"],
        Field("Валюта", "ref", targets=sides["ВалютаDr"].targets),
    ]
    sums = [Field(f"{one}Balance{side}", "number") for one in SUMS for side in ("", "Dr", "Cr")]
    return Entity(f"{register.name}_Balance", (*keys, *sums), {}, KEYS)


def balance(base: Base, register: Register, given: Mapping[str, str]) -> list[Row]:
    """An account in `Condition` is refused: it belongs into `AccountCondition`."""
    if "Account" in given.get("Condition", ""):
        raise Refusal(500, BUSINESS, 'Поле не найдено "Account"')
    until = given.get("Period", "")
    sums: dict[tuple[object, ...], Row] = {}
    for row in base.register_rows(register.name):
        if row["Active"] and (not until or row["Period"] < until):
            for side in ("Dr", "Cr"):
                _add(sums, row, side)
    rows = [row for row in sums.values() if any(row[f"{one}Balance"] for one in SUMS)]
    for row in rows:
        for one in SUMS:
            row[f"{one}BalanceDr"] = max(row[f"{one}Balance"], Decimal(0))
            row[f"{one}BalanceCr"] = max(-row[f"{one}Balance"], Decimal(0))
    for name in ("Condition", "AccountCondition"):
        if text := given.get(name, ""):
            rows = _where(base, shape(register), rows, text, name)
    return rows


def _add(sums: dict[tuple[object, ...], Row], row: Row, side: str) -> None:
    account = row[f"Account{side}_Key"]
    if account == NO_REF:
        return
    key = {"Account_Key": account, "Организация_Key": row["Организация_Key"]}
    key["Валюта_Key"] = row[f"Валюта{side}_Key"]
    for one in ANALYTICS:
        there = f"ExtDimension{side}{one[-1]}"
        key |= {one: row[there], f"{one}_Type": row[f"{there}_Type"]}
    found = sums.setdefault(tuple(key.values()), key)
    sign = 1 if side == "Dr" else -1
    for name, value in (("Сумма", row["Сумма"]), ("ВалютнаяСумма", row[f"ВалютнаяСумма{side}"])):
        found[f"{name}Balance"] = found.get(f"{name}Balance", Decimal(0)) + sign * value


def _where(base: Base, made: Entity, rows: list[Row], text: str, name: str) -> list[Row]:
    if name == "AccountCondition":  # its fields are those of the account
        text = text.replace("Account/Code", "Code").replace("Code", "Account/Code")
    scope = Scope(base, made.by_wire, {})
    try:
        wanted = compile_filter(text, scope, name)
    except Refusal:
        wanted = compile_filter(text.replace("''", "'"), scope, name)
    return [row for row in rows if wanted(row)]
