"""Who settles whom, without a server: the sums close to the cent for any group of lines."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.tryton.ledger import Invoice, Ledger, Line, Share
from tests.tryton.groups import DAY, DIGITS, a_line, an_invoice, groups, opened


def settle(lines: Sequence[Line], *invoices: Invoice) -> dict[tuple[int, int], str]:
    shares = Ledger(invoices).settled_by_group(lines)
    return {(share.line, share.invoice): str(share.amount) for share in shares}


# ------------------------------------------------------------------------------------- by hand


def test_the_oldest_credit_settles_the_oldest_debt() -> None:
    debts = [a_line(1, "60.00", day=9), a_line(2, "40.00", day=1)]
    paid = [a_line(3, "-70.00", day=5), a_line(4, "-30.00", day=2)]
    found = settle([*debts, *paid], an_invoice(7, debts[0]), an_invoice(8, debts[1]))
    assert found == {(4, 8): "30.00", (3, 8): "10.00", (3, 7): "60.00"}


def test_a_payment_settles_the_invoice_it_is_linked_to_first() -> None:
    debts = [a_line(1, "50.00", day=1), a_line(2, "50.00", day=9)]
    paid = [a_line(3, "-60.00", linked=8), a_line(4, "-40.00")]
    found = settle([*debts, *paid], an_invoice(7, debts[0]), an_invoice(8, debts[1]))
    assert found == {(3, 8): "50.00", (3, 7): "10.00", (4, 7): "40.00"}


def test_a_reversal_takes_back_its_own_line() -> None:
    debt = a_line(1, "50.00")
    bounced, back = a_line(3, "-50.00"), a_line(4, "50.00", day=-9, reverses=3)
    paid = a_line(5, "-50.00", day=9)
    assert settle([debt, bounced, back, paid], an_invoice(7, debt)) == {(5, 7): "50.00"}


def test_moved_due_dates_are_no_payment() -> None:
    old, taken_back = a_line(1, "50.00"), a_line(2, "-50.00")
    again = a_line(3, "50.00", group=None)
    assert settle([old, taken_back], an_invoice(7, old, taken_back, again, unpaid="50.00")) == {}


def test_a_credit_note_is_a_credit_like_any_other() -> None:
    debt, note, paid = a_line(1, "50.00"), a_line(2, "-20.00"), a_line(3, "-30.00", day=1)
    credit_note = an_invoice(8, note, effective=False)
    found = settle([debt, note, paid], an_invoice(7, debt), credit_note)
    assert found == {(2, 7): "20.00", (3, 7): "30.00"}


def test_a_cancelled_invoice_takes_its_part_and_shows_nothing() -> None:
    debts = [a_line(1, "50.00"), a_line(2, "50.00", day=1)]
    cancelled = an_invoice(7, debts[0], effective=False)
    found = settle([*debts, a_line(3, "-100.00")], cancelled, an_invoice(8, debts[1]))
    assert found == {(3, 8): "50.00"}


def test_an_exchange_difference_settles_nothing() -> None:
    debt = a_line(1, "100.00", "80.00", currency="USD")
    paid, difference = a_line(2, "-100.00", "-62.50", currency="USD"), a_line(3, "-17.50")
    assert settle([debt, paid, difference], an_invoice(7, debt)) == {(2, 7): "100.00"}


def test_euros_that_settle_dollars_are_shared_out_to_the_cent() -> None:
    debt = a_line(1, "100.00", "80.00", currency="USD")
    paid = [a_line(n, "-26.67", day=n) for n in (2, 3)] + [a_line(4, "-26.66", day=4)]
    found = settle([debt, *paid], an_invoice(7, debt))
    assert found == {(2, 7): "33.34", (3, 7): "33.34", (4, 7): "33.32"}


def test_a_dollar_settles_dollars_before_euros() -> None:
    dollars = a_line(1, "100.00", "80.00", currency="USD", day=9)
    euros = a_line(2, "37.50")
    paid = [a_line(3, "-40.00", "-32.00", currency="USD"), a_line(4, "-85.50")]
    found = settle([dollars, euros, *paid], an_invoice(7, dollars), an_invoice(8, euros))
    assert found == {(3, 7): "40.00", (4, 8): "37.50", (4, 7): "60.00"}


def test_dollars_worth_more_than_they_settle_can_settle_the_rest() -> None:
    """A gain on the dollar, used up by a debt in euros."""
    dollars, euros = a_line(1, "100.00", "80.00", currency="USD"), a_line(2, "20.00")
    paid = a_line(3, "-100.00", "-100.00", currency="USD")
    found = settle([dollars, euros, paid], an_invoice(7, dollars), an_invoice(8, euros))
    assert found == {(3, 7): "100.00", (3, 8): "20.00"}


def test_a_debt_worth_nothing_at_home_is_settled_all_the_same() -> None:
    debt = a_line(1, "1", "0.00", currency="JPY")
    paid = a_line(2, "-1", "0.00", currency="JPY")
    other = a_line(3, "2", "0.00", currency="JPY")
    found = settle([debt, other, paid], an_invoice(7, debt), an_invoice(8, other))
    assert found == {(2, 7): "1", (2, 8): "2"}


def test_links_settle_no_more_than_tryton_counts() -> None:
    links = [a_line(2, "-40.00", group=None, linked=7), a_line(3, "-40.00", group=None, linked=7)]
    invoice = an_invoice(7, a_line(1, "100.00", group=None), unpaid="35.00", links=links)
    ledger = Ledger([invoice])
    assert ledger.settled_by_link(2) == Share(2, 7, Decimal("40.00"))
    assert ledger.settled_by_link(3) == Share(3, 7, Decimal("25.00"))


def test_foreign_links_share_what_tryton_converted() -> None:
    links = [
        a_line(n, "-10.00", "-6.25", currency="USD", group=None, linked=7, day=n) for n in (2, 3, 4)
    ]
    invoice = an_invoice(7, a_line(1, "100.00", group=None), unpaid="81.24", links=links)
    ledger = Ledger([invoice])
    shares = [ledger.settled_by_link(n) for n in (2, 3, 4)]
    found = [str(share.amount) for share in shares if share]
    assert found == ["6.25", "6.26", "6.25"]


# ---------------------------------------------------------------------------------- the figures


def figures(ledger: Ledger, *lines: Line) -> list[str]:
    return [" ".join(map(str, row)) for row in ledger.figures(lines)]


def test_the_figures_are_not_netted() -> None:
    debt, paid = opened(1, "100.00"), opened(2, "-30.00", linked=7)
    advance, note = opened(3, "-110.00"), opened(4, "-20.00")
    yen = opened(5, "-500", "-3.13", currency="JPY")
    invoice = an_invoice(7, debt, unpaid="70.00", links=[paid])
    ledger = Ledger([invoice, an_invoice(8, note)])
    found = figures(ledger, debt, paid, advance, note, yen)
    assert found == ["EUR 70.00 110.00 20.00", "JPY 0 500 0"]


def test_a_credit_note_that_does_not_count_is_paid_ahead() -> None:
    """Of one that took an invoice back, what is open all the same is the customer's."""
    note = opened(4, "-20.00")
    assert figures(Ledger([an_invoice(8, note, effective=False)]), note) == ["EUR 0 20.00 0"]


