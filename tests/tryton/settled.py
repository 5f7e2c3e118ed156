"""Every awkward case played once, and what was read afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.domain import Kind
from tests.tryton import awkward
from tests.tryton.reader import Mirror, Reader
from tests.tryton.sums import Documents, documents

SETTLING = (Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)


@dataclass(frozen=True)
class Settled:
    """`customers` by case; `records` are Tryton's own, `found` what the shipped mapping makes of
    them; `missed` is what following the changes did not see."""

    customers: Mapping[str, int]
    missed: list[tuple[Kind, str]]
    records: Mapping[Kind, Mapping[str, Mapping[str, Any]]]
    found: Documents

    def balance(self, case: str) -> Mapping[str, Any]:
        return self.records[Kind.BALANCE][str(self.customers[case])]

    def of(self, kind: Kind, case: str) -> list[Any]:
        customer = str(self.customers[case])
        records: list[Any] = list(self.found[kind].values())
        return [one for one in records if one.customer == customer]


def play(reader: Reader) -> Settled:
    awkward.prepare(reader.books)
    mirror = Mirror(reader)
    customers = {}
    for name, case in awkward.CASES.items():
        customers[name] = reader.books.create_customer(f"{name.capitalize()}: Ёлкин и 田中")
        case(reader.books, customers[name])
    missed = mirror.follow()
    records = {kind: reader.data(kind) for kind in (*SETTLING, Kind.BALANCE)}
    return Settled(customers, missed, records, documents(reader))
