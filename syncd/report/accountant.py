"""An accountant's list of receivables beside what the cards show: who agrees, and who does not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import sqlalchemy as sa

from syncd.domain import MICRO, Card, Customer, Kind, Money, Sums
from syncd.errors import UsageError
from syncd.image import decode
from syncd.report.receivables import Line, Receivables
from syncd.report.result import CURRENCY, Column, Result, Shape, Table, count, money
from syncd.report.source import Source
from syncd.store import links, mirror, streams
from syncd.sync.pair import Pair

_QUOTES = re.compile(r"[«»\"'“”„‟‘’]")


class Compared(msgspec.Struct, frozen=True):
    """`agree` and `differ` count customers with anything on either side. `strangers` are rows with
    a sum that name no customer of the books, or could be several."""

    agree: int
    differ: int
    strangers: Sequence[str]
    result: Result


@dataclass
class _Matched:
    """One row, and who it may be: the score of each customer."""

    line: Line
    scores: dict[str, int] = field(default_factory=dict)

    @property
    def customer(self) -> str | None:
        best = max(self.scores.values(), default=0)
        found = [key for key, score in self.scores.items() if score == best]
        return found[0] if len(found) == 1 else None


def compare(pair: Pair, listed: Receivables, name: str) -> Compared:
    """With what the last run worked out; `name` is that of the file. UsageError for a pair that
    never ran."""
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        if not ids:
            raise UsageError(f"pair {pair.name} has never run; next: syncd plan")
        source = Source(tx, pair, ids, pair.clock.utc())
        matched = [_Matched(line) for line in listed.lines]
        index = _index(matched)
        for customer in _customers(tx, ids[Kind.CUSTOMER]):
            _match(index, customer)
        named = sorted({one.customer for one in matched if one.customer})
        first = {
            key: some[0]
            for key, some in links.together(tx, pair.crm.name, pair.books.name, named).items()
        }
        table, agree, differ = _against(tx, ids[Kind.CARD], matched, first, listed.net)
        names = source.names([str(row[0]) for row in table.rows])
        strangers = [_stranger(one) for one in matched if not one.customer and one.line.amount]
        basis = source.basis()
    table.rows.sort(key=lambda row: -abs(Decimal(_micros(row[4]))))
    notes = [f"row {one}" for one in strangers]
    result = Result(name, pair.name, None, None, basis, [table], [], notes, names)
    return Compared(agree, differ, strangers, result)


def _customers(tx: sa.Connection, stream: int) -> Iterator[Customer]:
    last = 0
    while batch := mirror.batch(tx, stream, last):
        last = batch[-1].id
        batch = [row for row in batch if row.state != mirror.FILTERED]
        for image in mirror.images(tx, Kind.CUSTOMER, batch).values():
            found = decode(Kind.CUSTOMER, image)
            assert isinstance(found, Customer)
            yield found


_SCORES = (4, 2, 1)
"""A tax id tells most, then the name, then a code."""
_Index = Sequence[Mapping[str, Sequence[_Matched]]]


def _index(matched: Sequence[_Matched]) -> _Index:
    """Rows by tax id, by name and by code."""
    found: tuple[defaultdict[str, list[_Matched]], ...] = tuple(defaultdict(list) for _ in _SCORES)
    for one in matched:
        for rows, text in zip(found, (one.line.tax_id, one.line.name, one.line.code), strict=True):
            if text:
                rows[_plain(text)].append(one)
    return found


def _match(index: _Index, customer: Customer) -> None:
    """Two tax ids are two companies, whatever else is the same."""
    mine = (customer.tax_id, customer.name, customer.code)
    for score, rows, text in zip(_SCORES, index, mine, strict=True):
        for one in rows.get(_plain(text), ()) if text else ():
            theirs = one.line.tax_id
            if not (theirs and mine[0] and _plain(theirs) != _plain(mine[0])):
                one.scores[customer.key] = one.scores.get(customer.key, 0) + score


def _plain(text: str | None) -> str:
    return " ".join(_QUOTES.sub("", text or "").casefold().replace("ё", "е").split())


def _against(
    tx: sa.Connection,
    stream: int,
    matched: Sequence[_Matched],
    first: Mapping[str, str],
    net: bool,
) -> tuple[Table, int, int]:
    """A row for each customer and currency that differ, and how many customers do and do not. A
    card of several customers is that of the `first` one of them."""
    several = any(one.line.currency for one in matched)
    said: defaultdict[str, list[Line]] = defaultdict(list)
    for one in matched:
        if one.customer:
            said[first[one.customer]].append(one.line)
    columns = [Column("customer", Shape.CUSTOMER), CURRENCY, money("report"), money("card")]
    table = Table("differ", [*columns, money("difference"), count("row")])
    agree = differ = last = 0
    while batch := mirror.batch(tx, stream, last):
        last = batch[-1].id
        batch = [row for row in batch if row.state == mirror.LIVE]
        for image in mirror.images(tx, Kind.CARD, batch).values():
            card = decode(Kind.CARD, image)
            assert isinstance(card, Card)
            lines = said.get(card.customer, [])
            shown = [row for row in card.rows if several or _code(row) == card.currency]
            rows = list(_differing(card, shown, lines, net))
            table.rows += rows
            differ += bool(rows)
            agree += not rows and bool(lines or any(row.receivable for row in shown))
    return table, agree, differ


def _code(row: Sums) -> str:
    return row.receivable.currency


def _differing(
    card: Card, rows: Sequence[Sums], lines: Sequence[Line], net: bool
) -> Iterator[tuple[str, str, Money, Money, Money, int | None]]:
    """A list without currencies is in the company's own, and says nothing of others."""
    listed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        listed[line.currency or card.currency] += line.amount
    shown = {_code(row): row for row in rows}
    for code in sorted({*listed, *shown}):
        theirs = Money(int(listed[code] * MICRO), code)
        row, nothing = shown.get(code), Money(0, code)
        owed = row.receivable if row else nothing
        ours = owed - row.prepaid - row.credits if row and net else owed
        if theirs not in (owed, ours):
            number = next((one.row for one in lines), None)
            yield card.customer, code, theirs, ours, ours - theirs, number


def _stranger(one: _Matched) -> str:
    named = one.line.name or one.line.tax_id or one.line.code or ""
    why = ": may be several customers" if one.scores else ""
    return f"{one.line.row} {named}{why}"


def _micros(cell: object) -> int:
    return cell.micros if isinstance(cell, Money) else 0
