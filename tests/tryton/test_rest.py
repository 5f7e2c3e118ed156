"""What no document says, without a server: the sums close in every currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.tryton.ledger import Invoice, Ledger, Line
from connectors.tryton.rest import Closing
from tests.tryton.groups import a_line, an_invoice, groups, opened


def rests(lines: Sequence[Line], *invoices: Invoice) -> dict[int, str]:
    """Line -> what it adjusts and why, of lines that are all there is of their groups."""
    closing = Closing(Ledger(invoices), by_group(lines), by_document(lines, invoices))
    found = {line.id: closing.rest(line) for line in lines}
    return {key: f"{rest.amount} {rest.reason}" for key, rest in found.items() if rest.amount}


def by_group(lines: Sequence[Line]) -> Mapping[int, Mapping[int, Line]]:
    groups: defaultdict[int, dict[int, Line]] = defaultdict(dict)
    for line in lines:
        if line.group is not None:
            groups[line.group][line.id] = line
    return groups


def by_document(
    lines: Sequence[Line], invoices: Sequence[Invoice]
) -> Mapping[int, Mapping[int, Line]]:
    return {i.id: {line.id: line for line in lines if line.move in i.moves} for i in invoices}


def test_documents_and_money_adjust_nothing() -> None:
    debt, paid = a_line(1, "50.00"), a_line(2, "-50.00", journal="cash")
    by_bank = opened(3, "-7.00", journal="statement")
    assert rests([debt, paid, by_bank], an_invoice(7, debt)) == {}


def test_the_journal_says_why_a_line_is_there() -> None:
    lines = [
        opened(n, "5.00", journal=j) for n, j in enumerate(("situation", "write-off", "general"))
    ]
    assert rests(lines) == {0: "5.00 opening", 1: "5.00 write_off", 2: "5.00 manual"}


def test_an_exchange_difference_changes_nothing_in_any_currency() -> None:
    debt = a_line(1, "100.00", "80.00", currency="USD")
    paid = a_line(2, "-100.00", "-62.50", currency="USD", journal="cash")
    difference = a_line(3, "-17.50", journal="write-off")
    assert rests([debt, paid, difference], an_invoice(7, debt)) == {}


def test_euros_that_pay_dollars_are_exchanged() -> None:
    debt = a_line(1, "100.00", "62.50", currency="USD")
    paid = [a_line(n, amount, journal="cash") for n, amount in ((2, "-60.00"), (3, "-2.50"))]
    found = rests([debt, *paid], an_invoice(7, debt))
    assert found == {1: "-100.00 revaluation", 2: "62.50 revaluation"}


def test_a_write_off_stays_what_was_written_off() -> None:
    debt = a_line(1, "100.00", "62.50", currency="USD")
    paid, given_up = a_line(9, "-60.00", journal="cash"), a_line(2, "-2.50", journal="write-off")
    found = rests([debt, paid, given_up], an_invoice(7, debt))
    assert found == {1: "-100.00 revaluation", 2: "-2.50 write_off", 9: "62.50 revaluation"}


def test_a_debt_partly_handed_on_is_adjusted_on_both_accounts() -> None:
    debt = [
        opened(1, "50.00"),
        a_line(2, "50.00"),
        a_line(3, "-50.00"),
        opened(4, "50.00", party=5),
    ]
    assert rests(debt, an_invoice(7, *debt)) == {3: "-50.00 manual", 4: "50.00 manual"}


def test_a_debt_wholly_handed_on_stands_with_who_took_it() -> None:
    debt = [a_line(1, "50.00"), a_line(2, "-50.00"), opened(3, "50.00", party=5)]
    invoice = an_invoice(7, *debt)
    assert (invoice.debtor, rests(debt, invoice)) == (5, {})


def test_what_an_invoice_that_does_not_count_leaves_behind_is_adjusted() -> None:
    debt = opened(1, "50.00")
    assert rests([debt], an_invoice(7, debt, effective=False)) == {1: "50.00 manual"}


@given(groups(), st.lists(st.sampled_from(["cash", "general", "write-off"]), min_size=13))
def test_what_is_settled_adds_up_to_nothing_in_every_currency(
    group: tuple[list[Line], list[Invoice]], journals: list[str]
) -> None:
    """Whatever was settled with whatever: the documents and the adjustments cancel out."""
    lines, invoices = group
    own = {line.id for invoice in invoices for line in invoice.due}
    lines = [
        line if line.id in own else replace(line, journal=journal)
        for line, journal in zip(lines, journals, strict=False)
    ]
    closing = Closing(Ledger(invoices), by_group(lines), by_document(lines, invoices))
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.currency] += closing.rest(line).amount
        sums[line.currency] += line.amount if line.is_money and line.id not in own else 0
    for invoice in invoices:
        sums[invoice.currency] += invoice.total if invoice.effective else 0
    assert not any(sums.values())
