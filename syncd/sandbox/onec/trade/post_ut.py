"""Which rows the documents of УТ 11 write when they are posted.

РасчетыСКлиентами: plus, the customer owes us; minus, we owe. A payment the bank has not confirmed
moves nothing. The analytics key and the settlement object of a document are made when it is first
posted, as УТ does.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from syncd.sandbox.onec.base import Base, Posted, Record, Recorder, Row, no_ref
from syncd.sandbox.onec.shapes import NAMESPACE
from syncd.sandbox.onec.trade.desk import CENT
from syncd.sandbox.onec.trade.rates import rubles
from syncd.sandbox.onec.trade.settle import Fact, Group, Ledger, Movement

ORDER = "Document_ЗаказКлиента"
SETTLEMENTS = "AccumulationRegister_РасчетыСКлиентами"
TERMS = "AccumulationRegister_РасчетыСКлиентамиПоСрокам"
ORDERS = "AccumulationRegister_ЗаказыКлиентов"
OBJECTS = "Catalog_ОбъектыРасчетов"
KEYS = "Catalog_КлючиАналитикиУчетаПоПартнерам"
SIGNS = {
    "РеализацияТоваровУслуг": 1,
    "КорректировкаРеализации": 1,
    "ВозвратТоваровОтКлиента": -1,
    "СписаниеЗадолженности": -1,
    "ВзаимозачетЗадолженности": -1,
}
MONEY = {"ПоступлениеОплатыОтКлиента": -1, "ВозвратОплатыКлиенту": 1}
SPACE = uuid.UUID("5b3c1d0e-0000-4000-8000-00000000001c")


class UtPosting:
    def __init__(self) -> None:
        self.ledger = Ledger()

    def moved(self, base: Base, name: str, document: Record, posted: bool) -> Posted:
        own = (name, document["Ref_Key"])
        facts = list(_facts(name, document)) if posted and name != ORDER else []
        made: dict[Recorder, dict[str, list[Row]]] = {}
        for recorder, moves in self.ledger.put(own, facts).items():
            made[recorder] = {TERMS: [_term(base, recorder, one) for one in moves]}
        return made | {own: made[own] | (_rows(base, name, document) if posted else {})}


def _facts(name: str, document: Record) -> Iterator[Fact]:
    """Of a shipment one for each stage of its payment."""
    parties = (document["Контрагент_Key"], document["Организация_Key"], document["Договор_Key"])
    whole = Decimal(document["СуммаДокумента"]) or Decimal(1)
    for order, currency, amount in parts(name, document):
        group, left = Group(*parties, currency, order), amount
        for stage in document.get("ЭтапыГрафикаОплаты", ()):
            part = (Decimal(stage["СуммаПлатежа"]) * amount / whole).quantize(CENT)
            left -= part
            yield Fact(
                group, document["Date"], (name, document["Ref_Key"]), part, stage["ДатаПлатежа"]
            )
        yield Fact(group, document["Date"], (name, document["Ref_Key"]), left, document["Date"])


def _term(base: Base, recorder: Recorder, move: Movement) -> Row:
    document = base.objects[recorder[0]][recorder[1]]
    row = _row(base, recorder[0], document, move.fact.group.order, move.fact.group.currency)
    kind, key = move.document
    row |= {
        "RecordType": "Receipt" if move.amount > 0 else "Expense",
        "ДатаПлановогоПогашения": move.due,
        "ДатаВозникновения": move.fact.date,
        "РасчетныйДокумент": key,
        "РасчетныйДокумент_Type": NAMESPACE + kind,
    }
    if move.debt:
        return row | {"Долг": abs(move.amount)}
    return row | {
        "RecordType": "Receipt" if move.amount < 0 else "Expense",
        "Предоплата": abs(move.amount),
    }


def _rows(base: Base, name: str, document: Record) -> dict[str, list[Row]]:
    if name == ORDER:
        return _order(base, document)
    rows: list[Row] = []
    for order, currency, amount in parts(name, document):
        row = _row(base, name, document, order, currency)
        row |= {
            "RecordType": "Receipt" if amount > 0 else "Expense",
            "Сумма": abs(amount),
            "СуммаРегл": rubles(base, currency, abs(amount)),
        }
        if name == "Document_РеализацияТоваровУслуг":
            row["КОтгрузке"] = -amount  # of a row that adds to what is owed
        elif order and "РасшифровкаПлатежа" in document:
            row["КОплате"] = abs(amount)
        rows.append(row)
    made = {SETTLEMENTS: rows}
    if name == "Document_РеализацияТоваровУслуг":
        made[ORDERS] = _lines(document, "Expense", document["Товары"])
    return made


def parts(name: str, document: Record) -> Iterator[tuple[str, str, Decimal]]:
    """(order or '', currency, amount with its sign)."""
    short = name.removeprefix("Document_")
    currency = document.get("Валюта_Key", "")
    if sign := MONEY.get(document.get("ХозяйственнаяОперация", "")):
        if document.get("ПроведеноБанком", True):
            for row in document["РасшифровкаПлатежа"]:
                yield (
                    _order_of(row, "Заказ"),
                    row.get("ВалютаВзаиморасчетов_Key") or currency,
                    sign * Decimal(row["СуммаВзаиморасчетов"]),
                )
    elif short in ("СписаниеЗадолженности", "ВзаимозачетЗадолженности"):
        for row in document[
            "Задолженность" if short.startswith("С") else "ДебиторскаяЗадолженность"
        ]:
            yield _order_of(row, "Заказ"), currency, -Decimal(row["Сумма"])
    elif document.get("РеализацияПоЗаказам"):
        for order in dict.fromkeys(_order_of(row, "ЗаказКлиента") for row in document["Товары"]):
            rows = [row for row in document["Товары"] if _order_of(row, "ЗаказКлиента") == order]
            yield order, currency, sum((Decimal(row["СуммаСНДС"]) for row in rows), Decimal(0))
    elif short in SIGNS:
        yield (
            _order_of(document, "ЗаказКлиента"),
            currency,
            SIGNS[short] * Decimal(document["СуммаДокумента"]),
        )


def _order_of(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if no_ref(value) else str(value)


def _order(base: Base, document: Record) -> dict[str, list[Row]]:
    live = [row for row in document["Товары"] if not row.get("Отменено")]
    whole = sum((Decimal(row["СуммаСНДС"]) for row in live), Decimal(0))
    row = _row(base, ORDER, document, document["Ref_Key"], document["Валюта_Key"])
    document["ОбъектРасчетов_Key"] = named(document["Ref_Key"])
    row |= {"RecordType": "Receipt", "КОплате": whole, "КОтгрузке": whole}
    return {SETTLEMENTS: [row], ORDERS: _lines(document, "Receipt", live)}


def _lines(document: Record, kind: str, rows: list[Record]) -> list[Row]:
    made = []
    for row in rows:
        order = row.get("ЗаказКлиента") or document.get("ЗаказКлиента") or document["Ref_Key"]
        made.append(
            {
                "Period": document["Date"],
                "RecordType": kind,
                "ЗаказКлиента": order,
                "ЗаказКлиента_Type": NAMESPACE + ORDER,
                "Номенклатура_Key": row["Номенклатура_Key"],
                "КодСтроки": row["КодСтроки"],
                "Заказано": Decimal(row["Количество"]),
                "КОформлению": Decimal(row["Количество"]),
                "Сумма": Decimal(row["СуммаСНДС"]),
            }
        )
    return made


def _row(base: Base, name: str, document: Record, order: str, currency: str) -> Row:
    row: Row = {
        "Period": document["Date"],
        "Валюта_Key": currency,
        "АналитикаУчетаПоПартнерам_Key": analytics(base, document),
    }
    if base.switches.settlement_object:
        what, key = (ORDER, order) if order else (name, document["Ref_Key"])
        row["ОбъектРасчетов_Key"] = settlement_object(base, what, key, document)
    elif order:
        row |= {"ЗаказКлиента": order, "ЗаказКлиента_Type": NAMESPACE + ORDER}
    return row


@cache
def named(name: str) -> str:
    """The key of the settlement object of an order, among others."""
    return str(uuid.uuid5(SPACE, name))


def analytics(base: Base, document: Record) -> str:
    names = ("Партнер_Key", "Контрагент_Key", "Организация_Key", "Договор_Key")
    values = {one: document[one] for one in names}
    key = named(" ".join(values.values()))
    if key not in base.objects[KEYS]:
        partner = base.objects["Catalog_Партнеры"].get(values["Партнер_Key"], {})
        base.create(KEYS, {**values, "Description": partner.get("Description", "")}, key)
    return key


def settlement_object(base: Base, name: str, key: str, document: Record) -> str:
    made = named(key)
    if made not in base.objects[OBJECTS]:
        source = base.objects[name].get(key, document)
        values = {one: source[one] for one in ("Партнер_Key", "Контрагент_Key", "Договор_Key")}
        values |= {
            "Номер": source["Number"],
            "Дата": source["Date"],
            "Объект": key,
            "Объект_Type": NAMESPACE + name,
        }
        base.create(OBJECTS, {**values, "Description": base.presentation(name, source)}, made)
    return made
