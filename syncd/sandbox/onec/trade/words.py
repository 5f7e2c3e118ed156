"""How configurations without УТ's extra objects name what they all have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.onec.base import Base, Record, Row, no_ref
from syncd.sandbox.onec.shapes import NAMESPACE, Field


@dataclass(frozen=True, slots=True)
class Words:
    order: str
    goods: str
    """The part with lines, of orders and shipments."""
    shipment: str
    order_of: str
    """The field of a shipment that names its order."""
    contract: str
    money: Mapping[str, str]
    """`bank`, `cash`, `card` -> set of payments in."""
    money_currency: str
    operation_in: str
    refund: str
    operation_out: str
    paid_order: str
    """The field of a payment's row that names the order."""
    paid: str
    settled: str
    """Fields of that row: the amount paid, and what it settles."""
    take_back: str
    operation_back: str
    correct: str
    write_off: str
    write_off_rows: str
    due: str
    """A field with one date, or a part with several."""
    seller: str
    extra: Mapping[str, Mapping[str, Any]]
    """Set -> values that its forms fill in."""


BP = Words(
    order="Document_СчетНаОплатуПокупателю",
    goods="Товары",
    shipment="Document_РеализацияТоваровУслуг",
    order_of="СчетНаОплатуПокупателю",
    contract="ДоговорКонтрагента",
    money={
        "bank": "Document_ПоступлениеНаРасчетныйСчет",
        "cash": "Document_ПриходныйКассовыйОрдер",
        "card": "Document_ПоступлениеНаРасчетныйСчет",
    },
    money_currency="ВалютаДокумента",
    operation_in="ОплатаПокупателя",
    refund="Document_СписаниеСРасчетногоСчета",
    operation_out="ВозвратПокупателю",
    paid_order="СчетНаОплату",
    paid="СуммаПлатежа",
    settled="СуммаВзаиморасчетов",
    take_back="Document_ВозвратТоваровОтПокупателя",
    operation_back="ПокупкаКомиссия",
    correct="Document_КорректировкаРеализации",
    write_off="Document_КорректировкаДолга",
    write_off_rows="ДебиторскаяЗадолженность",
    due="СрокОплаты",
    seller="Ответственный",
    extra={
        "Document_РеализацияТоваровУслуг": {"ВидОперации": "Товары", "СуммаВключаетНДС": True},
        "Document_СчетНаОплатуПокупателю": {"СуммаВключаетНДС": True},
        "Document_КорректировкаРеализации": {"ВидОперации": "СогласованноеИзменение"},
        "Document_КорректировкаДолга": {"ВидОперации": "СписаниеЗадолженности"},
    },
)
UNF = Words(
    order="Document_ЗаказПокупателя",
    goods="Запасы",
    shipment="Document_РасходнаяНакладная",
    order_of="Заказ",
    contract="Договор",
    money={
        "bank": "Document_ПоступлениеНаСчет",
        "cash": "Document_ПоступлениеВКассу",
        "card": "Document_ПоступлениеНаСчет",
    },
    money_currency="ВалютаДенежныхСредств",
    operation_in="ОтПокупателя",
    refund="Document_РасходСоСчета",
    operation_out="Покупателю",
    paid_order="Заказ",
    paid="СуммаПлатежа",
    settled="СуммаРасчетов",
    take_back="Document_ПриходнаяНакладная",
    operation_back="ВозвратОтПокупателя",
    correct="Document_КорректировкаРеализации",
    write_off="Document_Взаимозачет",
    write_off_rows="Дебитор",
    due="ПлатежныйКалендарь",
    seller="Ответственный",
    extra={
        "Document_РасходнаяНакладная": {"ВидОперации": "ПродажаПокупателю"},
        "Document_ЗаказПокупателя": {"ВидОперации": "ЗаказНаПродажу"},
        "Document_Взаимозачет": {"ВидОперации": "СписаниеДолга"},
    },
)


def refer(base: Base, name: str, field: str, key: str, part: str | None = None) -> Row:
    """The value of a reference as the set `name` writes it: of one type, or of several."""
    entity = base.entity(name)
    known = {one.name: one for one in (entity.parts[part] if part else entity.fields)}
    return reference(known[field], key, base)


def reference(field: Field, key: str, base: Base) -> Row:
    if field.type == "ref":
        return {field.wire: key}
    kind = next(one for one in field.targets if key in base.objects.get(one, {}))
    return {field.name: key, f"{field.name}_Type": NAMESPACE + kind}


def read(row: Record, field: str) -> str:
    """A reference in either form; '' for none."""
    value = row.get(f"{field}_Key", row.get(field, ""))
    return "" if no_ref(value) else str(value)
