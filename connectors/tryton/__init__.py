"""Tryton 8.2 as the books, over JSON-RPC: customers, their documents and their ledger, and parties
that are made of won customers.

`rpc` is the wire format and `company` tells who is a customer. `documents`, `orders`, `items` and
`balances` read the kinds; `lines` fetches what they have in common, `ledger` works out what settles
what, and `rest` what no document says. `parties` writes customers and `persons` who is there;
`guide` is for who sets up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from syncd.domain import Kind
from syncd.errors import ConfigError, ProtocolError, RejectedError
from syncd.guide import Discovery, Greeting
from syncd.port import (
    Facts,
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Identity,
    Outcome,
    Page,
    Read,
    Scope,
    Source,
    Write,
)

from . import balances, documents, guide, items, orders, parties, persons
from .company import Company, the_company
from .rpc import Dialogue, login

_PULLS = {
    Kind.CUSTOMER: documents.customers,
    Kind.ORDER: orders.orders,
    Kind.INVOICE: documents.invoices,
    Kind.PAYMENT: items.payments,
    Kind.CREDIT_NOTE: items.credit_notes,
    Kind.ADJUSTMENT: items.adjustments,
    Kind.BALANCE: balances.balances,
}
_WRITES = {"party": parties.carry_out, "person": persons.carry_out}

FACTS = Facts(
    system="tryton",
    sources={
        # Being in scope, an allocation and a balance change without anything the stamp covers.
        Kind.CUSTOMER: Source("party.party", documents.VIRTUAL_CUSTOMER, stamped=False),
        Kind.ORDER: Source("sale.sale", orders.VIRTUAL_ORDER),
        Kind.INVOICE: Source("account.invoice", documents.VIRTUAL_INVOICE),
        Kind.PAYMENT: Source("account.move.line", items.VIRTUAL_PAYMENT, stamped=False),
        Kind.CREDIT_NOTE: Source("account.invoice", items.VIRTUAL_CREDIT_NOTE, stamped=False),
        Kind.ADJUSTMENT: Source("account.move.line", items.VIRTUAL_ADJUSTMENT, stamped=False),
        Kind.BALANCE: Source("account.move.line", balances.VIRTUAL_BALANCE, stamped=False),
    },
    targets={"party": parties.PARTY, "person": persons.PERSON},
    doubt_time=5.0,
    described=True,
    secrets=("password",),
    options={
        "database": "the name of Tryton's database",
        "login": "the user that reads and writes; its company is the one whose books are read",
        "page": "records in one answer; 100 if left out",
    },
    needed=("database", "login"),
    guides=True,
    ready="address, database, login and password",
)


class Tryton:
    """One Tryton database as one user sees it. What the user's company is, is asked once."""

    facts = FACTS

    def __init__(self, options: Mapping[str, str]) -> None:
        self._database = options["database"]
        self._login = options["login"]
        self._size = _page_size(options.get("page", "100"))
        self._company: Company | None = None

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        return (yield from login(self._database, self._login, secrets["password"]))

    def identity(self) -> Flow[Identity]:
        """Database, company and the moment the company was made: none of them can be edited."""
        self._company = company = yield from the_company(self._database)
        return Identity(
            f"{self._database}/{company.id}/{company.founded:%Y-%m-%dT%H:%M:%S.%fZ}",
            f"{company.name} ({company.currency})",
        )

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """What the user may read of a model; a field that is a relation leads to another."""
        talk, _ = yield from self._talk()
        found = yield from talk.call(f"model.{object}.fields_get", [])
        return {name: str(field.get("relation") or "") for name, field in found.items()}

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        talk, company = yield from self._talk()
        return (yield from _PULLS[read.kind](talk, company, read, scope))

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        talk, _ = yield from self._talk()
        outcomes = []
        for write in batch:
            try:
                outcome = yield from _WRITES[write.target](talk, write)
            except RejectedError as error:
                outcome = Outcome(write.remote_id, error=error)
            outcomes.append(outcome)
        return outcomes

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        talk, _ = yield from self._talk()
        if target == "person":
            return (yield from persons.find(talk, by))
        return (yield from parties.find(talk, by))

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        raise ProtocolError("parties are not listed for who writes them")

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        yield from ()  # a party has no custom fields
        return []

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet())

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        talk, company = yield from self._talk()
        return (yield from guide.discover(talk, company, self._login, since))

    def _talk(self) -> Flow[tuple[Dialogue, Company]]:
        if self._company is None:
            self._company = yield from the_company(self._database)
        return Dialogue(self._database, self._company.context, self._size), self._company


def _page_size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ConfigError(f"the setting page is {text}, expected a whole number above 0")
    return int(text)
