"""One question about all customers, answered from the mirror; no system is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from syncd.domain import Kind
from syncd.errors import UsageError
from syncd.mapping.document import suggestion
from syncd.mapping.words import DOCUMENTS
from syncd.report import period as periods
from syncd.report.ageing import ageing
from syncd.report.agreement import agreement
from syncd.report.commissions import commissions
from syncd.report.orders import average_order
from syncd.report.period import Period
from syncd.report.result import Basis, Cell, Findings, Group, Result, Shape, Table
from syncd.report.settlements import settlements
from syncd.report.source import Source
from syncd.report.stages import stages
from syncd.report.times import pipeline_times
from syncd.report.waiting import money_without_order
from syncd.store import streams
from syncd.sync.pair import Pair

MONTH, ALL, NONE = "this month", "everything", "as of today"
"""What a report covers where no period is named; `NONE`: it takes none."""


class Report(msgspec.Struct, frozen=True):
    """`by` are the values of `--by` that it has, the usual one first; empty: it has none."""

    answer: Callable[[Source, str, Any], Findings]
    by: tuple[str, ...]
    covers: str
    says: str


REPORTS: Mapping[str, Report] = {
    "settlements": Report(
        settlements,
        ("customer", "seller", "organisation", "stage", "month"),
        MONTH,
        "Opening, invoiced, credited, paid, adjusted, closing; receivable, paid ahead, credits.",
    ),
    "ageing": Report(
        ageing,
        ("customer", "seller", "organisation", "stage"),
        NONE,
        "What is receivable today, by how long it is overdue.",
    ),
    "average-order": Report(
        average_order,
        ("seller", "customer", "organisation", "stage", "month"),
        ALL,
        "How many orders, of how much.",
    ),
    "stages": Report(
        stages,
        ("stage", "seller"),
        MONTH,
        "Customers by stage, who moved, who came back.",
    ),
    "commissions": Report(
        commissions,
        ("seller", "customer", "organisation", "month"),
        MONTH,
        "Money received, by the seller of the order it pays for.",
    ),
    "agreement": Report(
        agreement,
        ("month", "seller"),
        MONTH,
        "How many cards agree with the books; corrections per 100 orders.",
    ),
    "money-without-order": Report(
        money_without_order,
        (),
        NONE,
        "Payments that settle nothing, oldest first; won deals without an order.",
    ),
    "pipeline-times": Report(
        pipeline_times,
        ("seller", "organisation", "month"),
        MONTH,
        "Days from an invoice to its money, from a won deal to its first order.",
    ),
}
NOWHERE = ("region",)
"""Values of `--by` that people ask for and no record has."""


class Question(msgspec.Struct, frozen=True):
    """As it was typed. `names` False: keys in place of people's names."""

    report: str
    by: str | None = None
    month: str | None = None
    since: str | None = None
    until: str | None = None
    names: bool = True

    def understood(self) -> Report:
        """UsageError names what is possible."""
        found = REPORTS.get(self.report)
        if found is None:
            near = suggestion(self.report, REPORTS)
            raise UsageError(f"there is no report {self.report}{near}; all: syncd report")
        if self.by is not None and self.by not in found.by:
            raise UsageError(_not_by(self.report, self.by, found.by))
        if found.covers == NONE and (self.month or self.since or self.until):
            raise UsageError(
                f"{self.report} is as of today: what was open on an earlier day is not known. "
                "Leave --month, --since and --until out"
            )
        return found


def _not_by(report: str, by: str, possible: Sequence[str]) -> str:
    if not possible:
        return f"{report} lists one document a line and has no --by"
    listed = f"{report} goes by {', '.join(possible)}"
    if by in NOWHERE:
        return f"--by {by}: the records that syncd reads have no {by} yet; {listed}"
    return f"--by {by}: {listed}"


