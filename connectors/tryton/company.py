"""The company whose books are read, and which of its parties are customers.

A party never moves when its documents do, so what touches it is asked of the documents: sales,
customer invoices and lines on receivable accounts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from syncd.errors import AccessError
from syncd.port import Flow

from .rpc import Dialogue, Domain, moment, newest

MANY = 1000
"""More documents than this changed: then every party counts as touched."""

_LINE = ["party", "last_modified_at", "move.last_modified_at"]
_MOVES = ["move", "additional_moves", "cancel_move"]
_INVOICE = ["party", "alternative_payees", "last_modified_at", *_MOVES]
_SALE = ["party", "last_modified_at"]

_STEP = 500
"""Documents asked for at once when it only matters which parties have any."""


class Company(msgspec.Struct, frozen=True):
    """`context` goes with every call. `founded` is when Tryton's record of it was made: no edit of
    the company changes it. `sells` tells whether the sale module is there."""

    id: int
    name: str
    currency: str
    founded: dt.datetime
    sells: bool
    context: Mapping[str, Any]

    def lines(self) -> Domain:
        """Lines on receivable accounts. The account says it, not the kind of document."""
        return [["account.type.receivable", "=", True], ["move.company", "=", self.id]]

    def posted_lines(self) -> Domain:
        return [*self.lines(), ["move.state", "=", "posted"]]

    def open_lines(self) -> Domain:
        return [*self.posted_lines(), ["reconciliation", "=", None]]

    def invoices(self) -> Domain:
        """Customer invoices and credit notes."""
        return [["type", "=", "out"], ["company", "=", self.id]]

    def sales(self) -> Domain:
        states = ["confirmed", "processing", "done"]
        return [["state", "in", states], ["company", "=", self.id]]


def the_company(database: str) -> Flow[Company]:
    """What every later call builds on: three small calls, once."""
    talk = Dialogue(database, {})
    context = yield from talk.call("model.res.user.get_preferences", True)
    if not context.get("company"):
        raise AccessError("Tryton's user works for no company; choose one in its preferences")
    talk = Dialogue(database, context)
    fields = ["party.name", "currency.code", "create_date"]
    row, *_ = yield from talk.call("model.company.company.read", [context["company"]], fields)
    models = yield from talk.call("model.ir.model.search_count", [["name", "=", "sale.sale"]])
    return Company(
        id=row["id"],
        name=row["party"]["name"],
        currency=row["currency"]["code"],
        founded=row["create_date"],
        sells=bool(models),
        context=context,
    )


def line_changes(since: dt.datetime) -> Domain:
    """Posting a move writes the move and not its lines; a reconciliation writes the lines alone."""
    return ["OR", after("last_modified_at", since), after("move.last_modified_at", since)]


class Touched(msgspec.Struct, frozen=True):
    """Parties whose documents changed, with the time of the last change; None: too many to name
    them, and `newest` stands for all. `moves` are those of the invoices among them."""

    parties: Mapping[int, dt.datetime] | None
    newest: dt.datetime | None
    moves: Collection[int] = ()

    def domain(self) -> Domain:
        """The clause that finds these parties by their id."""
        return [] if self.parties is None else [["id", "in", sorted(self.parties)]]

    def stamp(self, party: int | None, own: dt.datetime | None) -> dt.datetime | None:
        """What was read of the party is as new as its last document: the cursor may go there."""
        named = self.parties.get(party) if self.parties and party else None
        last = self.newest if self.parties is None else named
        return max((time for time in (own, last) if time), default=None)


def touched(
    talk: Dialogue, company: Company, since: dt.datetime, only: str | None = None
) -> Flow[Touched]:
    """Whose sales, customer invoices (with those that pay in their place) or receivable lines
    changed at or after this time; `only` one of these models."""
    asked: list[tuple[str, Domain, list[str]]] = [
        ("account.move.line", [*company.lines(), line_changes(since)], _LINE),
        ("account.invoice", [*company.invoices(), after("last_modified_at", since)], _INVOICE),
    ]
    if company.sells:
        sales = [*company.sales(), after("last_modified_at", since)]
        asked.append(("sale.sale", sales, _SALE))
    parties: dict[int, dt.datetime] = {}
    times: list[dt.datetime] = []
    moves: set[int | None] = set()
    complete = True
    for model, domain, fields in asked:
        if only not in (None, model):
            continue
        rows = yield from talk.rows(model, domain, fields, MANY, newest_first=True)
        complete = complete and len(rows) < MANY
        for row in rows:
            if model == "account.invoice":
                moves |= {row["move"], row["cancel_move"], *row["additional_moves"]}
            time = newest(row)
            if time is not None:
                times.append(time)
                for party in {row["party"], *row.get("alternative_payees", ())} - {None}:
                    parties[party] = max(time, parties.get(party, time))
    named = {move for move in moves if move is not None}
    return Touched(parties if complete else None, max(times, default=None), named)


def customers_among(talk: Dialogue, company: Company, parties: Collection[int]) -> Flow[set[int]]:
    """Those with anything ever posted on a receivable account, an invoice ever posted, or a sale.

    A number is only given when an invoice is posted, and stays when it is cancelled. What is
    settled counts like what is open, so that nobody leaves by paying an opening balance.
    """
    found: set[int] = set()
    numbered = [*company.invoices(), ["number", "!=", None]]
    asked = [("account.move.line", company.posted_lines()), ("account.invoice", numbered)]
    if company.sells:
        asked.append(("sale.sale", company.sales()))
    for model, domain in asked:
        found |= yield from _having(talk, model, domain, set(parties) - found)
    return found


def _having(talk: Dialogue, model: str, domain: Domain, parties: set[int]) -> Flow[set[int]]:
    """Parties with any such document. Each answer takes out the parties it names, so that those
    with thousands of documents do not make the next one longer."""
    found: set[int] = set()
    while left := sorted(parties - found):
        rows = yield from talk.rows(model, [*domain, ["party", "in", left]], ["party"], _STEP)
        found.update(row["party"] for row in rows)
        if len(rows) < _STEP:
            break
    return found


def after(field: str, since: dt.datetime) -> list[Any]:
    return [field, ">=", moment(since)]
