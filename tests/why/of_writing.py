"""Reasons that lie in what became of writing it, or in why it is not written now."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from connectors.memory import CrmHabits, Fault
from syncd.store import parts, problems, streams
from syncd.sync.pair import Limits
from syncd.sync.scope import Scope, dump
from syncd.why import Answer, Code
from tests.engine.rig import Rig, one_of_each
from tests.why.asking import ask, live, set_mode
from tests.why.of_records import clashing
from tests.why.provoked import provokes

FOR_EVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


# -- what became of writing it -------------------------------------------------------------------


@provokes(Code.HELD)
def held(folder: Path) -> Answer:
    rig = clashing(folder)
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
    rig = clashing(folder)
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
