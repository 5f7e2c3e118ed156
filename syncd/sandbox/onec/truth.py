"""What each customer owes, told from what the documents say and not from any register.

    receivable   the open part of what was shipped: per order, shipped and corrected less returned,
                 paid, written off, plus refunded
    prepaid      what was paid beyond that, and what names no order
    overdue      the part of receivable whose date has passed; money goes to the debt due first

Receivable and prepaid are of orders each for itself and are never netted.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from syncd.sandbox.onec.base import Base, Record

ZERO = Decimal(0)
Who = tuple[str, str]
"""(customer's key, currency's code)."""
Said = tuple[str, str, str, Decimal, list[tuple[str, Decimal]]]
"""(customer, currency's key, order or '', signed amount, dates with amounts)."""


@dataclass(frozen=True, slots=True)
class Figures:
    receivable: Decimal = ZERO
    prepaid: Decimal = ZERO
    overdue: Decimal = ZERO


def truth(
    base: Base, today: dt.date, organisations: Collection[str] | None = None
) -> Mapping[Who, Figures]:
    """Customers with nothing open are not in it. `today` is of the server's zone; `organisations`
    are keys of those that count, None: all."""
    debts: dict[tuple[str, str, str, str], list[tuple[str, Decimal]]] = defaultdict(list)
    credits: dict[tuple[str, str, str, str], Decimal] = defaultdict(lambda: ZERO)
    for organisation, (customer, currency, order, amount, due) in _said(base):
        if organisations is not None and organisation not in organisations:
            continue
        place = (customer, currency, organisation, order)
        if amount > 0:
            debts[place] += due or [("", amount)]
        else:
            credits[place] -= amount
    found: dict[Who, Figures] = {}
    for place in dict.fromkeys((*debts, *credits)):
        figures = _settle(debts[place], credits[place], today.isoformat())
        code = base.objects["Catalog_Валюты"].get(place[1], {}).get("Description", "")
        who = (place[0], code)
        before = found.get(who, Figures())
        found[who] = Figures(
            before.receivable + figures.receivable,
            before.prepaid + figures.prepaid,
            before.overdue + figures.overdue,
        )
    return {who: one for who, one in found.items() if one != Figures()}


def _settle(debts: list[tuple[str, Decimal]], paid: Decimal, today: str) -> Figures:
    open_, overdue = ZERO, ZERO
    for date, amount in sorted(debts):
        settled = min(paid, amount)
        paid -= settled
        open_ += amount - settled
        overdue += amount - settled if date[:10] < today else ZERO
    return Figures(open_, paid, overdue)


def _said(base: Base) -> Iterator[tuple[str, Said]]:
    tell = {"ut": _ut, "bp": _bp, "unf": _unf}[base.configuration.name]
    for name, objects in base.objects.items():
        if name.startswith("Document_"):
            for one in objects.values():
                if one["Posted"]:
                    for said in tell(name.removeprefix("Document_"), one):
                        yield one["Организация_Key"], said


def _ut(name: str, one: Record) -> Iterator[Said]:
    who, currency = one["Контрагент_Key"], one["Валюта_Key"]
    whole = one["СуммаДокумента"]
    if name == "РеализацияТоваровУслуг":
        due = [(row["ДатаПлатежа"], row["СуммаПлатежа"]) for row in one["ЭтапыГрафикаОплаты"]]
        rest = whole - sum(part for _, part in due)
        due += [(one["Date"], rest)] if rest else []
        orders = {row["ЗаказКлиента"]: ZERO for row in one["Товары"]}
        for row in one["Товары"]:
            orders[row["ЗаказКлиента"]] += row["СуммаСНДС"]
        if len(orders) < 2 or not one["РеализацияПоЗаказам"]:
            yield who, currency, one["ЗаказКлиента"], whole, due
            return
        for order, amount in orders.items():
            yield who, currency, order, amount, [(due[0][0], amount)]
    elif name == "КорректировкаРеализации":
        yield who, currency, one["ЗаказКлиента"], whole, [(one["Date"], whole)]
    elif name == "ВозвратТоваровОтКлиента":
        yield who, currency, one["ЗаказКлиента"], -whole, []
    elif name == "СписаниеЗадолженности":
        for row in one["Задолженность"]:
            yield who, currency, row["Заказ"], -row["Сумма"], []
    elif name == "ВзаимозачетЗадолженности":
        for row in one["ДебиторскаяЗадолженность"]:
            yield who, currency, row["Заказ"], -row["Сумма"], []
    elif "РасшифровкаПлатежа" in one and one.get("ПроведеноБанком", True):
        sign = {"ПоступлениеОплатыОтКлиента": -1, "ВозвратОплатыКлиенту": 1}
        for row in one["РасшифровкаПлатежа"]:
            amount = sign.get(one["ХозяйственнаяОперация"], 0) * row["СуммаВзаиморасчетов"]
            yield who, currency, row["Заказ"], amount, [(one["Date"], amount)]


def _bp(name: str, one: Record) -> Iterator[Said]:
    who = one.get("Контрагент_Key") or one["Контрагент"]
    currency, whole = one["ВалютаДокумента_Key"], one["СуммаДокумента"]
    if name == "РеализацияТоваровУслуг":
        date = one["СрокОплаты"] if one["СрокОплаты"] > "0002" else one["Date"]
        yield who, currency, _bill(one, "СчетНаОплатуПокупателю_Key"), whole, [(date, whole)]
    elif name == "КорректировкаРеализации":
        bill = _bill(one, "СчетНаОплатуПокупателю_Key")
        yield who, currency, bill, whole, [(one["Date"], whole)]
    elif name == "ВозвратТоваровОтПокупателя":
        yield who, currency, _bill(one, "СчетНаОплатуПокупателю_Key"), -whole, []
    elif name == "КорректировкаДолга":
        for row in one["ДебиторскаяЗадолженность"]:
            yield who, currency, _bill(row, "СчетНаОплату_Key"), -row["Сумма"], []
    elif "РасшифровкаПлатежа" in one:
        sign = {"ОплатаПокупателя": -1, "ВозвратПокупателю": 1}.get(one["ВидОперации"], 0)
        for row in one["РасшифровкаПлатежа"]:
            amount = sign * row["СуммаВзаиморасчетов"]
            yield who, currency, _bill(row, "СчетНаОплату_Key"), amount, [(one["Date"], amount)]


def _bill(row: Record, name: str) -> str:
    return "" if row[name].startswith("00000000-") else str(row[name])


def _unf(name: str, one: Record) -> Iterator[Said]:
    who = one["Контрагент_Key"]
    currency = one.get("ВалютаДокумента_Key") or one["ВалютаДенежныхСредств_Key"]
    whole = one["СуммаДокумента"]
    if name == "РасходнаяНакладная":
        due = [(row["ДатаОплаты"], row["СуммаОплаты"]) for row in one["ПлатежныйКалендарь"]]
        rest = whole - sum(part for _, part in due)
        yield who, currency, one["Заказ"], whole, [*due, *([(one["Date"], rest)] if rest else [])]
    elif name == "КорректировкаРеализации":
        yield who, currency, one["Заказ"], whole, [(one["Date"], whole)]
    elif name == "ПриходнаяНакладная" and one["ВидОперации"] == "ВозвратОтПокупателя":
        yield who, currency, one["Заказ"], -whole, []
    elif name == "Взаимозачет":
        for row in one["Дебитор"]:
            yield who, currency, row["Заказ"], -row["Сумма"], []
    elif "РасшифровкаПлатежа" in one:
        sign = {"ОтПокупателя": -1, "Покупателю": 1}.get(one["ВидОперации"], 0)
        for row in one["РасшифровкаПлатежа"]:
            amount = sign * row["СуммаРасчетов"]
            yield who, currency, row["Заказ"], amount, [(one["Date"], amount)]
