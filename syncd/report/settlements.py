"""Settlements: what was owed before, what came and went, what is owed after."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from syncd.domain import Invoice, Kind, Money
from syncd.report.folder import Comparing, Folder, Settler
from syncd.report.period import Period, month_of
from syncd.report.result import GROUPS, Findings, Grid, Table, amounts, told
from syncd.report.source import Source
from syncd.sync.card import documents_net, ledger_net

FLOWS = ("invoiced", "credited", "paid", "adjusted")
OPEN = ("receivable", "prepaid", "credits")
TURNOVER = ("opening", "+ invoiced", "- credited", "- paid", "+ adjusted", "= closing")


def flows(folder: Folder) -> Iterator[tuple[Invoice | Settler, str, Money]]:
    """Every document that counts, with the column it belongs to."""
    docs = folder.docs
    for invoice in docs.invoices:
        yield invoice, "invoiced", invoice.total
    for note in docs.credit_notes:
        yield note, "credited", note.total
    for payment in docs.payments:
        yield payment, "paid", payment.amount
    for adjustment in docs.adjustments:
        yield adjustment, "adjusted", adjustment.amount


OF_CUSTOMERS = (
    "what is receivable, paid ahead and credits the ledger says of customers, not of organisations;"
    " what is open of invoices: syncd report ageing --by organisation"
)
ALONE = "the books tell no balance: there is nothing to compare the documents with"
SIGN = {"invoiced": 1, "credited": -1, "paid": -1, "adjusted": 1}


def settlements(source: Source, by: str, period: Period) -> Findings:
    if by == "month":
        return _by_month(source, period)
    grid, comparing, later = Grid(), _with_the_ledger(), Counter[str]()
    to_date = period.until >= source.today
    open_too = to_date and by != "organisation"
    for folder in source.folders():
        of_customer = () if by == "organisation" else folder.by(by)
        for one, word, money in flows(folder):
            group, day = of_customer or (one.organisation,), one.date
            signed = Money(SIGN[word] * money.micros, money.currency)
            if day in period:
                grid.add(group, word, money)
            if day < period.since:
                grid.add(group, "opening", signed)
            if day <= period.until:
                grid.add(group, "closing", signed)
            else:
                later[signed.currency] += signed.micros
        _compare(comparing, folder)
        for row in folder.balance.rows if folder.balance and open_too else ():
            grid.add(of_customer, "receivable", row.receivable)
            grid.add(of_customer, "prepaid", row.prepaid)
            if row.credits:
                grid.add(of_customer, "credits", row.credits)
    heads = (*TURNOVER, *(OPEN if open_too else ()))
    table = Table("", [GROUPS[by], *amounts(*heads)], by_name=True)
    grid.fill(table, [column.word for column in table.columns[2:]])
    notes = [*_after(later, to_date), *([OF_CUSTOMERS] if to_date and not open_too else [])]
    return _found(source, table, comparing, notes)


def _found(source: Source, table: Table, comparing: Comparing, notes: Sequence[str]) -> Findings:
    if source.reads(Kind.BALANCE):
        return Findings([table], [comparing.check()], notes)
    return Findings([table], notes=[*notes, ALONE])


def _after(later: Counter[str], to_date: bool) -> Sequence[str]:
    notes = []
    sums = ", ".join(told(Money(later[code], code)) for code in sorted(later) if later[code])
    if sums:
        notes.append(f"documents dated after the period come to {sums}; they are not in it")
    if not to_date:
        notes.append(
            "what was receivable, paid ahead and credits on an earlier day is not known: "
            "when an allocation was made is in no document"
        )
    return notes


def _by_month(source: Source, period: Period) -> Findings:
    opening: defaultdict[str, int] = defaultdict(int)
    months: defaultdict[tuple[dt.date, str], Counter[str]] = defaultdict(Counter)
    comparing, later = _with_the_ledger(), Counter[str]()
    for folder in source.folders():
        for one, word, money in flows(folder):
            day = one.date
            signed = SIGN[word] * money.micros
            if day < period.since:
                opening[money.currency] += signed
            elif day in period:
                months[month_of(day).since, money.currency][word] += money.micros
            else:
                later[money.currency] += signed
        _compare(comparing, folder)
    table = Table("", [GROUPS["month"], *amounts(*TURNOVER)])
    for code in sorted({*(c for c in opening if opening[c]), *(code for _, code in months)}):
        balance, begun = opening[code], False
        for month in period.months:
            sums = months[month.since.replace(day=1), code]
            after = balance + sum(SIGN[word] * sums[word] for word in FLOWS)
            row = [balance, *(sums[word] for word in FLOWS), after]
            moneys = (Money(micros, code) for micros in row)
            balance, begun = after, begun or any(row)
            if begun:  # months before the first document say nothing
                table.rows.append((month.since.replace(day=1), code, *moneys))
    return _found(source, table, comparing, _after(later, True))


def _with_the_ledger() -> Comparing:
    return Comparing(
        "the documents add up to the balance of the ledger",
        "syncd why customer {key} receivable",
    )


def _compare(comparing: Comparing, folder: Folder) -> None:
    documents = documents_net(folder.docs)
    ledger = ledger_net(folder.balance) if folder.balance else {}
    comparing.look(folder, documents == ledger)
    comparing.total(ledger)
