"""The clock changes cards too, a document that is being corrected does not, and old and new
customers hear of a document that moves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from syncd.domain import Kind
from tests.engine.agreement import differences
from tests.engine.rig import MAPPINGS, Rig, one_of_each, open_problems


def card(rig: Rig, customer: str) -> dict[str, object]:
    fields = rig.world.crm.marked("account", customer)[0].fields
    return {k.removeprefix("custom_fields."): v for k, v in fields.items()}


def written(rig: Rig, since: int) -> set[str | None]:
    """Books ids of the cards that were written after so many entries of the CRM's journal."""
    return {entry.marker for entry in rig.world.crm.journal[since:]}


# -- midnight ------------------------------------------------------------------------------------


def test_at_midnight_exactly_the_newly_overdue_cards_are_written(rig: Rig) -> None:
    """Three customers: due today, due tomorrow, overdue already. Nothing happens in the books."""
    books = rig.world.books
    today, tomorrow, late = (books.add_customer(name) for name in ("Heute", "Морген", "遅い"))
    books.post_invoice(today, "10.00", date="2026-11-01", due="2026-11-18")
    books.post_invoice(tomorrow, "20.00", date="2026-11-01", due="2026-11-19")
    books.post_invoice(late, "30.00", date="2026-10-01", due="2026-10-10")
    rig.set_up()
    rig.run()
    assert card(rig, late)["overdue"] == 30
    assert rig.later(3600).writes == 0
    before = len(rig.world.crm.journal)
    rig.later(11 * 3600)  # 18 November, past 24:00 in the books
    assert written(rig, before) == {today}
    shown = card(rig, today)
    assert (shown["overdue"], shown["overdue_since"]) == (10, "2026-11-19")
    assert "overdue EUR 10.00 since 19 Nov" in str(shown["line"])
    assert differences(rig.world) == []
    before = len(rig.world.crm.journal)
    rig.later(24 * 3600)
    assert written(rig, before) == {tomorrow}
    assert rig.later(3600).writes == 0


def test_the_day_begins_in_the_zone_of_the_books(tmp_path: Path) -> None:
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    for name in ("memory_books.yaml", "memory_crm.yaml"):
        text = (MAPPINGS / name).read_text("utf-8")
        if "books" in name:
            text = text.replace("version: 1\n", "version: 1\nzone: Asia/Tokyo\n", 1)
        (mappings / name).write_text(text, "utf-8")
    rig = Rig(tmp_path, mappings=mappings)
    customer = rig.world.books.add_customer("株式会社サンプル")
    rig.world.books.post_invoice(customer, "10.00", date="2026-11-01", due="2026-11-18")
    rig.set_up()
    rig.run()  # 12:00 UTC is 21:00 in Tokyo
    assert card(rig, customer)["overdue"] == 0
    rig.later(3 * 3600 + 60)
    assert card(rig, customer)["overdue"] == 10


def test_each_due_date_of_an_invoice_counts_for_itself(rig: Rig) -> None:
    books = rig.world.books
    customer = books.add_customer("Raten GmbH")
    terms = [("2026-11-10", "40.00"), ("2026-12-10", "60.00")]
    invoice = books.post_invoice(customer, "100.00", date="2026-11-01", terms=terms)
    books.pay(customer, "15.00", allocations=[(invoice, "15.00")])
    rig.set_up()
    rig.run()
    shown = card(rig, customer)
    assert (shown["receivable"], shown["overdue"]) == (85, 25)
    rig.later(23 * 24 * 3600)
    assert card(rig, customer)["overdue"] == 85


def test_a_stage_changes_by_itself_on_its_day(rig: Rig) -> None:
    books = rig.world.books
    customer = books.add_customer("Selten GmbH")
    books.add_order(customer, "10.00", date="2026-11-18")
    rig.set_up()
    rig.run()
    assert card(rig, customer)["stage"] == "first"
    rig.later(180 * 24 * 3600)
    assert card(rig, customer)["stage"] == "first", "180 days are not more than 180"
    rig.later(24 * 3600)
    assert card(rig, customer)["stage"] == "dormant"
    books.add_order(customer, "10.00", date="2027-05-19")
    rig.later()
    assert card(rig, customer)["stage"] == "repeat"


# -- documents -----------------------------------------------------------------------------------


