"""What the pair of NetSuite and Megaplan shows: cards equal to the books to the cent, each change
as what it is, and a won customer once in the books."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT, blocks
from tests.engine.rig import MAPPINGS
from tests.netsuite.office import Office
from tests.netsuite.truth import Figures
from tests.netsuite_megaplan.trade import Trade

ONE = Decimal(1)
PAGE = ROOT / "docs" / "connectors" / "megaplan.md"


def trading(folder: Path, **options: Any) -> Trade:
    """With the overlay that the page of the connector shows for books in dollars."""
    [overlay] = [one.body for one in blocks(PAGE) if "| in USD" in one.body]
    writing = folder / "dollars.yaml"
    writing.write_text(overlay, "utf-8")
    office = Office(new_subsidiary="1", new_status="13", **options)
    trade = Trade(folder, office, MAPPINGS / "netsuite.yaml", writing)
    trade.set_up()
    return trade


def live(folder: Path, **options: Any) -> Trade:
    trade = trading(folder, **options)
    trade.run()
    trade.later()
    return trade


def test_cards_are_what_the_documents_say(tmp_path: Path) -> None:
    trade = live(tmp_path)
    assert (trade.differences(), trade.problems()) == ([], [])
    [card] = trade.crm.named("ООО «Пример»")
    assert trade.shown(card) == Figures(), "roubles are never shown as so many dollars"
    line = str(trade.crm.extra(card, "Расчёты")).replace("\u00a0", " ")
    assert line.startswith("Долг 42 300,00 ₽, просрочено 12 300,00 ₽ с "), line
    for _ in range(2):
        trade.later(90_000, prove=True)
    assert (trade.differences(), trade.problems()) == ([], [])
    assert trade.later().writes == 0


def test_each_change_arrives_in_the_next_cycle_as_what_it_is(tmp_path: Path) -> None:
    trade = live(tmp_path)
    ledger = trade.office.ledger
    [card] = trade.crm.named("Quiet Trade LLC")
    customer = int(str(trade.crm.extra(card, "Код в учёте")))

    def shown() -> Figures:
        trade.later()
        assert (trade.differences(), trade.problems()) == ([], [])
        return trade.shown(trade.card(customer))

    lines = [(1, ONE, Decimal("100.00"))]
    order = ledger.order(customer, lines)
    assert shown() == Figures()
    assert "100,00" in str(trade.crm.extra(trade.card(customer), "Заказы")), "a new order"
    assert trade.crm.extra(trade.card(customer), "К отгрузке") == (Decimal(100), "USD")
    invoice = ledger.invoice(customer, lines, order=order)
    assert shown() == Figures(Decimal(100))
    assert trade.crm.extra(trade.card(customer), "Заказы") is None
    paid = ledger.payment(customer, Decimal("40.00"))
    assert shown() == Figures(Decimal(100), prepaid=Decimal(40)), "applied to nothing yet"
    ledger.apply(paid, invoice, Decimal("30.05"))
    assert shown() == Figures(Decimal("69.95"), prepaid=Decimal("9.95")), "a part payment"
    credit = ledger.credit(customer, [(1, ONE, Decimal("6.10"))])
    ledger.apply(credit, invoice, Decimal("1.10"))
    assert shown() == Figures(Decimal("68.85"), prepaid=Decimal("9.95"), credits=Decimal(5)), (
        "a credit memo, of which a part is applied"
    )
    ledger.delete(paid)
    trade.later(700)  # the correction delay
    assert shown() == Figures(Decimal("98.90"), credits=Decimal(5)), "a deleted payment"
    ledger.void(invoice)
    trade.later(700)
    assert shown() == Figures(credits=Decimal("6.10")), "a void, and the credit memo is free again"
    trade.later(90_000, prove=True)
    assert (trade.differences(), trade.problems()) == ([], [])


def test_a_won_customer_is_in_netsuite_once_before_its_first_order(tmp_path: Path) -> None:
    trade = live(tmp_path)
    company = trade.crm.company("ООО «Первый заказ» 受注")
    deal = trade.crm.deal(company, "Переговоры")
    trade.later()
    trade.crm.move(deal, "Успех")
    for _ in range(3):
        trade.later()
    store = trade.office.sandbox.store
    name = company.values["name"]
    [made] = store.rows("SELECT * FROM customer_ WHERE companyname = ?", name)
    assert (made["externalid"], made["searchstage"]) == (f"CRM-{company.id}", "Customer")
    trade.office.ledger.order(made["id"], [(1, ONE, Decimal("64.00"))])
    trade.later()
    assert trade.card(made["id"]).id == company.id
    assert trade.crm.extra(company, "К отгрузке") == (Decimal(64), "USD")
    assert (trade.differences(), trade.problems()) == ([], [])


def test_five_hundred_customers_are_right_to_the_cent(tmp_path: Path) -> None:
    """Of five thousand documents, in the hours that Megaplan's allowance takes."""
    trade = trading(tmp_path, size=730)
    trade.crm.switches.per_hour = 1_000
    for _ in range(3):
        trade.later(3600)
    trade.later(90_000)
    documents = trade.office.sandbox.store.rows('SELECT id FROM "transaction"')
    assert len(trade.customers()) >= 500 and len(list(documents)) >= 5000
    assert (trade.differences(), trade.problems()) == ([], [])