def test_a_credit_note_paid_out_in_part_is_a_credit_for_the_rest() -> None:
    note, back = opened(4, "-20.00"), opened(5, "5.00", linked=8)
    ledger = Ledger([an_invoice(8, note, links=[back])])
    assert figures(ledger, note, back) == ["EUR 0 0 15.00"]


def test_an_opening_debt_is_owed_though_no_invoice_says_so() -> None:
    assert figures(Ledger([]), opened(1, "75.00"), opened(2, "-12.00")) == ["EUR 63.00 0 0"]


def test_what_is_paid_beyond_the_open_part_is_paid_ahead() -> None:
    debt, paid = opened(1, "50.00"), opened(2, "-80.00", linked=7)
    ledger = Ledger([an_invoice(7, debt, unpaid="-30.00", links=[paid])])
    assert figures(ledger, debt, paid) == ["EUR 0 30.00 0"]


def test_dollars_linked_to_an_invoice_in_euros_stay_dollars() -> None:
    debt, paid = opened(1, "50.00"), opened(2, "-10.00", "-8.00", currency="USD", linked=7)
    ledger = Ledger([an_invoice(7, debt, unpaid="42.00", links=[paid])])
    assert ledger.settled_by_link(2) == Share(2, 7, Decimal("8.00"))
    assert figures(ledger, debt, paid) == ["EUR 50.00 0 0", "USD 0 10.00 0"]


