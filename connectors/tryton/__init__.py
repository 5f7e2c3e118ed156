"""Tryton 8.2 as the books, read over JSON-RPC: customers, invoices, payments and open items.

`rpc` is the wire format, `company` tells who is a customer, `documents` and `items` read the kinds,
and `ledger` works out what settles what. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Kind
from syncd.errors import ConfigError, ProtocolError
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

from . import documents, items
from .company import Company, the_company
from .rpc import Dialogue, login

_PULLS = {
    Kind.CUSTOMER: documents.customers,
    Kind.INVOICE: documents.invoices,
    Kind.PAYMENT: items.payments,
    Kind.BALANCE: items.balances,
}

FACTS = Facts(
    system="tryton",
    sources={
        # Being in scope, an allocation and a balance change without anything the stamp covers.
        Kind.CUSTOMER: Source("party.party", documents.VIRTUAL_CUSTOMER, stamped=False),
        Kind.INVOICE: Source("account.invoice", documents.VIRTUAL_INVOICE),
        Kind.PAYMENT: Source("account.move.line", items.VIRTUAL_PAYMENT, stamped=False),
        Kind.BALANCE: Source("account.move.line", items.VIRTUAL_BALANCE, stamped=False),
    },
    secrets=("password",),
    options={
        "database": "the name of Tryton's database",
        "login": "the user that reads; its company is the one whose books are read",
        "page": "records in one answer; 100 if left out",
    },
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

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        if self._company is None:
            self._company = yield from the_company(self._database)
        talk = Dialogue(self._database, self._company.context, self._size)
        return (yield from _PULLS[read.kind](talk, self._company, read, scope))

    # The port has these for systems that are written; without targets nobody calls them.

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        raise ProtocolError("Tryton is only read")

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        raise ProtocolError("Tryton is only read")

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        raise ProtocolError("Tryton is only read")

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        raise ProtocolError("Tryton is only read")


def _page_size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ConfigError(f"the setting page is {text}, expected a whole number above 0")
    return int(text)
