"""The desk of «Бухгалтерия предприятия» 3.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.odata import accounting
from syncd.sandbox.onec.shapes import NO_REF
from syncd.sandbox.onec.trade.desk import Part
from syncd.sandbox.onec.trade.plain import PlainDesk
from syncd.sandbox.onec.trade.post_plain import ACCOUNTS, BOOK, account
from syncd.sandbox.onec.trade.words import BP

PLAN = {
    "50.01": "Касса организации",
    "51": "Расчетные счета",
    "62": "Расчеты с покупателями и заказчиками",
    "62.01": "Расчеты с покупателями и заказчиками",
    "62.02": "Расчеты по авансам полученным",
    "62.21": "Расчеты с покупателями и заказчиками (в валюте)",
    "62.22": "Расчеты по авансам полученным (в валюте)",
    "90.01.1": "Выручка по деятельности с основной системой налогообложения",
    "91.02": "Прочие расходы",
}
CUSTOMERS_OF = ("62.01", "62.02", "62.21", "62.22")


class BpDesk(PlainDesk):
    def __init__(self, base: Base) -> None:
        super().__init__(base, BP)
        for code, name in PLAN.items():
            values = {"Code": code, "Description": name, "Predefined": True}
            base.create(ACCOUNTS, values, account(code))

    def balances(self) -> Mapping[str, Sequence[Part]]:
        base, made = self.base, dict[str, list[Part]]()
        currencies = base.objects["Catalog_Валюты"].items()
        rouble = next((key for key, one in currencies if one["Code"] == "643"), "")
        customers = [account(code) for code in CUSTOMERS_OF]
        for row in accounting.balance(base, base.configuration.registers[BOOK], {}):
            if row["Account_Key"] not in customers:
                continue
            abroad = row["Валюта_Key"] != NO_REF
            part = row["ВалютнаяСуммаBalance" if abroad else "СуммаBalance"]
            currency = row["Валюта_Key"] if abroad else rouble
            made.setdefault(str(row["ExtDimension1"]), []).append((currency, part))
        return made
