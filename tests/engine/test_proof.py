"""Three figures side by side, and what the CRM makes of what it is sent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import CrmHabits
from syncd.domain import Kind
from syncd.store import proofs
from syncd.sync.prove import figures_of
from tests.engine.rig import Rig, one_of_each, open_problems
from tests.engine.test_clock import card


def proof(rig: Rig, customer: str) -> proofs.ProofRow | None:
    with rig.pair.store.reading() as tx:
        return proofs.of(tx, "main", [customer]).get(customer)


@pytest.fixture
def live(rig: Rig) -> Rig:
    one_of_each(rig)
    rig.set_up()
    rig.run()
    return rig


def test_where_all_three_agree_the_card_is_dated_once_a_day(live: Rig) -> None:
    live.run(prove=True)
    row = proof(live, "1")
    assert row is not None and row.agreed
    assert figures_of(row) == ({"EUR": 50_000_000}, {"EUR": 50_000_000})
    assert str(card(live, "1")["line"]).endswith("proven 18 Nov")
    writes = live.pair.crm.transport.writes
    live.run(prove=True)
    assert live.pair.crm.transport.writes == writes, "the same day is not written again"
    live.clock.advance(24 * 3600)
    live.run(prove=True)
    assert str(card(live, "1")["line"]).endswith("proven 19 Nov")


def test_a_card_without_open_items_gets_no_date(rig: Rig) -> None:
    customer = rig.world.books.add_customer("Bezahlt")
    invoice = rig.world.books.post_invoice(customer, "10.00")
    rig.world.books.pay(customer, "10.00", allocations=[(invoice, "10.00")])
    rig.set_up()
    rig.run()
    before = len(rig.world.crm.journal)
    rig.run(prove=True)
    assert len(rig.world.crm.journal) == before
    assert "proven" not in str(card(rig, customer)["line"])


def test_a_ledger_that_no_document_explains_is_never_a_silent_number(live: Rig) -> None:
    books = live.world.books
    books.habits.ledger_off["1"] = Decimal("0.01")
    books.touch("customers", "1")
    live.later(90_000)
    live.run(prove=True)
    row = proof(live, "1")
    assert row is not None and not row.agreed
    [text] = open_problems(live)
    assert "customer 1 by 0.01 EUR" in text
    assert "not proven since" in str(card(live, "1")["line"])
    del books.habits.ledger_off["1"]
    live.later(90_000)
    live.run(prove=True)
    assert open_problems(live) == []
    assert "not proven" not in str(card(live, "1")["line"])


def test_a_figure_that_somebody_typed_over_is_found_and_put_right(live: Rig) -> None:
    account = live.world.crm.marked("account", "1")[0].id
    live.world.crm.edit("account", account, custom_fields__receivable=Decimal(1), phone="typed")
    live.run(prove=True)
    row = proof(live, "1")
    assert row is not None and not row.agreed
    shown = card(live, "1")
    assert (shown["receivable"], shown["phone"]) == (70, "typed"), "names are nobody's proof"
    live.run(prove=True)
    row = proof(live, "1")
    assert row is not None and row.agreed


def test_many_cards_are_read_by_listing_them(rig: Rig) -> None:
    for n in range(25):
        rig.world.books.post_invoice(rig.world.books.add_customer(f"Kunde {n}"), "10.00")
    rig.set_up()
    rig.run()
    before = len(rig.world.requests)
    rig.run(prove=True)
    reads = [p for m, p in rig.world.requests[before:] if m == "GET" and "/crm/account" in p]
    assert len(reads) <= 2
    with rig.pair.store.reading() as tx:
        assert sum(row.agreed for row in proofs.every(tx, "main")) == 25


def test_what_the_crm_rewrites_never_becomes_an_endless_update(tmp_path: Path) -> None:
    """It stores +43 (1) 555-01 as +431 55501 would be typed; every look shows another text."""
    crm = CrmHabits(rewrites_phone=True, answers_values=False)
    rig = Rig(tmp_path, crm=crm, crm_options=crm.honest())
    customer = rig.world.books.add_customer("Kunde", phone="+43 (1) 555-01")
    rig.set_up()
    rig.run()
    keys = ((Kind.CUSTOMER, customer),)
    for _ in range(3):
        rig.clock.advance(3600)
        rig.run(keys=keys, recheck=True)
    assert card(rig, customer)["phone"] == "+43155501"
    writes = rig.pair.crm.transport.writes
    rig.run(keys=keys, recheck=True)
    assert rig.pair.crm.transport.writes == writes
    rig.world.crm.edit("account", rig.world.crm.marked("account", customer)[0].id, phone="other")
    rig.run(keys=keys, recheck=True)
    assert card(rig, customer)["phone"] == "+43155501", "a third text is no way of writing ours"


def test_a_card_on_its_way_proves_nothing(live: Rig) -> None:
    live.world.fault("PATCH /crm/account*", "refuse", 100)
    live.world.books.post_invoice("1", "5.00")
    live.later()
    live.run(prove=True)
    assert proof(live, "1") is None