def test_orders_sales_and_what_is_open_stand_on_the_card(rig: Rig) -> None:
    books = rig.world.books
    customer = books.add_customer("ООО «Пример»")
    first = books.add_order(customer, "100.00", date="2026-09-02", seller="Анна")
    books.invoice_order(first, date="2026-09-03", due="2026-10-01")
    books.add_order(customer, "50.00", date="2026-11-02", number="SO-2", seller="Борис")
    books.post_credit_note(customer, "6.10")
    rig.set_up()
    rig.run()
    shown = card(rig, customer)
    assert (shown["orders_count"], shown["open_orders_count"]) == (2, 1)
    assert (shown["total_sales"], shown["average_order"]) == (93.9, 75) or str(
        shown["total_sales"]
    ) == "93.90"
    assert (shown["open_orders_total"], shown["last_order"]) == (50, "2026-11-02")
    assert shown["open_orders"] == "SO-2  2026-11-02  EUR 50.00"
    assert str(shown["credits"]) == "6.10"


def test_a_credit_note_leaves_credits_when_it_settles_and_is_a_payment_then(rig: Rig) -> None:
    books = rig.world.books
    customer, invoice, _ = one_of_each(rig)
    note = books.post_credit_note(customer, "30.00", number="GS-1")
    rig.set_up()
    rig.run()
    assert card(rig, customer)["credits"] == 30
    assert [one.fields["text"] for one in rig.world.crm.objects["note"].values()] == [
        "Credit note GS-1 of 18 Nov, EUR 30.00"
    ]
    books.allocate_credit(note, invoice, "30.00")
    rig.later()
    payments = [one.fields["reference"] for one in rig.world.crm.objects["payment"].values()]
    assert (card(rig, customer)["credits"], "CN-GS-1" in payments) == (0, True)
    books.cancel_credit_note(note)
    rig.later()
    assert rig.world.crm.objects["note"] == {}
    assert differences(rig.world) == []


def test_a_write_off_settles_and_a_refund_takes_from_what_was_paid_ahead(rig: Rig) -> None:
    books = rig.world.books
    customer, invoice, _ = one_of_each(rig)  # owes 70.00, paid ahead 20.00
    books.adjust(customer, "-70.00", "write_off", allocations=[(invoice, "70.00")])
    books.refund(customer, "20.00")
    rig.set_up()
    rig.run()
    shown = card(rig, customer)
    assert (shown["receivable"], shown["prepaid"]) == (0, 0)
    assert differences(rig.world) == []


def test_a_document_that_moves_changes_both_cards(rig: Rig) -> None:
    books = rig.world.books
    old, new = books.add_customer("Alt"), books.add_customer("Neu")
    order = books.add_order(old, "10.00")
    invoice = books.post_invoice(old, "25.00")
    rig.set_up()
    rig.run()
    books.move_document("orders", order, new)
    books.move_document("invoices", invoice, new)
    rig.later()
    assert (card(rig, old)["receivable"], card(rig, new)["receivable"]) == (0, 25)
    assert (card(rig, old)["orders_count"], card(rig, new)["orders_count"]) == (0, 1)
    [text] = open_problems(rig)
    assert "invoices hang on another card" in text and "crm does not let them be moved" in text


@pytest.mark.parametrize("how", ["moved", "taken away"])
def test_what_was_misplaced_and_somebody_saw_to_is_noticed_the_next_day(rig: Rig, how: str) -> None:
    books, crm = rig.world.books, rig.world.crm
    old, new = books.add_customer("Alt"), books.add_customer("Neu")
    invoice = books.post_invoice(old, "25.00")
    rig.set_up()
    rig.run()
    books.move_document("invoices", invoice, new)
    rig.later()
    [shown] = crm.marked("invoice", invoice)
    rig.later()
    look = ("GET", f"/crm/invoice/{shown.id}")
    asked = rig.world.requests.count(look)
    rig.later()
    assert rig.world.requests.count(look) == asked > 0, "once a day"
    if how == "moved":
        [card_of_new] = crm.marked("account", new)
        crm.objects["invoice"][shown.id].parents["account"] = card_of_new.id
    else:
        crm.delete("invoice", shown.id)
    rig.later(86_400)
    rig.later()
    assert (open_problems(rig), rig.states()) == ([], {})
    assert differences(rig.world) == []
    [now] = crm.marked("invoice", invoice)
    assert now.parents["account"] == crm.marked("account", new)[0].id


