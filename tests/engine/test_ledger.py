"""Books that tell no balances: what is owed is added up out of documents, and said to be so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain import (
    Adjustment,
    Allocation,
    Balance,
    Card,
    CreditNote,
    Invoice,
    Kind,
    Money,
    Payment,
)
from syncd.image import decode
from syncd.report.settlements import ALONE
from syncd.store import mirror, streams
from syncd.sync.card import Documents, documents_net, ledger_net
from syncd.sync.ledger import balance_of
from syncd.sync.plan import draw
from syncd.why import why
from tests.engine.agreement import differences
from tests.engine.rig import Rig, one_of_each
from tests.engine.test_clock import card
from tests.engine.test_proof import proof
from tests.report.asking import ask

DAY = dt.date(2026, 11, 2)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path, tells_balances=False)


def test_cards_say_what_the_documents_add_up_to(rig: Rig) -> None:
    one_of_each(rig)
    rig.world.books.add_customer("株式会社サンプル")
    rig.set_up()
    rig.run()
    assert str(card(rig, "1")["line"]).startswith("Owes EUR 70.00, paid ahead EUR 20.00")
    assert str(card(rig, "2")["line"]).startswith("Owes nothing"), "that needs no document"
    assert (differences(rig.world), rig.later().writes) == ([], 0)


def test_nothing_is_said_before_every_document_was_read_once(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.world.fault("GET /books/payments*", "refuse", 100)
    rig.run()
    assert card(rig, "1")["name"] and "custom_fields.line" not in card(rig, "1"), "perhaps paid"
    rig.world.faults.planned.clear()
    rig.later()
    assert str(card(rig, "1")["line"]).startswith("Owes EUR 70.00")


def test_a_cancelled_invoice_leaves_the_money_of_whoever_paid_it(rig: Rig) -> None:
    books = rig.world.books
    debtor, payer = books.add_customer("ООО «Пример»"), books.add_customer("Konzernmutter")
    invoice = books.post_invoice(debtor, "100.00")
    payment = books.pay(debtor, "100.00", allocations=[(invoice, "100.00")])
    books.tables["payments"][payment].data["customer"] = payer
    rig.set_up()
    rig.run()
    assert str(card(rig, payer)["line"]).startswith("Owes nothing")
    assert not unexplained(rig, payer), "another's money is no mystery"
    books.tables["invoices"][invoice].data["state"] = "cancelled"
    books.touch("invoices", invoice)
    rig.later()
    assert str(card(rig, payer)["line"]).startswith("Paid ahead EUR 100.00")
    assert differences(rig.world) == []


def unexplained(rig: Rig, customer: str) -> tuple[Money, ...]:
    with rig.pair.store.reading() as tx:
        stream = streams.stream_ids(tx, "main")[Kind.CARD]
        row = mirror.known(tx, stream, [customer])[customer]
        found = decode(Kind.CARD, mirror.images(tx, Kind.CARD, [row])[row.id])
    assert isinstance(found, Card)
    return found.unexplained


def test_a_report_says_that_nothing_was_compared(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    found = ask(rig, "settlements")
    assert not found.checks and ALONE in found.notes


def test_nothing_is_called_proven(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    rig.run(prove=True)
    assert proof(rig, "1") is None
    assert "proven" not in str(card(rig, "1")["line"])


def test_why_names_the_documents_and_that_nothing_proves_them(rig: Rig) -> None:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    found = why(rig.pair, "customer", "1", "receivable").field
    assert found is not None and found.ways is not None and found.how is not None
    assert found.ways.ledger is None and found.rest is None
    assert "tell no balance" in found.how.derived
    assert why(rig.pair, "balance", "1", None).reason.code != "kind-not-read"


# -- the arithmetic, over anything that people post ----------------------------------------------

amounts = st.integers(-300, 300).map(lambda cents: Money(cents * 10_000, "EUR"))
positive = st.integers(1, 300).map(lambda cents: Money(cents * 10_000, "EUR"))
lines = st.lists(st.builds(Allocation, st.sampled_from("abcd"), positive), max_size=3)


@st.composite
def papers(draw: st.DrawFn) -> Documents:
    """Of one customer: paid twice, given back, allocated to invoices that do not count."""
    docs = Documents()
    for key in draw(st.sets(st.sampled_from("abc"))):
        total = draw(amounts)
        docs.invoices.append(Invoice(key=key, customer="1", number=key, date=DAY, total=total))
    for number in range(draw(st.integers(0, 3))):
        key, parts = str(number), [tuple(draw(lines)) for _ in range(3)]
        docs.payments.append(
            Payment(key=key, customer="1", date=DAY, amount=draw(amounts), allocations=parts[0])
        )
        docs.credit_notes.append(
            CreditNote(
                key=key,
                customer="1",
                number=key,
                date=DAY,
                total=draw(positive),
                allocations=parts[1],
            )
        )
        docs.adjustments.append(
            Adjustment(key=key, customer="1", date=DAY, amount=draw(amounts), allocations=parts[2])
        )
    paid: dict[str, list[Money]] = {}
    settling = [*docs.payments, *docs.credit_notes, *docs.adjustments]
    for one in settling:
        for line in one.allocations:
            paid.setdefault(line.invoice, []).append(line.amount)
    docs.paid = paid
    return docs


@given(papers())
def test_not_a_cent_is_lost_whatever_was_posted(docs: Documents) -> None:
    balance = balance_of("1", "EUR", docs, counting=())
    assert isinstance(balance, Balance)
    assert ledger_net(balance) == documents_net(docs)
    for row in balance.rows:
        assert row.credits is not None
        assert min(row.receivable.micros, row.prepaid.micros, row.credits.micros) >= 0


def test_a_plan_says_that_documents_which_cannot_be_read_are_not_in_its_sums(rig: Rig) -> None:
    _, invoice, _ = one_of_each(rig)
    rig.set_up()
    assert not draw(rig.pair, rig.run(), []).notes
    rig.world.books.edit_invoice(invoice, number=None, state="unheard of")
    (note,) = draw(rig.pair, rig.later(), []).notes
    assert "added up out of documents" in note and "1 document cannot be read: " in note
