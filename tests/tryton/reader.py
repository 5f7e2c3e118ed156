"""The connector on a running Tryton, read as the engine reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.tryton import Tryton
from syncd.clock import Clock, SystemClock
from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.port import All, Connector, Flow, Keys, Page, Read, Record, Scope, Since
from tests.world.books import INVOICE, LINE, Books

OBJECTS = {kind: source.object for kind, source in Tryton.facts.sources.items()}
ALLOCATIONS = ("allocations.invoice", "allocations.amount", "allocations.currency")
PATHS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMER: ("name", "code", "email", "phone", "in_scope", "invoice_address.city", "active"),
    Kind.ORDER: (
        "number",
        "state",
        "party.id",
        "dated",
        "total_amount",
        "currency.code",
        "open",
        "seller",
    ),
    Kind.INVOICE: (
        "number",
        "state",
        "party.id",
        "invoice_date",
        "due_date",
        "total_amount",
        "currency.code",
        "debtor",
        "terms.due",
        "terms.amount",
        "terms.currency",
    ),
    Kind.PAYMENT: (
        "party.id",
        "date",
        "reference",
        "amount",
        "currency",
        "move.state",
        *ALLOCATIONS,
    ),
    Kind.CREDIT_NOTE: (
        "number",
        "standing",
        "debtor",
        "invoice_date",
        "total_amount",
        "currency.code",
        *ALLOCATIONS,
    ),
    Kind.ADJUSTMENT: (
        "party.id",
        "date",
        "reference",
        "amount",
        "currency",
        "reason",
        "in_ledger",
        "move.state",
        *ALLOCATIONS,
    ),
    Kind.BALANCE: (
        "customer",
        "company_currency",
        "in_scope",
        "balance",
        "rows.currency",
        "rows.receivable",
        "rows.prepaid",
        "rows.credits",
    ),
}
EITHER = ["active", "in", [True, False]]
MODELS = ("party.party", "account.invoice", "account.move", "account.move.line", "sale.sale")


class Reader:
    def __init__(self, books: Books, **options: str) -> None:
        self.books = books
        given = {"database": books.database, "login": books.login, **options}
        self.connector = Tryton(given)
        self.transport = self.connect(self.connector, SystemClock())

    def connect(self, connector: Connector, clock: Clock) -> HttpTransport:
        return HttpTransport(self.books.url, connector, {"password": self.books.password}, clock)

    def run(self, flow: Flow[Any]) -> Any:
        return self.transport.run(flow)

    def stranger(self, flow: Flow[Any]) -> Any:
        """The same with a wrong password."""
        wrong = {"password": "не тот"}
        return HttpTransport(self.books.url, self.connector, wrong, SystemClock()).run(flow)

    def page(self, kind: Kind, scope: Scope, read: Read | None = None) -> Page:
        read = read or Read(kind, OBJECTS[kind], PATHS[kind])
        page: Page = self.run(self.connector.pull(read, scope))
        return page

    def records(
        self, kind: Kind, scope: Scope | None = None, read: Read | None = None
    ) -> dict[str, Record]:
        """A whole pass, by key; everything if no scope is said."""
        scope = scope or All()
        found: dict[str, Record] = {}
        while True:
            page = self.page(kind, scope, read)
            found |= {record.key: record for record in page.records}
            if page.next is None:
                return found
            moment = scope.moment if isinstance(scope, Since) else None
            scope = Since(moment, page.next) if isinstance(scope, Since) else All(page.next)

    def data(self, kind: Kind, scope: Scope | None = None) -> dict[str, Mapping[str, Any]]:
        return {key: record.data for key, record in self.records(kind, scope).items()}

    def one(self, kind: Kind, key: int) -> Mapping[str, Any]:
        return self.data(kind, Keys([str(key)]))[str(key)]

    def keys_after(self, party: int) -> dict[Kind, list[str]]:
        """The keys of what belongs to parties made after this one, asked of Tryton itself."""
        search = self.books.search
        parties = search("party.party", [["id", ">", party], EITHER])
        theirs = ["party", "in", parties]
        lines = search(LINE, [theirs, ["account.type.receivable", "=", True]])
        found = {
            Kind.CUSTOMER: parties,
            Kind.ORDER: search("sale.sale", [theirs]),
            Kind.INVOICE: search(INVOICE, [theirs, ["type", "=", "out"]]),
            Kind.PAYMENT: lines,
            Kind.CREDIT_NOTE: search(INVOICE, [theirs, ["total_amount", "<", Decimal(0)]]),
            Kind.ADJUSTMENT: lines,
            Kind.BALANCE: parties,
        }
        return {kind: [str(key) for key in keys] for kind, keys in found.items()}

    def after_everything(self) -> dt.datetime:
        """The moment right after the last change there is: what was not changed later is not in
        `Since` of it."""
        last: list[dt.datetime] = [
            row["last_modified_at"]
            for model in MODELS
            for row in self.books.rpc(
                f"model.{model}.search_read",
                [],
                0,
                1,
                [["last_modified_at", "DESC"]],
                ["last_modified_at"],
            )
        ]
        return max(last) + dt.timedelta(microseconds=1)


class Mirror:
    """The records of whoever became a customer since it began, kept up to date by what changed.
    Parties that are no customers are of no interest."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[Kind, dict[str, Mapping[str, Any]]] = {kind: {} for kind in Kind}
        self._looked = reader.after_everything()
        self._older = max(reader.books.search("party.party", [EITHER]))

    def follow(self) -> list[tuple[Kind, str]]:
        """Applies what changed since the last look; tells what is otherwise when asked by key."""
        since, self._looked = self._looked, self._reader.after_everything()
        missed = []
        for kind, keys in self._reader.keys_after(self._older).items():
            self._known[kind] |= self._look(kind, Since(since))
            now = self._look(kind, Keys(keys))
            missed += [(kind, key) for key in now if self._known[kind].get(key) != now[key]]
        return missed

    def _look(self, kind: Kind, scope: Scope) -> dict[str, Mapping[str, Any]]:
        found = self._reader.data(kind, scope)
        return {key: data for key, data in found.items() if data.get("in_scope", True)}
