"""Documents of БП 3.0 and УНФ as their forms write them."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal

from syncd.sandbox.onec.base import Base, Record
from syncd.sandbox.onec.shapes import NO_REF
from syncd.sandbox.onec.trade.contacts import contact_rows
from syncd.sandbox.onec.trade.desk import CENT, Lines, Part, Person, Terms, amount, vat
from syncd.sandbox.onec.trade.words import Words, read, refer

CUSTOMERS = "Catalog_Контрагенты"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
SPACE = uuid.UUID("5b3c1d0e-0000-4000-8000-0000000000b0")


class PlainDesk(ABC):
    customers = CUSTOMERS

    def __init__(self, base: Base, words: Words) -> None:
        self.base = base
        self.words = words
        self.orders, self.shipments = words.order, words.shipment
        self.payments = words.money["bank"]
        self._shipped: dict[str, str] = {}

    @abstractmethod
    def balances(self) -> Mapping[str, Sequence[Part]]: ...

    def customer(self, person: Person) -> str:
        values: Record = {
            "Description": person.name,
            "НаименованиеПолное": person.full_name or person.name,
            "ИНН": person.tax_id,
            "КПП": person.branch_id,
            "КонтактнаяИнформация": contact_rows(self.base, person),
        }
        legal = len(person.tax_id) == 10
        known = self.base.entity(CUSTOMERS).by_wire
        if "ЮридическоеФизическоеЛицо" in known:
            values["ЮридическоеФизическоеЛицо"] = "ЮридическоеЛицо" if legal else "ФизическоеЛицо"
        if "ВидКонтрагента" in known:
            values |= {
                "ВидКонтрагента": "ЮридическоеЛицо" if legal else "ИндивидуальныйПредприниматель"
            }
            values |= {"Покупатель": True}
        return str(self.base.create(CUSTOMERS, values)["Ref_Key"])

    def order(
        self, customer: str, lines: Lines, terms: Terms, date: str | None = None, post: bool = True
    ) -> str:
        name = self.words.order
        rows = [self._line(name, number, line) for number, line in enumerate(lines, 1)]
        due = list(terms.due)
        return self._write(name, customer, terms, date, rows, post, self._due(due))

    def ship(
        self, order: str, date: str | None = None, share: Decimal = Decimal(1), post: bool = True
    ) -> str:
        words, made = self.words, self.base.get(self.words.order, order)
        rows = [
            self._line(
                words.shipment,
                number,
                (row["Номенклатура_Key"], row["Количество"] * share, row["Цена"]),
                (row["Сумма"] * share).quantize(CENT),
            )
            for number, row in enumerate(made[words.goods], 1)
        ]
        whole = sum((row["Сумма"] for row in rows), Decimal(0))
        more = self._due(self._share(self.due(made), whole))
        more |= refer(self.base, words.shipment, words.order_of, order)
        customer = read(made, "Контрагент")
        key = self._write(words.shipment, customer, self._terms(made), date, rows, post, more)
        self._shipped[order] = key
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
        name = self.words.money[by]
        return self._money(name, self.words.operation_in, customer, parts, terms, date, post)

    def refund(
        self, customer: str, parts: Mapping[str, Decimal], terms: Terms, date: str | None = None
    ) -> str:
        name, operation = self.words.refund, self.words.operation_out
        return self._money(name, operation, customer, parts, terms, date, True)

    def take_back(self, order: str, amount: Decimal, date: str | None = None) -> str:
        more = {"ВидОперации": self.words.operation_back}
        return self._after(self.words.take_back, order, amount, date, more)

    def correct(self, order: str, amount: Decimal, date: str | None = None) -> str:
        return self._after(self.words.correct, order, amount, date, {})

    def write_off(self, order: str, amount: Decimal, date: str | None = None) -> str:
        words, made = self.words, self.base.get(self.words.order, order)
        part = words.write_off_rows
        row = {"LineNumber": 1, "Сумма": amount}
        row |= refer(self.base, words.write_off, words.paid_order, order, part)
        row |= refer(self.base, words.write_off, words.contract, read(made, words.contract), part)
        values = self._head(words.write_off, read(made, "Контрагент"), self._terms(made), date)
        values |= {"СуммаДокумента": amount, part: [row], "Posted": True}
        return str(self.base.create(words.write_off, values)["Ref_Key"])

    def due(self, document: Record) -> list[tuple[str, Decimal]]:
        """When which amount is to be paid."""
        said = document[self.words.due]
        if isinstance(said, list):
            return [(row["ДатаОплаты"], row["СуммаОплаты"]) for row in said]
        return [(said, document["СуммаДокумента"])]

    # within

    def _head(self, name: str, customer: str, terms: Terms, date: str | None) -> Record:
        base, known = self.base, {one.name for one in self.base.entity(name).fields}
        contract = self._contract(customer, terms)
        said = {
            "Контрагент": customer,
            "Организация": terms.organisation,
            "ВалютаДокумента": terms.currency,
            self.words.money_currency: terms.currency,
            self.words.contract: contract,
            self.words.seller: terms.seller or "",
        }
        values: Record = {} if date is None else {"Date": date}
        for field, key in said.items():
            if field in known and key:
                values |= refer(base, name, field, key)
        return values | dict(self.words.extra.get(name, {})) | {"Комментарий": terms.comment}

    def _write(
        self,
        name: str,
        customer: str,
        terms: Terms,
        date: str | None,
        rows: list[Record],
        post: bool,
        more: Record,
    ) -> str:
        values = self._head(name, customer, terms, date) | more
        values |= {"СуммаДокумента": sum((row["Сумма"] for row in rows), Decimal(0))}
        values |= {self.words.goods: rows, "Posted": post}
        return str(self.base.create(name, values)["Ref_Key"])

    def _after(self, name: str, order: str, amount: Decimal, date: str | None, more: Record) -> str:
        """A document that changes what was shipped."""
        made = self.base.get(self.words.order, order)
        item = made[self.words.goods][0]["Номенклатура_Key"]
        rows = [self._line(name, 1, (item, Decimal(1), amount))]
        shipment = self._shipped.get(order)
        if shipment:
            more = more | refer(self.base, name, "ДокументРеализации", shipment)
        if self.words.order_of in {one.name for one in self.base.entity(name).fields}:
            more = more | refer(self.base, name, self.words.order_of, order)
        customer = read(made, "Контрагент")
        return self._write(name, customer, self._terms(made), date, rows, True, more)

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
        words, rows = self.words, []
        for number, (order, part) in enumerate(parts.items(), 1):
            row = {"LineNumber": number, words.paid: part, words.settled: part}
            contract = self._contract(customer, terms)
            row |= refer(self.base, name, words.contract, contract, "РасшифровкаПлатежа")
            if order:
                row |= refer(self.base, name, words.paid_order, order, "РасшифровкаПлатежа")
            rows.append(row)
        values = self._head(name, customer, terms, date)
        values |= {"СуммаДокумента": sum(parts.values(), Decimal(0)), "ВидОперации": operation}
        values |= {"РасшифровкаПлатежа": rows, "Posted": post}
        if "НазначениеПлатежа" in self.base.entity(name).by_wire:
            values["НазначениеПлатежа"] = terms.comment or "Оплата по счету"
        return str(self.base.create(name, values)["Ref_Key"])

    def _line(
        self,
        name: str,
        number: int,
        line: tuple[str, Decimal, Decimal],
        whole: Decimal | None = None,
    ) -> Record:
        whole = amount(line) if whole is None else whole
        row = {
            "LineNumber": number,
            "Номенклатура_Key": line[0],
            "Количество": line[1],
            "Цена": line[2],
            "Сумма": whole,
            "СуммаНДС": vat(whole),
        }
        known = {one.wire for one in self.base.entity(name).parts[self.words.goods]}
        return row | ({"Всего": whole} if "Всего" in known else {})

    def _due(self, due: Sequence[tuple[str, Decimal]]) -> Record:
        if not due:
            return {}
        if self.words.due == "СрокОплаты":
            return {"СрокОплаты": due[-1][0]}
        whole = sum((part for _, part in due), Decimal(0)) or Decimal(1)
        rows = [
            {
                "LineNumber": number,
                "ДатаОплаты": date,
                "ПроцентОплаты": (part * 100 / whole).quantize(CENT),
                "СуммаОплаты": part,
            }
            for number, (date, part) in enumerate(due, 1)
        ]
        return {self.words.due: rows}

    @staticmethod
    def _share(due: Sequence[tuple[str, Decimal]], whole: Decimal) -> list[tuple[str, Decimal]]:
        before = sum((part for _, part in due), Decimal(0))
        if not before:
            return []
        parts = [(part * whole / before).quantize(CENT) for _, part in due]
        parts[-1] += whole - sum(parts)
        return [(date, part) for (date, _), part in zip(due, parts, strict=True)]

    def _terms(self, made: Record) -> Terms:
        seller = read(made, self.words.seller)
        return Terms(made["Организация_Key"], made["ВалютаДокумента_Key"], seller=seller or None)

    def _contract(self, customer: str, terms: Terms) -> str:
        """One for each organisation and currency."""
        key = str(uuid.uuid5(SPACE, f"{customer} {terms.organisation} {terms.currency}"))
        if key not in self.base.objects[CONTRACTS]:
            number = len(self.base.objects[CONTRACTS]) + 1
            values = {
                "Owner_Key": customer,
                "Description": f"Договор {number}",
                "Номер": str(number),
                "Организация_Key": terms.organisation or NO_REF,
                "ВалютаВзаиморасчетов_Key": terms.currency,
                "ВидДоговора": "СПокупателем",
            }
            self.base.create(CONTRACTS, values, key)
        return key