def test_removals_make_room_across_kinds_in_one_run(rig: Rig) -> None:
    """A payment is taken off an invoice and a credit note settles it instead: both in one run."""
    books = rig.world.books
    customer = books.add_customer("Tausch")
    invoice = books.post_invoice(customer, "50.00")
    payment = books.pay(customer, "50.00", allocations=[(invoice, "50.00")])
    rig.set_up()
    rig.run()
    books.allocate(payment, invoice, 0)
    books.post_credit_note(customer, "50.00", allocations=[(invoice, "50.00")])
    report = rig.later()
    assert (report.exit_code, differences(rig.world), rig.states()) == (0, [], {})


# -- being corrected -----------------------------------------------------------------------------


def test_an_unposted_invoice_changes_nothing_while_it_may_come_back(rig: Rig) -> None:
    books = rig.world.books
    customer, _, _ = one_of_each(rig)
    other = books.post_invoice(customer, "11.00")
    rig.set_up()
    rig.run()
    before = card(rig, customer)
    books.unpost("invoices", other)
    rig.later(60)
    during = card(rig, customer)
    assert during["line"] == "Being corrected in the books: INV-00002"
    assert {k: v for k, v in during.items() if k != "line"} == {
        k: v for k, v in before.items() if k != "line"
    }
    assert rig.world.crm.marked("invoice", other)[0].fields["state"] == "open"
    books.edit_invoice(other, total="12.00")
    books.repost("invoices", other)
    rig.later(60)
    assert "Owes EUR 82.00" in str(card(rig, customer)["line"])


def test_an_unposted_invoice_that_does_not_come_back_is_cancelled(rig: Rig) -> None:
    books = rig.world.books
    customer, _, _ = one_of_each(rig)
    other = books.post_invoice(customer, "11.00")
    rig.set_up()
    rig.run()
    books.unpost("invoices", other)
    rig.later(60)
    rig.later(601)
    assert rig.world.crm.marked("invoice", other)[0].fields["state"] == "cancelled"
    assert card(rig, customer)["receivable"] == 70
    assert (differences(rig.world), rig.states(), open_problems(rig)) == ([], {}, [])


# -- completeness --------------------------------------------------------------------------------


def test_nothing_is_counted_before_all_documents_were_read(rig: Rig) -> None:
    """The ledger is read; the orders are not: what is counted over documents stays as it is."""
    customer, _, _ = one_of_each(rig)
    rig.set_up()
    rig.run()
    before = card(rig, customer)["orders_count"]
    with rig.pair.store.transaction() as tx:
        from syncd.store import streams

        stream = streams.stream_ids(tx, "main")[Kind.ORDER]
        streams.move_cursor(tx, stream, swept_at=None)
    rig.world.fault("GET /books/orders*", "refuse", 100)
    rig.world.books.post_invoice(customer, "5.00")
    rig.later()
    shown = card(rig, customer)
    assert shown["orders_count"] == before
    rig.world.faults.planned.clear()
    rig.later()
    assert differences(rig.world) == []


@pytest.mark.parametrize("start", ["2026-11-01"])
def test_history_begins_on_a_day_and_what_is_owed_from_before_stays_owed(
    tmp_path: Path, start: str
) -> None:
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    for name in ("memory_books.yaml", "memory_crm.yaml"):
        text = (MAPPINGS / name).read_text("utf-8")
        if "crm" in name:
            text = text.replace("version: 1\n", f"version: 1\nhistory: {{from: {start}}}\n", 1)
        (mappings / name).write_text(text, "utf-8")
    rig = Rig(tmp_path, mappings=mappings)
    books = rig.world.books
    customer = books.add_customer("Alt und neu")
    old = books.post_invoice(customer, "80.00", date="2026-03-01", due="2026-03-15")
    books.post_invoice(customer, "20.00", date="2026-11-02", due="2026-12-01")
    books.add_order(customer, "5.00", date="2025-01-01")
    books.pay(customer, "30.00", allocations=[(old, "30.00")])
    rig.set_up()
    rig.run()
    shown = card(rig, customer)
    assert (shown["receivable"], shown["overdue"]) == (70, 50)
    assert (shown["total_sales"], shown["orders_count"]) == (20, 0)
    assert rig.world.crm.marked("invoice", old) == []
    assert rig.states() == {}


def test_twelve_months_end_by_the_clock() -> None:
    from syncd.sync.card import _leaves

    assert _leaves(dt.date(2024, 2, 29)) == dt.date(2025, 3, 1)
    assert _leaves(dt.date(2026, 11, 18)) == dt.date(2027, 11, 18)
