"""Reasons for one field of a card, and for won customers."""

from __future__ import annotations

import shutil
from pathlib import Path

from connectors.memory import Fault
from syncd.sync.pair import WonMode
from syncd.why import Answer, Code
from tests.engine.rig import MAPPINGS, Rig, one_of_each
from tests.why.asking import ask, live, mapped, section, with_won
from tests.why.provoked import provokes

# -- one field -----------------------------------------------------------------------------------


@provokes(Code.FIELD_NOT_MAPPED)
def field_not_mapped(folder: Path) -> Answer:
    rig = Rig(folder)
    one_of_each(rig)
    live(rig)
    for question in (("customer", "1", "street"), ("invoice", "1", "seller")):
        assert ask(rig, *question).reason.code is Code.FIELD_NOT_MAPPED
    answer = ask(rig, "customer", "1", "sales_12m")
    assert answer.field and str(answer.field.money) == "120.00 EUR"
    return answer


@provokes(Code.INCOMPLETE)
def incomplete(folder: Path) -> Answer:
    """Orders are mapped from one day on, and cannot be read on that day."""
    place = mapped(folder, "memory_books", {section("memory_books", "order"): ""})
    rig = Rig(folder, mappings=place)
    one_of_each(rig)
    live(rig)
    shutil.copy(MAPPINGS / "memory_books.yaml", place)
    rig.build()
    rig.world.fault("GET /books/orders*", Fault.REFUSE, 5)
    rig.later()
    assert ask(rig, "customer", "1", "receivable").reason.code is Code.THERE
    answer = ask(rig, "customer", "1", "total_sales")
    assert answer.reason.detail == "orders were not read completely yet"
    assert answer.field and answer.field.wanted is None and str(answer.field.shown) == "120.00"
    return answer


@provokes(Code.SEVERAL_CURRENCIES)
def several_currencies(folder: Path) -> Answer:
    rig = Rig(folder)
    customer = rig.world.books.add_customer("Acme")
    rig.world.books.post_invoice(customer, "10.00", currency="USD")
    rig.world.books.post_invoice(customer, "10.00", currency="GBP")
    live(rig)
    owed = ask(rig, "customer", customer, "receivable")
    assert owed.reason.code is Code.SEVERAL_CURRENCIES and "10.00 GBP" in owed.reason.detail
    answer = ask(rig, "customer", customer, "total_sales")
    assert answer.reason.detail == "GBP, USD"
    return answer


@provokes(Code.NO_FIGURES)
def no_figures(folder: Path) -> Answer:
    rig = Rig(folder)
    one_of_each(rig)
    live(rig)
    customer = rig.world.books.add_customer("Second")
    rig.world.fault("GET /books/balances*", Fault.REFUSE, 5)
    rig.later()
    assert ask(rig, "customer", customer).reason.code is Code.NO_FIGURES
    answer = ask(rig, "customer", customer, "receivable")
    assert answer.card in rig.world.crm.objects["account"]
    return answer


# -- won customers -------------------------------------------------------------------------------


def _won(folder: Path, mode: WonMode = WonMode.CREATE, **card: object) -> tuple[Rig, str, str]:
    """A deal of a card made by hand is won: rig, card and deal."""
    rig = with_won(Rig(folder), mode)
    crm = rig.world.crm
    account = crm.add_account("Fresh Ltd", **card)
    deal = crm.open_deal(account, "First")
    crm.win(deal)
    return rig, account, deal


@provokes(Code.WON_OFF)
def won_off(folder: Path) -> Answer:
    rig, account, deal = _won(folder, WonMode.OFF)
    live(rig)
    assert ask(rig, "deal", deal).reason.code is Code.WON_OFF
    return ask(rig, "won", account)


@provokes(Code.NOT_WON)
def not_won(folder: Path) -> Answer:
    rig = Rig(folder)
    account = rig.world.crm.add_account("Fresh Ltd")
    deal = rig.world.crm.open_deal(account, "First")
    live(rig)
    assert ask(rig, "deal", f"https://crm.example/deals/{deal}/").reason.code is Code.NOT_WON
    return ask(rig, "won", account)


@provokes(Code.NO_LONGER_WON)
def no_longer_won(folder: Path) -> Answer:
    rig, _, deal = _won(folder, WonMode.OFF)
    live(with_won(rig, WonMode.PROPOSE))
    rig.world.crm.reopen(deal)
    rig.clock.advance(300)
    rig.run(full=True)
    return ask(rig, "deal", deal)


@provokes(Code.WON_BEFORE_SINCE)
def won_before_since(folder: Path) -> Answer:
    rig, account, deal = _won(folder)
    rig.world.crm.win(deal, "2026-11-01")
    live(rig)
    assert ask(rig, "won", account).reason.code is Code.WON_BEFORE_SINCE
    answer = ask(rig, "deal", deal)
    assert "closed 2026-11-01, taken since 2026-11-18" in answer.reason.detail
    return answer


@provokes(Code.WON_UNREAD)
def won_unread(folder: Path) -> Answer:
    rig, account, _ = _won(folder)
    rig.world.fault("GET /books/customers*", Fault.REFUSE, 50)
    live(rig)
    return ask(rig, "won", account)


@provokes(Code.WON_LACKS)
def won_lacks(folder: Path) -> Answer:
    place = mapped(folder, "memory_crm", {"require: [name]": "require: [name, tax_id]"})
    rig = Rig(folder, mappings=place)
    account = rig.world.crm.add_account("Fresh Ltd")
    rig.world.crm.win(rig.world.crm.open_deal(account, "First"))
    live(rig)
    answer = ask(rig, "won", account)
    assert answer.reason.detail == "tax_id" and answer.reason.problem
    return answer


@provokes(Code.WON_DOUBTFUL)
def won_doubtful(folder: Path) -> Answer:
    rig, account, _ = _won(folder, tax_id="7700000009")
    for name in ("Fresh", "Fresh again"):
        rig.world.books.add_customer(name, tax_id="7700000009", in_scope=False)
    live(rig)
    answer = ask(rig, "won", account)
    assert answer.reason.problem and "customer 1, customer 2" in answer.reason.detail
    return answer


@provokes(Code.WON_PROPOSED)
def won_proposed(folder: Path) -> Answer:
    rig, account, deal = _won(folder, WonMode.PROPOSE)
    live(rig)
    assert ask(rig, "deal", deal).reason.code is Code.WON_PROPOSED
    return ask(rig, "won", account)


@provokes(Code.LINKED)
def linked(folder: Path) -> Answer:
    rig = Rig(folder)
    customer, _, _ = one_of_each(rig)
    live(rig)
    account = str(ask(rig, "customer", customer).card)
    answer = ask(rig, "won", account)
    assert f"customer {customer}, by syncd" in answer.reason.detail
    return answer


def test_a_won_customer_that_was_made_is_there(tmp_path: Path) -> None:
    rig, account, deal = _won(tmp_path)
    live(rig)
    [customer] = rig.world.books.tables["customers"]
    for answer in (ask(rig, "won", account), ask(rig, "deal", deal)):
        assert answer.reason.code is Code.THERE
        assert f"customer {customer} of books" in answer.reason.detail
