"""The desk of «Управление нашей фирмой»."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.odata import tables
from syncd.sandbox.onec.trade.desk import Part
from syncd.sandbox.onec.trade.plain import CONTRACTS, PlainDesk
from syncd.sandbox.onec.trade.post_plain import SETTLEMENTS
from syncd.sandbox.onec.trade.words import UNF


class UnfDesk(PlainDesk):
    def __init__(self, base: Base) -> None:
        super().__init__(base, UNF)

    def balances(self) -> Mapping[str, Sequence[Part]]:
        base, made = self.base, dict[str, list[Part]]()
        register = base.configuration.registers[SETTLEMENTS]
        for row in tables.call(base, register, "Balance", {})[1]:
            contract = base.objects[CONTRACTS].get(row["Договор_Key"], {})
            currency = contract.get("ВалютаВзаиморасчетов_Key", "")
            made.setdefault(row["Контрагент_Key"], []).append((currency, row["СуммаВалBalance"]))
        return made
