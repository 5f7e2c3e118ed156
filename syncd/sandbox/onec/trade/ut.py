"""Documents of УТ 11 as its forms write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from syncd.sandbox.onec.base import Base, Record
from syncd.sandbox.onec.odata import tables
from syncd.sandbox.onec.shapes import NAMESPACE, NO_REF
from syncd.sandbox.onec.trade.contacts import contact_rows
from syncd.sandbox.onec.trade.desk import CENT, Lines, Part, Person, Terms, amount, total, vat
from syncd.sandbox.onec.trade.post_ut import KEYS, SETTLEMENTS, named

ORDER = "Document_ЗаказКлиента"
SHIPMENT = "Document_РеализацияТоваровУслуг"
IN = {
    "bank": "Document_ПоступлениеБезналичныхДенежныхСредств",
    "cash": "Document_ПриходныйКассовыйОрдер",
    "card": "Document_ОперацияПоПлатежнойКарте",
}
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
OUT = "Document_СписаниеБезналичныхДенежныхСредств"


class UtDesk:
    orders = ORDER
    shipments = SHIPMENT
    payments = IN["bank"]
    customers = "Catalog_Контрагенты"

    def __init__(self, base: Base) -> None:
        self.base = base
        self._shipped: dict[str, str] = {}

    def balances(self) -> Mapping[str, Sequence[Part]]:
        register = self.base.configuration.registers[SETTLEMENTS]
        keys = self.base.objects[KEYS]
        made: dict[str, list[Part]] = {}
        for row in tables.call(self.base, register, "Balance", {})[1]:
            if row["СуммаBalance"]:
                customer = keys[row["АналитикаУчетаПоПартнерам_Key"]]["Контрагент_Key"]
                made.setdefault(customer, []).append((row["Валюта_Key"], row["СуммаBalance"]))
        return made

    def customer(self, person: Person) -> str:
        partner = person.partner or self._partner(person)
        full = person.full_name or person.name
        kind = "ЮрЛицо" if len(person.tax_id) == 10 else "ФизЛицо"
        contacts = contact_rows(self.base, person)
        values = {
            "Description": person.name,
            "НаименованиеПолное": full,
            "ИНН": person.tax_id,
            "КПП": person.branch_id,
            "ЮрФизЛицо": kind,
            "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"
            if kind == "ЮрЛицо"
            else "ФизическоеЛицо",
            "Партнер_Key": partner,
            "КонтактнаяИнформация": contacts,
        }
        return str(self.base.create(self.customers, values)["Ref_Key"])

    def _partner(self, person: Person) -> str:
        values = {"Description": person.name, "НаименованиеПолное": person.name, "Клиент": True}
        return str(self.base.create("Catalog_Партнеры", values)["Ref_Key"])

    def order(
        self, customer: str, lines: Lines, terms: Terms, date: str | None = None, post: bool = True
    ) -> str:
        whole = total(lines)
        values = {
            **self._head(customer, terms, date),
            "СуммаДокумента": whole,
            "Статус": terms.status or "КОбеспечению",
            "ЦенаВключаетНДС": True,
            "НалогообложениеНДС": "ПродажаОблагаетсяНДС",
            "ХозяйственнаяОперация": "РеализацияКлиенту",
            "ФормаОплаты": "Безналичная",
            "ПорядокРасчетов": "ПоЗаказам",
            "Комментарий": terms.comment,
            "Менеджер_Key": terms.seller or NO_REF,
            "Товары": [
                {**goods(self.base, number, line), "КодСтроки": number}
                for number, line in enumerate(lines, 1)
            ],
            "ЭтапыГрафикаОплаты": stages(terms.due, whole),
            "Posted": post,
        }
        return str(self.base.create(ORDER, values)["Ref_Key"])

    def ship(
        self, order: str, date: str | None = None, share: Decimal = Decimal(1), post: bool = True
    ) -> str:
        made = self.base.get(ORDER, order)
        live = [row for row in made["Товары"] if not row["Отменено"]]
        rows = [
            {
                **scaled({one: row[one] for one in row if one != "Отменено"}, share),
                "LineNumber": number,
                "ЗаказКлиента": order,
                "ЗаказКлиента_Type": NAMESPACE + ORDER,
            }
            for number, row in enumerate(live, 1)
        ]
        whole = sum((row["СуммаСНДС"] for row in rows), Decimal(0))
        values = {
            **self._from(made, date),
            "СуммаДокумента": whole,
            "ВалютаВзаиморасчетов_Key": made["Валюта_Key"],
            "СуммаВзаиморасчетов": whole,
            "КурсЧислитель": Decimal(1),
            "КурсЗнаменатель": Decimal(1),
            "Статус": "Отгружено",
            "РеализацияПоЗаказам": True,
            "РасшифровкаПлатежа": [
                {
                    "LineNumber": 1,
                    "Сумма": whole,
                    "ВалютаВзаиморасчетов_Key": made["Валюта_Key"],
                    "СуммаВзаиморасчетов": whole,
                    "ОбъектРасчетов_Key": named(order),
                }
            ],
            "Товары": rows,
            "ЭтапыГрафикаОплаты": split_stages(made["ЭтапыГрафикаОплаты"], whole),
            "Posted": post,
        }
        self._shipped[order] = key = str(self.base.create(SHIPMENT, values)["Ref_Key"])
        return key

    def pay(
        self,
        customer: str,
        parts: Mapping[str, Decimal],
        terms: Terms,
        date: str | None = None,
        by: str = "bank",
        post: bool = True,
    ) -> str:
        return self._money(IN[by], "ПоступлениеОплатыОтКлиента", customer, parts, terms, date, post)

    def refund(
        self,
        customer: str,
        parts: Mapping[str, Decimal],
        terms: Terms,
        date: str | None = None,
    ) -> str:
        return self._money(OUT, "ВозвратОплатыКлиенту", customer, parts, terms, date, True)

    def take_back(self, order: str, amount: Decimal, date: str | None = None) -> str:
        return self._goods("Document_ВозвратТоваровОтКлиента", order, amount, date)

    def correct(self, order: str, amount: Decimal, date: str | None = None) -> str:
        return self._goods("Document_КорректировкаРеализации", order, amount, date)

    def write_off(self, order: str, amount: Decimal, date: str | None = None) -> str:
        made = self.base.get(ORDER, order)
        row = {"LineNumber": 1, "Заказ": order, "Заказ_Type": NAMESPACE + ORDER, "Сумма": amount}
        values = self._from(made, date)
        values = {
            one: values[one] for one in values if one not in ("ЗаказКлиента", "ЗаказКлиента_Type")
        }
        values |= {
            "СуммаДокумента": amount,
            "ХозяйственнаяОперация": "СписаниеДебиторскойЗадолженности",
        }
        values |= {"Задолженность": [row], "Posted": True}
        return str(self.base.create("Document_СписаниеЗадолженности", values)["Ref_Key"])

    # within

    def _head(self, customer: str, terms: Terms, date: str | None) -> Record:
        head = {
            "Партнер_Key": self.base.get(self.customers, customer)["Партнер_Key"],
            "Контрагент_Key": customer,
            "Договор_Key": self._contract(customer, terms),
            "Организация_Key": terms.organisation,
            "Валюта_Key": terms.currency,
        }
        return head | ({"Date": date} if date else {})

    def _contract(self, customer: str, terms: Terms) -> str:
        """In УТ a contract is for those who have a reason: here, another currency."""
        currency = self.base.get("Catalog_Валюты", terms.currency)
        if currency["Code"] == "643":
            return NO_REF
        key = named(f"{customer} {terms.organisation} {terms.currency}")
        if key not in self.base.objects[CONTRACTS]:
            values = {
                "Description": f"Договор в {currency['Description']}",
                "Номер": str(len(self.base.objects[CONTRACTS]) + 1),
                "Партнер_Key": self.base.get(self.customers, customer)["Партнер_Key"],
                "Контрагент_Key": customer,
                "Организация_Key": terms.organisation,
                "ВалютаВзаиморасчетов_Key": terms.currency,
            }
            self.base.create(CONTRACTS, values, key)
        return key

    def _from(self, order: Record, date: str | None) -> Record:
        terms = Terms(order["Организация_Key"], order["Валюта_Key"])
        made = self._head(order["Контрагент_Key"], terms, date)
        made |= {"ЗаказКлиента": order["Ref_Key"], "ЗаказКлиента_Type": NAMESPACE + ORDER}
        return made | {"Менеджер_Key": order["Менеджер_Key"]}

    def _goods(self, name: str, order: str, amount: Decimal, date: str | None) -> str:
        made = self.base.get(ORDER, order)
        line = (made["Товары"][0]["Номенклатура_Key"], Decimal(1), amount)
        row = goods(self.base, 1, line)
        row |= {"ЗаказКлиента": order, "ЗаказКлиента_Type": NAMESPACE + ORDER}
        values = self._from(made, date)
        values |= {"СуммаДокумента": amount, "Товары": [row], "Posted": True}
        shipment = self._shipped.get(order)
        if shipment:
            known = self.base.entity(name).by_wire
            based = "ДокументРеализации" if "ДокументРеализации" in known else "ДокументОснование"
            values |= {based: shipment, f"{based}_Type": NAMESPACE + SHIPMENT}
        return str(self.base.create(name, values)["Ref_Key"])

    def _money(
        self,
        name: str,
        operation: str,
        customer: str,
        parts: Mapping[str, Decimal],
        terms: Terms,
        date: str | None,
        post: bool,
    ) -> str:
        values = self._head(customer, terms, date)
        rows = []
        for number, (order, part) in enumerate(parts.items(), 1):
            row = {
                "LineNumber": number,
                "Партнер_Key": values["Партнер_Key"],
                "Сумма": part,
                "ВалютаВзаиморасчетов_Key": terms.currency,
                "СуммаВзаиморасчетов": part,
            }
            if order:
                row |= {"Заказ": order, "Заказ_Type": NAMESPACE + ORDER}
                row |= {"ОбъектРасчетов_Key": named(order)}
                row |= {"ОснованиеПлатежа": order, "ОснованиеПлатежа_Type": NAMESPACE + ORDER}
            rows.append(row)
        values |= {
            "СуммаДокумента": sum(parts.values(), Decimal(0)),
            "ХозяйственнаяОперация": operation,
            "Комментарий": terms.comment,
            "РасшифровкаПлатежа": rows,
            "Posted": post,
        }
        if "ПроведеноБанком" in self.base.entity(name).by_wire:
            values |= {
                "ПроведеноБанком": post,
                "НазначениеПлатежа": terms.comment or "Оплата по счету",
            }
            if post:
                values["ДатаПроведенияБанком"] = (date or self.base.now())[:10] + "T00:00:00"
        return str(self.base.create(name, values)["Ref_Key"])


def goods(base: Base, number: int, line: tuple[str, Decimal, Decimal]) -> Record:
    whole = amount(line)
    return {
        "LineNumber": number,
        "Номенклатура_Key": line[0],
        "КоличествоУпаковок": line[1],
        "Количество": line[1],
        "Цена": line[2],
        "Сумма": whole,
        "СтавкаНДС_Key": next(iter(base.objects["Catalog_СтавкиНДС"]), NO_REF),
        "СуммаНДС": vat(whole),
        "СуммаСНДС": whole,
        "Отменено": False,
    }


def scaled(row: Record, share: Decimal) -> Record:
    """A part of a line, rounded to whole cents in its amounts."""
    if share == 1:
        return row
    sums = ("Сумма", "СуммаНДС", "СуммаСНДС")
    made = row | {one: (row[one] * share).quantize(CENT) for one in sums}
    return made | {one: row[one] * share for one in ("Количество", "КоличествоУпаковок")}


def stages(due: object, whole: Decimal) -> list[Record]:
    assert isinstance(due, tuple | list)
    return [
        {
            "LineNumber": number,
            "ВариантОплаты": "КредитПослеОтгрузки",
            "ДатаПлатежа": date,
            "ПроцентПлатежа": (part * 100 / whole).quantize(CENT) if whole else Decimal(0),
            "СуммаПлатежа": part,
        }
        for number, (date, part) in enumerate(due, 1)
    ]


def split_stages(rows: list[Record], whole: Decimal) -> list[Record]:
    """The stages of an order for a shipment of `whole`; the last one takes what rounding leaves."""
    before = sum((row["СуммаПлатежа"] for row in rows), Decimal(0))
    if not before:
        return []
    parts = [(row["СуммаПлатежа"] * whole / before).quantize(CENT) for row in rows]
    parts[-1] += whole - sum(parts)
    return stages(
        [(row["ДатаПлатежа"], part) for row, part in zip(rows, parts, strict=True)], whole
    )
