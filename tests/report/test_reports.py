"""What single reports say where chance seldom leads."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.memory import Fault
from syncd.domain import Allocation, Document, Invoice, Kind, Money, Order, Payment
from syncd.errors import UsageError
from syncd.image import encode, fingerprint
from syncd.report.period import Period, last_months, month_of, typed
from syncd.store import mirror, settling, streams
from syncd.store.mirror import LIVE, Seen
from tests.engine.rig import Rig, one_of_each
from tests.report.asking import ask, rows
from tests.why.asking import mapped

DAYS = st.dates(dt.date(1999, 1, 1), dt.date(2099, 12, 31))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def keep(rig: Rig, kind: Kind, document: Document) -> None:
    """Straight into the mirror: what the memory books refuse, and others do."""
    with rig.pair.store.transaction() as tx:
        one = Seen(document.key, None, LIVE, b"{}", b"", None, 0)
        one.image = encode(document)
        one.fp, one.customer = fingerprint(one.image), document.customer
        stream = streams.stream_ids(tx, "main")[kind]
        mirror.save(tx, kind, stream, [one], run=1, cause="run", at=rig.clock.utc())
        settling.save(tx, {one.id: getattr(document, "allocations", ())})


# -- days ----------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(DAYS, st.integers(0, 800))
def test_months_part_a_period_and_the_one_before_ends_the_day_before(
    since: dt.date, days: int
) -> None:
    period = Period(since, since + dt.timedelta(days))
    months = list(period.months)
    assert (months[0].since, months[-1].until) == (period.since, period.until)
    for one, after in itertools.pairwise(months):
        assert one.until + dt.timedelta(1) == after.since == month_of(after.since).since
    assert period.before.until + dt.timedelta(1) == period.since
    whole = period == month_of(since)
    length = period.before.until - period.before.since
    assert whole or length == period.until - period.since
    assert not whole or period.before == month_of(period.before.since)
    assert len(list(last_months(since).months)) == 12


@settings(max_examples=50, deadline=None)
@given(st.none() | st.text(max_size=8), st.none() | st.text(max_size=11), st.none() | DAYS)
def test_whatever_is_typed_is_a_period_or_a_sentence(
    month: str | None, since: str | None, until: dt.date | None
) -> None:
    today = dt.date(2026, 11, 18)
    try:
        found = typed(month, since, until and until.isoformat(), today)
    except UsageError as error:
        assert "--" in str(error) or "has not begun" in str(error)
    else:
        assert found is None or found.since <= found.until


def test_at_midnight_in_the_books_zone_the_ageing_moves(tmp_path: Path) -> None:
    """Tokyo is nine hours ahead: its 19 November begins at 15:00 UTC. The clock of the store's
    machine says nothing."""
    zone = {"version: 1": "version: 1\nzone: Asia/Tokyo"}
    rig = Rig(tmp_path, mappings=mapped(tmp_path, "memory_books", zone))
    books = rig.world.books
    for days in (0, 30, 60, 90):
        due = (dt.date(2026, 11, 18) - dt.timedelta(days)).isoformat()
        books.post_invoice(books.add_customer(f"顧客 {days}"), "10.00", date="2026-08-01", due=due)
    rig.set_up()

    def ages() -> list[Decimal]:
        found = ask(rig, "ageing")
        assert found.checks[0].holds and found.basis.zone == "Asia/Tokyo"
        heads = ("not due", "1-30", "31-60", "61-90", "over 90")
        return [sum(row[head] for row in rows(found.tables[0])) for head in heads]

    rig.later((2 * 60 + 59) * 60)
    assert ages() == [10, 10, 10, 10, 0]
    rig.clock.advance(60)
    found = ask(rig, "ageing").checks[0]
    assert (found.compared, found.differ, found.later) == (4, 0, 4), "the cards follow"
    rig.run()
    assert ages() == [0, 10, 10, 10, 10]
    assert ask(rig, "ageing").checks[0].later == 0


# -- what is not in it, and what does not agree --------------------------------------------------


def test_a_ledger_that_no_document_explains_fails_the_check(rig: Rig) -> None:
    customer, _, _ = one_of_each(rig)
    rig.world.books.add_customer("Ohne")
    rig.set_up()
    assert ask(rig, "settlements").holds
    rig.world.books.habits.ledger_off[customer] = Decimal("0.01")
    rig.world.books.touch("customers", customer)
    rig.later(600)
    check = ask(rig, "settlements").checks[0]
    assert (check.holds, check.named, check.next) == (
        False,
        (customer,),
        f"syncd why customer {customer} receivable",
    )
    [row] = rows(ask(rig, "ageing").tables[0])
    assert row["other"] == Decimal("0.01"), "what no invoice stands for is never hidden"


def test_drafts_cancelled_and_foreign_documents_are_left_out_and_said(rig: Rig) -> None:
    books = rig.world.books
    mine, other = books.add_customer("Моя"), books.add_customer("Чужая", in_scope=False)
    for customer in (mine, other):
        books.post_invoice(customer, "10.00")
    books.post_invoice(mine, "7.00", state="draft")
    books.cancel_invoice(books.post_invoice(mine, "5.00"))
    books.tables["invoices"]["1"].data["due"] = "2026-11-31"
    rig.set_up()
    found = ask(rig, "settlements")
    [row] = rows(found.tables[0])
    assert (row["invoiced"], row["receivable"], found.holds) == (0, 10, False), "the ledger knows"
    assert found.basis.unreadable == 1
    assert any("cannot be read: 1" in note for note in found.notes)
    books.edit_invoice("1", due="2026-11-30")
    rig.later(600)
    found = ask(rig, "settlements")
    assert [row["invoiced"] for row in rows(found.tables[0])] == [10]
    assert found.basis.unreadable == 0 and found.holds
    assert any("1 document of customers that the books' mapping" in note for note in found.notes)


def test_books_that_were_never_read_completely_are_said(rig: Rig) -> None:
    one_of_each(rig)
    rig.world.fault("GET /books/credit_notes*", Fault.ERROR, 99)
    rig.run(write=False)
    found = ask(rig, "settlements")
    assert found.basis.fresh is None
    assert "NOT COMPLETE: never read completely so far: credit_notes" in found.notes[0]
    rig.world.faults.planned.clear()
    rig.clock.advance(600)
    rig.run(write=False)
    found = ask(rig, "settlements")
    assert found.basis.fresh == rig.clock.utc() and found.notes == []


def test_a_stage_that_looks_at_what_is_owed_has_no_past(tmp_path: Path) -> None:
    rule = {"when: sales_12m >= 100000": "when: receivable >= 100000"}
    rig = Rig(tmp_path, mappings=mapped(tmp_path, "memory_crm", rule))
    customer, _, _ = one_of_each(rig)
    rig.world.books.add_order(customer, "10.00")
    rig.set_up()
    found = ask(rig, "stages")
    assert "depends on receivable" in found.notes[0] and found.holds
    shown = {row["stage"]: row["today"] for row in rows(found.tables[0])}
    assert shown == {"dormant": 0, "top": 0, "repeat": 0, "first": 1}


# -- commissions, agreement, deals, times --------------------------------------------------------


def test_what_somebody_else_paid_goes_to_who_sold_it_even_if_the_order_was_cancelled(
    rig: Rig,
) -> None:
    books = rig.world.books
    buyer, payer = books.add_customer("買い手"), books.add_customer("Плательщик")
    rig.set_up()
    day, eur = dt.date(2026, 11, 3), Money.of("100.00", "EUR")
    order = Order(key="o", customer=buyer, number="O-1", date=day, total=eur, seller="山田")
    keep(rig, Kind.ORDER, order)
    invoice = Invoice(key="i", customer=buyer, number="I", date=day, total=eur, order="o")
    keep(rig, Kind.INVOICE, invoice)
    later = dt.date(2026, 11, 10)
    part = (Allocation("i", eur), Allocation("an invoice that was cancelled", eur))
    paid = Payment(key="p", customer=payer, date=later, amount=eur + eur, allocations=part)
    keep(rig, Kind.PAYMENT, paid)
    with rig.pair.store.transaction() as tx:
        stream = streams.stream_ids(tx, "main")[Kind.ORDER]
        mirror.set_state(tx, mirror.known(tx, stream, ["o"])["o"].id, mirror.VOID)
    found = ask(rig, "commissions")
    [base] = rows(found.tables[0])
    [apart] = rows(found.tables[1])
    assert (base["seller"], base["base"], apart["sum"]) == ("山田", 100, 100) and found.holds
    [row] = rows(ask(rig, "pipeline-times").tables[0])
    assert (row["seller"], row["paid"], row["median days"]) == ("山田", 1, 7)


def test_corrections_are_what_people_change_of_what_was_sold(rig: Rig) -> None:
    """Not invoicing, not payments, not what a new mapping reads otherwise."""
    books = rig.world.books
    customer = books.add_customer("Ёлка и Ко")
    orders = [books.add_order(customer, "50.00", seller="Анна") for _ in range(3)]
    invoice = books.invoice_order(orders[0])
    rig.set_up()
    books.pay(customer, "50.00", allocations=[(invoice, "50.00")])
    rig.later()
    books.edit_order(orders[1], total="60.00")
    books.cancel_order(orders[2])
    rig.later()
    [row] = rows(ask(rig, "agreement", "seller").tables[1])
    assert (row["seller"], row["corrections"], row["orders"]) == ("Анна", 2, 2)
    assert row["per 100 orders"] == 100
    rig.clock.advance(30 * 24 * 3600)
    rig.run()
    months = rows(ask(rig, "agreement").tables[1])
    assert [one["corrections"] for one in months] == [2, 0]


def test_agreement_tells_month_by_month_what_the_cards_said(rig: Rig) -> None:
    books = rig.world.books
    for name in ("Один", "二", "Three"):
        books.post_invoice(books.add_customer(name), "10.00")
    rig.set_up()
    rig.run()
    rig.run(prove=True)
    rig.later()
    books.habits.ledger_off["2"] = Decimal("0.01")
    rig.later(30 * 24 * 3600)
    rig.run(prove=True, full=True)
    rig.later()
    found = ask(rig, "agreement")
    [now] = rows(found.tables[0])
    assert (now["cards"], now["compared"], now["agree"]) == (3, 3, 2) and found.holds
    assert now["share"] == Decimal("66.6"), "rounded down"
    november, december = rows(found.tables[1])
    assert (november["proven"], november["not proven"], november["share"]) == (3, 0, 100)
    assert (december["proven"], december["not proven"]) == (2, 1)


def test_won_deals_without_an_order_and_how_long_the_others_took(rig: Rig) -> None:
    crm, books = rig.world.crm, rig.world.books
    rig.set_up()
    deals = {}
    for name in ("named", "any", "never", "fresh"):
        deals[name] = crm.open_deal(crm.add_account(f"{name} 受注"), name)
        crm.win(deals[name])
    rig.later()
    rig.later()
    keys = {row.data["name"].split()[0]: key for key, row in books.tables["customers"].items()}
    assert keys.keys() == deals.keys()
    books.add_order(keys["any"], "5.00", date="2026-11-22", seller="Анна")
    books.add_order(keys["any"], "5.00", date="2026-11-30")
    books.add_order(keys["named"], "5.00", date="2026-11-28", deal=deals["named"], seller="Анна")
    crm.edit_deal(deals["fresh"], closed="2026-11-30")
    rig.later(15 * 24 * 3600)
    rig.run(full=True)
    waiting = rows(ask(rig, "money-without-order").tables[1])
    assert [(row["deal"], row["customer"], row["days"]) for row in waiting] == [
        (deals["never"], keys["never"], 15)
    ]
    times = ask(rig, "pipeline-times", since="2026-11-01").tables[1]
    told = {row["seller"]: row for row in rows(times)}
    assert (told["Анна"]["ordered first"], told["Анна"]["median days"]) == (2, 7)
    assert (told[None]["deals"], told[None]["no order"], told[None]["median days"]) == (2, 2, None)


def test_the_time_to_money_is_that_of_paid_invoices_alone(rig: Rig) -> None:
    books = rig.world.books
    customer = books.add_customer("Kunde")
    for day in ("2026-11-05", "2026-11-10"):
        invoice = books.post_invoice(customer, "10.00", date="2026-11-01")
        books.pay(customer, "4.00", allocations=[(invoice, "4.00")], date="2026-11-02")
        books.pay(customer, "6.00", allocations=[(invoice, "6.00")], date=day)
    books.post_invoice(customer, "10.00", date="2026-11-01")
    credited = books.post_invoice(customer, "10.00", date="2026-11-01")
    books.post_credit_note(customer, "10.00", allocations=[(credited, "10.00")])
    rig.set_up()
    [row] = rows(ask(rig, "pipeline-times").tables[0])
    assert (row["invoices"], row["paid"], row["open"], row["settled otherwise"]) == (4, 2, 1, 1)
    assert row["median days"] == Decimal("6.5")