def test_the_payers_line_counts_for_the_payer() -> None:
    """The invoice stands on another party's account; the link is on this one's."""
    debt, paid = opened(1, "50.00"), opened(2, "-20.00", linked=7)
    ledger = Ledger([an_invoice(7, debt, unpaid="30.00", links=[paid])])
    assert figures(ledger, paid) == ["EUR 0 20.00 0"]
    assert figures(ledger, debt) == ["EUR 50.00 0 0"]


# -------------------------------------------------------------------------------- whatever comes


@given(groups())
def test_every_invoice_of_a_group_is_settled_to_the_cent(
    group: tuple[list[Line], list[Invoice]],
) -> None:
    lines, invoices = group
    settled: defaultdict[int, Decimal] = defaultdict(Decimal)
    for share in Ledger(invoices).settled_by_group(lines):
        assert share.amount > 0
        assert share.amount == round(share.amount, DIGITS[invoices[share.invoice - 1].currency])
        settled[share.invoice] += share.amount
    owed = {i.id: sum(line.amount for line in i.due) for i in invoices if i.effective}
    assert settled == owed


@given(groups(), st.randoms())
def test_the_answer_does_not_depend_on_which_line_is_read_first(
    group: tuple[list[Line], list[Invoice]], chance: random.Random
) -> None:
    lines, invoices = group
    expected = sorted(Ledger(invoices).settled_by_group(lines))
    chance.shuffle(lines)
    chance.shuffle(invoices)
    assert sorted(Ledger(invoices).settled_by_group(lines)) == expected


@given(groups(currencies=("EUR",)))
def test_no_line_settles_more_than_it_is(group: tuple[list[Line], list[Invoice]]) -> None:
    lines, invoices = group
    used: defaultdict[int, Decimal] = defaultdict(Decimal)
    for share in Ledger(invoices).settled_by_group(lines):
        used[share.line] += share.amount
    assert all(used[line.id] <= max(Decimal(0), -line.amount) for line in lines)


@given(groups())
def test_no_dollar_settles_more_dollars_while_there_are_enough(
    group: tuple[list[Line], list[Invoice]],
) -> None:
    lines = [replace_link(line) for line in group[0]]
    currency_of = {invoice.id: invoice.currency for invoice in group[1]}
    used: defaultdict[int, Decimal] = defaultdict(Decimal)
    for share in Ledger(group[1]).settled_by_group(lines):
        line = next(line for line in lines if line.id == share.line)
        if line.currency == currency_of[share.invoice]:
            used[line.id] += share.amount
    for line in lines:
        total = sum(other.amount for other in lines if other.currency == line.currency)
        if total <= 0:
            assert used[line.id] <= max(Decimal(0), -line.amount)


def replace_link(line: Line) -> Line:
    worth, day = line.balance, (line.when - DAY).days
    return a_line(line.id, line.amount, worth, currency=line.currency, day=day)


@given(groups(currencies=("EUR",)), st.data())
def test_open_items_in_one_currency_net_to_the_balance(
    group: tuple[list[Line], list[Invoice]], data: st.DataObject
) -> None:
    lines, invoices = group
    opened = [_opened(line) for line in lines if data.draw(st.booleans())]
    kept = {line.id: line for line in opened}
    linked = [line for line in opened if line.linked and line.is_credit]
    found = []
    for invoice in invoices:
        due = [kept[line.id] for line in invoice.due if line.id in kept]
        links = [line for line in linked if line.linked == invoice.id]
        unpaid = sum((line.amount for line in [*due, *links]), Decimal(0))
        found.append(
            an_invoice(invoice.id, *due, unpaid=unpaid, links=links, effective=invoice.effective)
        )
    rows = Ledger(found).figures(opened)
    assert all(figure >= 0 for row in rows for figure in row[1:])
    netted = sum((row.receivable - row.prepaid - row.credits for row in rows), Decimal(0))
    assert netted == sum((line.amount for line in opened), Decimal(0))


def _opened(line: Line) -> Line:
    day = (line.when - DAY).days
    return a_line(line.id, line.amount, line.balance, day=day, group=None, linked=line.linked)