def report(
    pair: Pair, question: Question, tell: Callable[[int, int], None] = lambda _done, _all: None
) -> Result:
    """UsageError for what cannot be understood, and for a pair that never ran."""
    kind = question.understood()
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        if not ids:
            raise UsageError(f"pair {pair.name} has never run; next: syncd run")
        source = Source(tx, pair, ids, pair.clock.utc(), tell)
        by = question.by or next(iter(kind.by), None)
        period = _period(question, kind, by, source.today)
        found = kind.answer(source, by or "", period)
        basis = source.basis()
        names = source.names(_customers(found.tables)) if question.names else None
        notes = [*_notes(basis), *found.notes, *_missing(source, question.report)]
        notes += _unsaid(source) if by == "organisation" else []
    for table in found.tables:
        _arrange(table, names)
    return Result(
        question.report, pair.name, by, period, basis, found.tables, found.checks, notes, names
    )


def _period(question: Question, kind: Report, by: str | None, today: dt.date) -> Period | None:
    typed = periods.typed(question.month, question.since, question.until, today)
    if typed or kind.covers == NONE:
        return typed
    if by == "month":
        return periods.last_months(today)
    return None if kind.covers == ALL else periods.month_of(today)


def _notes(basis: Basis) -> list[str]:
    notes = []
    if basis.incomplete:
        kinds = ", ".join(f"{kind}s" for kind in basis.incomplete)
        notes.append(f"NOT COMPLETE: never read completely so far: {kinds}. Sums may lack some")
    if basis.outside:
        one = basis.outside == 1
        notes.append(
            f"{basis.outside} document{'' if one else 's'} of customers that the books' mapping "
            f"leaves out {'is' if one else 'are'} not in it"
        )
    if basis.unreadable:
        notes.append(f"documents that cannot be read: {basis.unreadable}; see syncd problems")
    return notes


NEEDS = {
    "average-order": (Kind.ORDER,),
    "commissions": (Kind.ORDER, Kind.PAYMENT),
    "money-without-order": (Kind.PAYMENT, Kind.DEAL),
    "pipeline-times": (Kind.INVOICE, Kind.DEAL),
}
"""Kinds without which a report, or a part of it, stays empty."""


def _missing(source: Source, name: str) -> list[str]:
    found = [kind for kind in NEEDS.get(name, ()) if not source.reads(kind)]
    says = "{} gives no {}s: what needs them is empty"
    return [says.format(source.pair.reader(kind).name, kind) for kind in found]


def _unsaid(source: Source) -> list[str]:
    """Documents of which the mapping does not say whose they are."""
    rules = [(kind, source.pair.inbound(kind)) for kind in DOCUMENTS]
    kinds = [f"{kind}s" for kind, found in rules if found and "organisation" not in found.rules]
    said = f"{source.pair.books.name}'s mapping says no organisation of {', '.join(kinds)}"
    return [said] if kinds else []


# -- people --------------------------------------------------------------------------------------


def _cells(tables: Iterable[Table], shape: Shape) -> set[str]:
    found = set()
    for table in tables:
        places = [i for i, column in enumerate(table.columns) if column.shape is shape]
        found |= {str(row[i]) for row in table.rows for i in places if row[i] is not None}
    return found


def _customers(tables: Sequence[Table]) -> list[str]:
    return sorted(_cells(tables, Shape.CUSTOMER))


def _arrange(table: Table, names: Mapping[str, str] | None) -> None:
    """Sorts by name; without names, sellers get a mark that is the same in every report."""
    shapes = [column.shape for column in table.columns]
    if names is None:
        table.rows = [_masked(row, shapes) for row in table.rows]
    if table.by_name and shapes[0] is Shape.CUSTOMER:
        known = names or {}
        table.rows.sort(key=lambda row: _by_name(str(row[0]), known))


def _by_name(key: str, names: Mapping[str, str]) -> tuple[str, int, str]:
    return names.get(key, "").casefold(), len(key), key


def _masked(row: Group, shapes: Sequence[Shape]) -> Group:
    return tuple(
        mask(cell) if shape is Shape.SELLER else cell
        for cell, shape in zip(row, shapes, strict=True)
    )


def mask(seller: Cell) -> Cell:
    if seller is None:
        return None
    return f"seller-{blake2b(str(seller).encode(), digest_size=3).hexdigest()}"
