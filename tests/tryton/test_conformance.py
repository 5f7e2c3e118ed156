"""What every connector promises, kept by a real Tryton."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from connectors.tryton import FACTS
from syncd.domain import Kind
from syncd.port import Read
from tests.conformance import kit
from tests.tryton.entries import ledger_entry
from tests.tryton.reader import EITHER, OBJECTS, PATHS, Reader
from tests.world.books import INVOICE, LINE, Books
from tests.world.tryton_server import TrytonServer, template

PAGE = 5
SALE = "sale.sale"
_INVOICES = (("account_invoice", "id = {}"), ("account_invoice_line", "invoice = {}"))
_LINES = (
    ("account_move_line", "id = {}"),
    ("account_move", "id = (SELECT move FROM account_move_line WHERE id = {})"),
)
_OF_PARTY = "id IN (SELECT move FROM account_move_line WHERE party = {})"
STAMPED: Mapping[Kind, Sequence[tuple[str, str]]] = {
    Kind.CUSTOMER: (("party_party", "id = {}"), ("party_address", "party = {}")),
    Kind.ORDER: (("sale_sale", "id = {}"), ("sale_line", "sale = {}")),
    Kind.INVOICE: _INVOICES,
    Kind.CREDIT_NOTE: _INVOICES,
    Kind.PAYMENT: _LINES,
    Kind.ADJUSTMENT: _LINES,
    Kind.BALANCE: (("account_move_line", "party = {}"), ("account_move", _OF_PARTY)),
}
"""Tables of what is read with a record, and how its rows are found by the key."""
REFERENCED = (Kind.ORDER, Kind.INVOICE, Kind.CREDIT_NOTE)


class Driver:
    """Works with drafts where it can: they are quick to make, and they can be deleted."""

    page = PAGE
    can: Mapping[Kind, frozenset[str]] = {
        Kind.CUSTOMER: frozenset({"touch", "child", "delete", "stamp"}),
        Kind.ORDER: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.INVOICE: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.PAYMENT: frozenset({"touch", "child", "delete", "stamp"}),
        Kind.CREDIT_NOTE: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.ADJUSTMENT: frozenset({"touch", "child", "delete", "stamp"}),
        Kind.BALANCE: frozenset({"child", "stamp"}),
    }

    def __init__(self, books: Books, servers: TrytonServer) -> None:
        self._books = books
        self._servers = servers
        self._edits = 0

    def read(self, kind: Kind) -> Read:
        more = ("reference",) if kind in REFERENCED else ()
        return Read(kind, OBJECTS[kind], (*PATHS[kind], *more))

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        address = {"city": "Пермь"}
        values = {"name": "Ольга と 田中", "addresses": [["create", [address]]]}
        parties = self._books.rpc("model.party.party.create", [values] * count)
        match kind:
            case Kind.CUSTOMER:
                made = parties
            case Kind.ORDER:
                made = [self._books.quote(party, {"P01": 1}) for party in parties]
                self._books.call(SALE, "draft", *made)
            case Kind.INVOICE:
                made = [self._books.draft_invoice(party, "10.00") for party in parties]
            case Kind.CREDIT_NOTE:
                made = [self._books.draft_invoice(party, "-10.00") for party in parties]
            case Kind.PAYMENT:
                made = [self._line_of(self._entry(party, "-10.00", "cash")) for party in parties]
            case Kind.ADJUSTMENT:
                made = [self._line_of(self._entry(party, "10.00")) for party in parties]
            case Kind.BALANCE:
                made = parties
                self._books.call("account.move", "post", *[self._entry(p, "10") for p in made])
        return [str(key) for key in made]

    def edit(self, kind: Kind, key: str) -> None:
        self._edits += 1
        text = f"Edit {self._edits}"
        match kind:
            case Kind.CUSTOMER:
                self._books.rename(int(key), text)
            case Kind.ORDER | Kind.INVOICE | Kind.CREDIT_NOTE:
                self._books.write(OBJECTS[kind], int(key), reference=text)
            case Kind.PAYMENT | Kind.ADJUSTMENT:
                self._books.write(LINE, int(key), description=text)
            case Kind.BALANCE:
                self._books.call("account.move", "post", self._entry(int(key), "1.00"))

    def touch(self, kind: Kind, key: str) -> None:
        name = "name" if kind is Kind.CUSTOMER else "description"
        name = "reference" if kind in REFERENCED else name
        model = OBJECTS[kind]
        self._books.write(model, int(key), **{name: self._books.row(model, int(key), name)[name]})

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        """As a transaction would leave it that began then: with all its rows."""
        at = f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}"
        times = f"create_date = '{at}', write_date = '{at}'"
        rows = [(table, of.format(key)) for table, of in STAMPED[kind]]
        updates = [f"UPDATE {table} SET {times} WHERE {of}" for table, of in rows]
        self._servers.sql(self._books.database, *updates)

    def edit_child(self, kind: Kind, key: str) -> None:
        books = self._books
        match kind:
            case Kind.CUSTOMER:
                (address,) = books.search("party.address", [["party", "=", int(key)]])
                books.write("party.address", address, city="Graz")
            case Kind.ORDER:
                (line,) = books.row(SALE, int(key), "lines")["lines"]
                books.write("sale.line", line, quantity=2.0)
            case Kind.INVOICE | Kind.CREDIT_NOTE:
                (line,) = books.row(INVOICE, int(key), "lines")["lines"]
                price = Decimal("11.00" if kind is Kind.INVOICE else "-11.00")
                books.write("account.invoice.line", line, unit_price=price)
            case Kind.PAYMENT | Kind.ADJUSTMENT:
                books.write("account.move", self._move_of(key), description="Edited")
            case Kind.BALANCE:
                books.advance(int(key), "3.00")

    def delete(self, kind: Kind, key: str) -> None:
        if kind in (Kind.PAYMENT, Kind.ADJUSTMENT):
            self._books.delete("account.move", self._move_of(key))
        else:
            self._books.delete(OBJECTS[kind], int(key))

    def void(self, kind: Kind, key: str) -> None:
        self._books.call(OBJECTS[kind], "cancel", int(key))

    def unknown(self, kind: Kind) -> str:
        return "987654321"

    def count(self, kind: Kind) -> int:
        domains: dict[Kind, list[Any]] = {
            Kind.ORDER: [],
            Kind.INVOICE: [["type", "=", "out"]],
            Kind.CREDIT_NOTE: [["total_amount", "<", Decimal(0)]],
            Kind.PAYMENT: [["account.type.receivable", "=", True]],
            Kind.ADJUSTMENT: [["account.type.receivable", "=", True]],
        }
        model = "party.party" if kind is Kind.BALANCE else OBJECTS[kind]
        return len(self._books.search(model, domains.get(kind, [EITHER])))

    def wait(self, seconds: float) -> None:
        """Tryton's clock moves on by itself, and it counts microseconds."""

    def _entry(self, party: int, amount: str, journal: str = "general") -> int:
        return ledger_entry(self._books, party, Decimal(amount), journal)

    def _line_of(self, move: int) -> int:
        return self._books.one(LINE, ["move", "=", move], ["account.type.receivable", "=", True])

    def _move_of(self, line: str) -> int:
        move: int = self._books.row(LINE, int(line), "move")["move"]
        return move


class Subjects(dict[str, kit.Subject[Driver]]):
    """One database per kind: a pass over everything then is a pass over what its checks seeded."""

    def __init__(self, servers: TrytonServer) -> None:
        self._servers = servers

    def __missing__(self, about: str) -> kit.Subject[Driver]:
        books = self._servers.database(template())
        reader = Reader(books, page=str(PAGE))
        driver, wire = Driver(books, self._servers), kit.Wire(reader.connect)
        self[about] = kit.Subject(reader.connector, reader.run, driver, reader.stranger, wire)
        return self[about]


@pytest.fixture(scope="module")
def subjects(tryton: Books, tryton_servers: TrytonServer) -> Subjects:
    return Subjects(tryton_servers)


@pytest.mark.parametrize("case", kit.books_cases(FACTS, Driver.can), ids=str)
def test_conformance(case: kit.Case[Any], subjects: Subjects) -> None:
    case(subjects[case.about])
