"""Which rows the documents of БП 3.0 and УНФ write when they are posted.

БП: 62.01 and 62.02 of the account book, in another currency 62.21 and 62.22. УНФ: Долг and Аванс of
РасчетыСПокупателями; an advance has a minus there. Both settle by order (in БП by bill): what names
none is an advance.
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from syncd.sandbox.onec.base import Base, Posted, Record, Recorder, Row
from syncd.sandbox.onec.shapes import NAMESPACE, NO_DATE, NO_REF
from syncd.sandbox.onec.trade.rates import rubles
from syncd.sandbox.onec.trade.settle import Fact, Group, Ledger, Movement
from syncd.sandbox.onec.trade.words import BP, UNF, Words, read

SPACE = uuid.UUID("5b3c1d0e-0000-4000-8000-000000000062")
ACCOUNTS = "ChartOfAccounts_Хозрасчетный"
BOOK = "AccountingRegister_Хозрасчетный"
SETTLEMENTS = "AccumulationRegister_РасчетыСПокупателями"


class PlainPosting(ABC):
    words: Words

    def __init__(self) -> None:
        self.ledger = Ledger()

    def moved(self, base: Base, name: str, document: Record, posted: bool) -> Posted:
        recorder = (name, document["Ref_Key"])
        facts = list(self.facts(name, document)) if posted else []
        moved = self.ledger.put(recorder, facts)
        return {one: self.rows(base, one, moves) for one, moves in moved.items()}

    @abstractmethod
    def rows(
        self, base: Base, recorder: Recorder, moves: list[Movement]
    ) -> Mapping[str, list[Row]]: ...

    def facts(self, name: str, document: Record) -> Iterator[Fact]:
        """What a document says about what is owed."""
        words, date = self.words, document["Date"]
        recorder = (name, document["Ref_Key"])

        def fact(order: str, amount: Decimal, due: str = date, contract: str = "") -> Fact:
            group = Group(
                read(document, "Контрагент"),
                read(document, "Организация"),
                contract or read(document, words.contract),
                read(document, "ВалютаДокумента") or read(document, words.money_currency),
                order,
            )
            return Fact(group, date, recorder, amount, due)

        operation = document.get("ВидОперации")
        if name == words.shipment:
            for due, part in _due(words, document):
                yield fact(read(document, words.order_of), part, due)
        elif name in (words.correct, words.take_back):
            if name == words.take_back and operation != words.operation_back:
                return
            sign = 1 if name == words.correct else -1
            yield fact(read(document, words.order_of), sign * Decimal(document["СуммаДокумента"]))
        elif name == words.write_off:
            for row in document[words.write_off_rows]:
                order, contract = read(row, words.paid_order), read(row, words.contract)
                yield fact(order, -Decimal(row["Сумма"]), contract=contract)
        elif operation in (words.operation_in, words.operation_out):
            sign = -1 if operation == words.operation_in else 1
            for row in document["РасшифровкаПлатежа"]:
                order, contract = read(row, words.paid_order), read(row, words.contract)
                yield fact(order, sign * Decimal(row[words.settled]), contract=contract)


def _due(words: Words, document: Record) -> Iterator[tuple[str, Decimal]]:
    """What is not in the calendar of payments is due at once."""
    said, whole = document[words.due], Decimal(document["СуммаДокумента"])
    if not isinstance(said, list):
        yield (document["Date"] if said == NO_DATE else said), whole
        return
    for row in said:
        yield row["ДатаОплаты"], Decimal(row["СуммаОплаты"])
    rest = whole - sum((Decimal(row["СуммаОплаты"]) for row in said), Decimal(0))
    if rest:
        yield document["Date"], rest


class UnfPosting(PlainPosting):
    words = UNF

    def rows(
        self, base: Base, recorder: Recorder, moves: list[Movement]
    ) -> Mapping[str, list[Row]]:
        made = []
        for move in moves:
            group = move.fact.group
            kind, key = move.document
            row = {
                "Period": move.fact.date,
                "RecordType": "Receipt" if move.amount > 0 else "Expense",
                "Организация_Key": group.organisation,
                "ТипРасчетов": "Долг" if move.debt else "Аванс",
                "Контрагент_Key": group.customer,
                "Договор_Key": group.contract or NO_REF,
                "Документ": key,
                "Документ_Type": NAMESPACE + kind,
                "Сумма": rubles(base, group.currency, abs(move.amount)),
                "СуммаВал": abs(move.amount),
            }
            if group.order:
                row |= {"Заказ": group.order, "Заказ_Type": NAMESPACE + self.words.order}
            made.append(row)
        return {SETTLEMENTS: made}


class BpPosting(PlainPosting):
    words = BP

    def rows(
        self, base: Base, recorder: Recorder, moves: list[Movement]
    ) -> Mapping[str, list[Row]]:
        """Each movement of 62 against the account that the document belongs to."""
        against = account(_against(recorder[0]))
        made = []
        for move in moves:
            group = move.fact.group
            abroad = not _national(base, group.currency)
            code = (
                ("62.21" if abroad else "62.01") if move.debt else ("62.22" if abroad else "62.02")
            )
            own, other = ("Dr", "Cr") if move.amount > 0 else ("Cr", "Dr")
            kind, key = move.document
            row = {
                "Period": move.fact.date,
                f"Account{own}_Key": account(code),
                f"Account{other}_Key": against,
                f"ExtDimension{own}1": group.customer,
                f"ExtDimension{own}1_Type": NAMESPACE + "Catalog_Контрагенты",
                f"ExtDimension{own}2": group.contract,
                f"ExtDimension{own}2_Type": NAMESPACE + "Catalog_ДоговорыКонтрагентов",
                f"ExtDimension{own}3": key,
                f"ExtDimension{own}3_Type": NAMESPACE + kind,
                "Организация_Key": group.organisation,
                "Сумма": rubles(base, group.currency, abs(move.amount)),
            }
            if abroad:
                row |= {f"Валюта{own}_Key": group.currency}
                row |= {f"ВалютнаяСумма{own}": abs(move.amount)}
            made.append(row)
        return {BOOK: made}


@cache
def account(code: str) -> str:
    """The key of an account; those that are predefined have the same one in every base."""
    return str(uuid.uuid5(SPACE, code))


def _against(name: str) -> str:
    if "РасчетногоСчета" in name or "РасчетныйСчет" in name:
        return "51"
    if "КассовыйОрдер" in name:
        return "50.01"
    return "91.02" if name == BP.write_off else "90.01.1"


def _national(base: Base, currency: str) -> bool:
    """A document without a currency is in the one of the books."""
    found = base.objects["Catalog_Валюты"].get(currency)
    return found is None or bool(found["Code"] == "643")
