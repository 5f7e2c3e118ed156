"""Each reason of the closed list is provoked once, and told without asking a system."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.memory import CrmHabits, Fault
from syncd.store import parts, problems, streams
from syncd.sync.pair import Limits, WonMode
from syncd.sync.scope import Scope, dump
from syncd.why import Answer, Code
from tests.engine.rig import MAPPINGS, Rig, one_of_each
from tests.why.asking import ask, live, mapped, section, set_mode, with_won

FOR_EVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)

Provoked = Callable[[Path], Answer]
PROVOKED: dict[Code, Provoked] = {}


def provokes(code: Code) -> Callable[[Provoked], Provoked]:
    def noted(function: Provoked) -> Provoked:
        assert code not in PROVOKED
        PROVOKED[code] = function
        return function

    return noted


@pytest.mark.parametrize("code", list(Code), ids=str)
def test_each_reason_is_told_where_it_holds(code: Code, tmp_path: Path) -> None:
    answer = PROVOKED[code](tmp_path)
    assert answer.reason.code is code, answer.reason
    assert answer.reason.sentence and answer.reason.ends


# -- the record itself ---------------------------------------------------------------------------


@provokes(Code.THERE)
def there(folder: Path) -> Answer:
    rig = Rig(folder)
    one_of_each(rig)
    answer = ask(live(rig), "invoice", "INV-00001")
    assert answer.present and answer.places[0].remote_id in rig.world.crm.objects["invoice"]
    assert answer.card in rig.world.crm.objects["account"] and answer.next == ""
    return answer


@provokes(Code.NEVER_SEEN)
def never_seen(folder: Path) -> Answer:
    rig = live(Rig(folder))
    answer = ask(rig, "invoice", "INV-99999")
    assert answer.next == "syncd resync --key invoice:INV-99999" and not answer.present
    assert ask(rig, "customer", "Nobody").reason.code is Code.NEVER_SEEN
    return answer


@provokes(Code.KIND_NOT_READ)
def kind_not_read(folder: Path) -> Answer:
    gone = {section("memory_books", "order"): ""}
    rig = Rig(folder, mappings=mapped(folder, "memory_books", gone))
    return ask(live(rig), "order", "1")


@provokes(Code.DRAFT)
def draft(folder: Path) -> Answer:
    rig = Rig(folder)
    customer = rig.world.books.add_customer("Acme")
    rig.world.books.post_invoice(customer, "10.00", state="draft")
    answer = ask(live(rig), "invoice", "INV-00001")
    assert answer.reason.where and answer.reason.where.startswith("memory_books.yaml:43:")
    return answer


@provokes(Code.FILTERED)
def filtered(folder: Path) -> Answer:
    rig = Rig(folder)
    rig.world.books.add_customer("Acme", in_scope=False)
    answer = ask(live(rig), "customer", "acme", "receivable")
    assert answer.reason.where and answer.reason.where.startswith("memory_books.yaml:11:")
    assert "in_scope" in answer.reason.detail
    return answer


@provokes(Code.UNMAPPABLE)
def unmappable(folder: Path) -> Answer:
    rig = Rig(folder)
    _, invoice, _ = one_of_each(rig)
    live(rig)
    rig.world.books.edit_invoice(invoice, state="strange")
    rig.later()
    answer = ask(rig, "invoice", invoice)
    assert answer.present and answer.reason.problem
    assert answer.reason.where and answer.reason.where.startswith("memory_books.yaml:43:")
    return answer


@provokes(Code.UNWRITABLE)
def unwritable(folder: Path) -> Answer:
    narrow = {"state | lookup invoice_state": "state | lookup narrow", "lookups:\n": NARROW}
    rig = Rig(folder, mappings=mapped(folder, "memory_crm", narrow))
    _, invoice, _ = one_of_each(rig)
    live(rig)
    answer = ask(rig, "invoice", invoice)
    assert answer.reason.where and answer.reason.where.startswith("memory_crm.yaml:")
    return answer


NARROW = "lookups:\n  narrow: {void: cancelled}\n"


@provokes(Code.CANCELLED)
def cancelled(folder: Path) -> Answer:
    rig = Rig(folder)
    _, invoice, _ = one_of_each(rig)
    live(rig)
    rig.world.books.cancel_invoice(invoice)
    rig.later()
    answer = ask(rig, "invoice", invoice)
    assert "shown there as cancelled" in answer.reason.detail and answer.reason.because is None
    return answer


@provokes(Code.CORRECTING)
def correcting(folder: Path) -> Answer:
    rig = Rig(folder)
    customer, invoice, _ = one_of_each(rig)
    live(rig)
    rig.world.books.unpost("invoices", invoice)
    rig.later()
    answer = ask(rig, "invoice", invoice)
    assert answer.reason.until and answer.reason.until > rig.clock.utc()
    assert ask(rig, "customer", customer, "receivable").reason.code is Code.CORRECTING
    return answer


@provokes(Code.VANISHED)
def vanished(folder: Path) -> Answer:
    rig = Rig(folder)
    customer, _, _ = one_of_each(rig)
    more = rig.world.books.post_invoice(customer, "7.00")
    live(rig)
    rig.world.books.delete("invoices", more)
    rig.run(full=True)
    answer = ask(rig, "invoice", more)
    assert answer.present and answer.reason.problem
    return answer


@provokes(Code.BEFORE_HISTORY)
def before_history(folder: Path) -> Answer:
    since = {"lookups:\n": "history: {from: 2026-11-01}\nlookups:\n"}
    rig = Rig(folder, mappings=mapped(folder, "memory_crm", since))
    customer = rig.world.books.add_customer("Acme")
    rig.world.books.post_invoice(customer, "10.00", date="2026-10-31")
    answer = ask(live(rig), "invoice", "1")
    assert "2026-10-31 is before 2026-11-01" in answer.reason.detail
    return answer


@provokes(Code.CURRENCY_UNKNOWN)
def currency_unknown(folder: Path) -> Answer:
    rig = Rig(folder)
    customer = rig.world.books.add_customer("Acme", currency="RUB")
    rig.world.books.post_invoice(customer, "10.00", currency="RUB")
    live(rig)
    for field in ("total_sales", "currency"):
        assert ask(rig, "customer", customer, field).reason.code is Code.CURRENCY_UNKNOWN
    owed = ask(rig, "customer", customer, "receivable")
    assert owed.reason.code is Code.CURRENCY_UNKNOWN and "10.00 RUB" in owed.reason.detail
    return ask(rig, "invoice", "1")


@provokes(Code.KIND_NOT_SHOWN)
def kind_not_shown(folder: Path) -> Answer:
    rig = Rig(folder)
    rig.world.books.add_order(rig.world.books.add_customer("Acme"), "10.00")
    return ask(live(rig), "order", "ORD-00001")


@provokes(Code.NOTHING_TO_SHOW)
def nothing_to_show(folder: Path) -> Answer:
    rig = Rig(folder)
    customer = rig.world.books.add_customer("Acme")
    rig.world.books.pay(customer, "10.00")
    live(rig)
    assert ask(rig, "customer", customer, "receivable").reason.code is Code.NOTHING_TO_SHOW
    assert ask(rig, "customer", customer, "last_order").reason.code is Code.NOTHING_TO_SHOW
    assert ask(rig, "customer", customer, "phone").reason.code is Code.NOTHING_TO_SHOW
    return ask(rig, "payment", "PAY-00001")


# -- what it hangs on ----------------------------------------------------------------------------


@provokes(Code.CUSTOMER_FILTERED)
def customer_filtered(folder: Path) -> Answer:
    rig = Rig(folder)
    customer = rig.world.books.add_customer("Acme", in_scope=False)
    rig.world.books.post_invoice(customer, "10.00")
    answer = ask(live(rig), "invoice", "1")
    assert answer.reason.root.code is Code.FILTERED and answer.reason.root.about == "customer:1"
    return answer


@provokes(Code.PARENT_NOT_SHOWN)
def parent_not_shown(folder: Path) -> Answer:
    rig = Rig(folder)
    customer = rig.world.books.add_customer("Acme")
    invoice = rig.world.books.post_invoice(customer, "10.00", state="draft")
    rig.world.books.pay(customer, "10.00", allocations=[(invoice, "10.00")])
    answer = ask(live(rig), "payment", "1")
    assert answer.reason.root.code is Code.DRAFT and answer.reason.root.about == "invoice:1"
    return answer


def _clashing(folder: Path) -> Rig:
    rig = Rig(folder)
    rig.world.crm.add_account("ООО «Пример»")
    one_of_each(rig)
    return live(rig)


@provokes(Code.OWED)
def owed(folder: Path) -> Answer:
    rig = _clashing(folder)
    answer = ask(rig, "payment", "1")
    chain = []
    reason = answer.reason
    while reason.because:
        chain.append(reason.about)
        reason = reason.because
    assert chain == ["payment:1", "invoice:1"] and reason.code is Code.HELD
    assert answer.next == "syncd problems"
    return answer


# -- what became of writing it -------------------------------------------------------------------


@provokes(Code.HELD)
def held(folder: Path) -> Answer:
    rig = _clashing(folder)
    answer = ask(rig, "customer", "1", "receivable")
    assert answer.reason.problem and "have one name" in answer.reason.detail
    return answer


@provokes(Code.GONE)
def gone(folder: Path) -> Answer:
    rig = Rig(folder)
    customer, _, _ = one_of_each(rig)
    live(rig)
    rig.world.crm.delete("account", str(ask(rig, "customer", customer).card))
    rig.world.books.rename(customer, "Another name")
    rig.later()
    answer = ask(rig, "customer", customer)
    assert answer.next == f"syncd resync --key customer:{customer} --recreate"
    assert ask(rig, "card", customer, "receivable").reason.code is Code.GONE
    return answer


@provokes(Code.REFUSED)
def refused(folder: Path) -> Answer:
    told = {**CrmHabits().honest()}
    rig = Rig(folder, crm=CrmHabits(currencies=["EUR"]), crm_options=told)
    customer = rig.world.books.add_customer("Acme")
    rig.world.books.post_invoice(customer, "10.00", currency="USD")
    live(rig)
    rig.later()
    answer = ask(rig, "invoice", "1")
    assert answer.reason.problem and answer.reason.until and answer.reason.until > rig.clock.utc()
    return answer


@provokes(Code.NOT_ACCEPTED)
def not_accepted(folder: Path) -> Answer:
    rig = Rig(folder)
    customer, _, _ = one_of_each(rig)
    live(rig)
    del rig.world.crm.definitions["account"]["custom_fields.receivable"]
    rig.world.books.post_invoice(customer, "30.00")
    rig.later()
    answer = ask(rig, "customer", customer, "receivable")
    assert answer.field and (str(answer.field.wanted), str(answer.field.shown)) != ("", "")
    assert answer.field.wanted != answer.field.shown
    assert ask(rig, "customer", customer, "total_sales").reason.code is Code.THERE
    return answer


def _lost_answer(rig: Rig) -> Rig:
    one_of_each(rig)
    rig.set_up()
    rig.world.fault("POST /crm/invoice*", Fault.CUT_AFTER)
    rig.later()
    return rig


@provokes(Code.IN_DOUBT)
def in_doubt(folder: Path) -> Answer:
    options = {**CrmHabits().honest(), "doubt_time": "60"}
    rig = _lost_answer(Rig(folder, crm_options=options))
    assert ask(rig, "payment", "1").reason.root.code is Code.IN_DOUBT
    answer = ask(rig, "invoice", "1")
    assert answer.reason.until and 0 < (answer.reason.until - rig.clock.utc()).total_seconds() < 61
    return answer


@provokes(Code.ASKED)
def asked(folder: Path) -> Answer:
    habits = CrmHabits(tier="T4")
    rig = _lost_answer(Rig(folder, crm=habits, crm_options=habits.honest()))
    rig.later()
    answer = ask(rig, "invoice", "1")
    assert f"resolve {answer.reason.problem} --exists" in answer.next
    return answer


@provokes(Code.WAIVED)
def waived(folder: Path) -> Answer:
    rig = _clashing(folder)
    one = ask(rig, "customer", "1").reason.problem
    with rig.pair.store.transaction() as tx:
        ids = [part.id for part in parts.with_problem(tx, one or 0)]
        parts.update(tx, ids, state=parts.WAIVED)
        problems.waive(tx, one or 0, "somebody", "never mind", rig.clock.utc())
    answer = ask(rig, "customer", "1")
    assert answer.reason.detail == "somebody: never mind"
    assert answer.next == f"syncd problems retry {one}"
    return answer


# -- why it is not being written now -------------------------------------------------------------


def _due(folder: Path) -> Rig:
    rig = Rig(folder)
    one_of_each(rig)
    rig.set_up()
    return rig


@provokes(Code.NEXT_RUN)
def next_run(folder: Path) -> Answer:
    rig = _due(folder)
    assert ask(rig, "customer", "1", "receivable").reason.code is Code.NEXT_RUN
    return ask(rig, "invoice", "1")


@provokes(Code.MODE_PLAN)
def mode_plan(folder: Path) -> Answer:
    rig = Rig(folder)
    one_of_each(rig)
    rig.run(write=False)
    assert ask(rig, "payment", "1").reason.code is Code.MODE_PLAN
    assert ask(rig, "customer", "1", "overdue").reason.code is Code.MODE_PLAN
    return ask(rig, "invoice", "1")


@provokes(Code.MODE_SHADOW)
def mode_shadow(folder: Path) -> Answer:
    rig = _due(folder)
    set_mode(rig, streams.SHADOW)
    return ask(rig, "invoice", "1")


@provokes(Code.OUTSIDE_PILOT)
def outside_pilot(folder: Path) -> Answer:
    rig = _due(folder)
    set_mode(rig, streams.PILOT, dump(Scope(customers=("1",))))
    assert ask(rig, "invoice", "1").reason.code is Code.NEXT_RUN
    set_mode(rig, streams.PILOT, dump(Scope(sellers=("Seller 3",))))
    answer = ask(rig, "invoice", "1")
    assert answer.reason.detail == "its scope: seller Seller 3"
    return answer


@provokes(Code.GUARD)
def guard(folder: Path) -> Answer:
    rig = Rig(folder)
    customer, _, _ = one_of_each(rig)
    live(rig)
    rig.pair = dataclasses.replace(rig.pair, limits=Limits(few=0, cards=0.0))
    rig.world.books.rename(customer, "Quite another")
    rig.later()
    answer = ask(rig, "customer", customer, "name")
    assert answer.reason.problem and "syncd apply" in answer.reason.detail
    return answer


@provokes(Code.RESTORED)
def restored(folder: Path) -> Answer:
    rig = Rig(folder)
    books = rig.world.books
    customer = books.add_customer("Acme")
    invoices = [books.post_invoice(customer, "10.00") for _ in range(4)]
    live(rig)
    backup = books.snapshot()
    rig.clock.advance(60)
    for one in invoices:
        books.edit_invoice(one, total="20.00")
    rig.later()
    books.restore(backup)
    books.rename(customer, "Another")
    rig.run(full=True)
    return ask(rig, "customer", customer, "name")


@provokes(Code.EMPTIED)
def emptied(folder: Path) -> Answer:
    rig = Rig(folder)
    books = rig.world.books
    customers = [books.add_customer(name) for name in ("Acme", "Bolt", "Cord", "Dorn", "Eels")]
    live(rig)
    rig.world.crm.empty()
    books.rename(customers[0], "Another")
    rig.later()
    answer = ask(rig, "customer", customers[0])
    assert answer.reason.problem and "no longer has the accounts" in answer.reason.detail
    return answer


@provokes(Code.PAIR_PAUSED)
def pair_paused(folder: Path) -> Answer:
    rig = _due(folder)
    with rig.pair.store.transaction() as tx:
        until = rig.clock.utc().replace(hour=23)
        streams.pause_pair(tx, "main", until, "stocktaking")
    answer = ask(rig, "invoice", "1")
    assert answer.reason.until == until and answer.reason.detail == "stocktaking"
    with rig.pair.store.transaction() as tx:
        streams.pause_pair(tx, "main", FOR_EVER, "stocktaking")
    assert ask(rig, "invoice", "1").reason.until is None
    return answer


@provokes(Code.CONNECTION_PAUSED)
def connection_paused(folder: Path) -> Answer:
    rig = _due(folder)
    rig.world.fault("* /crm/*", Fault.RATE_LIMIT, 20, seconds=900.0)
    rig.later()
    answer = ask(rig, "invoice", "1")
    assert answer.reason.until and answer.reason.until > rig.clock.utc()
    return answer


@provokes(Code.CONNECTION_OUT)
def connection_out(folder: Path) -> Answer:
    rig = _due(folder)
    rig.world.fault("* /crm/*", Fault.REFUSE, 20)
    rig.later()
    return ask(rig, "invoice", "1")


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
