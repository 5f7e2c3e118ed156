"""Reasons that lie in a record, or in what it hangs on."""

from __future__ import annotations

from pathlib import Path

from syncd.domain import SOMEBODY, Kind
from syncd.store import mirror
from syncd.why import Answer, Code, why
from tests.engine.rig import Rig, one_of_each
from tests.engine.test_missing import accept
from tests.onec.office import Office
from tests.onec.pair import Company
from tests.why.asking import ask, live, mapped, section
from tests.why.provoked import provokes

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
    assert answer.reason.where and answer.reason.where.startswith("memory_books.yaml:46:")
    return answer


@provokes(Code.FILTERED)
def filtered(folder: Path) -> Answer:
    rig = Rig(folder)
    rig.world.books.add_customer("Acme", in_scope=False)
    answer = ask(live(rig), "customer", "acme", "receivable")
    assert answer.reason.where and answer.reason.where.startswith("memory_books.yaml:11:")
    assert "in_scope" in answer.reason.detail
    return answer


@provokes(Code.OUT_OF_USE)
def out_of_use(folder: Path) -> Answer:
    rig = Rig(folder)
    double = rig.world.books.add_customer("ООО «Двойник»")
    rig.world.books.edit_customer(double, merged_into=SOMEBODY)
    answer = ask(live(rig), "customer", "1")
    assert answer.reason.where and "memory_books.yaml:19:" in answer.reason.where
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
    assert answer.reason.where and answer.reason.where.startswith("memory_books.yaml:46:")
    return answer


@provokes(Code.NEVER_READ)
def never_read(folder: Path) -> Answer:
    rig = Rig(folder)
    _, invoice, _ = one_of_each(rig)
    rig.world.books.edit_invoice(invoice, state="strange")
    answer = ask(live(rig), "invoice", invoice)
    assert answer.reason.problem and "stands" not in answer.reason.sentence
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


@provokes(Code.OUTSIDE)
def outside(folder: Path) -> Answer:
    company = Company(folder, Office())
    company.run(write=False)
    company.office.options["organisations"] = "ООО «Пример-Опт»"
    company.build()
    company.run(write=False)
    base, name = company.office.sandbox.base, company.office.desk.shipments
    row = next(one for one in base.objects[name].values() if one["СуммаДокумента"] == 42_000)
    answer = why(company.pair, Kind.INVOICE, str(row["Ref_Key"]), None)
    assert answer.reason.detail == "nothing of it is at the CRM"
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
    rig, more = gone(folder)
    answer = ask(rig, "invoice", more)
    assert answer.present and answer.reason.problem
    return answer


def gone(folder: Path) -> tuple[Rig, str]:
    """An invoice that a full read no longer showed."""
    rig = Rig(folder)
    customer, _, _ = one_of_each(rig)
    more = rig.world.books.post_invoice(customer, "7.00")
    live(rig)
    rig.world.books.delete("invoices", more)
    rig.run(full=True)
    return rig, more


@provokes(Code.DELETED)
def deleted(folder: Path) -> Answer:
    rig, more = gone(folder)
    accept(rig, mirror.DELETED, "vanished invoice")
    answer = ask(rig, "invoice", more)
    assert answer.reason.detail.startswith("by eva@desk: typed twice; ")
    assert "shown there as cancelled" in answer.reason.detail
    return answer


@provokes(Code.ARCHIVED)
def archived(folder: Path) -> Answer:
    rig, more = gone(folder)
    accept(rig, mirror.ARCHIVED, "vanished invoice")
    answer = ask(rig, "invoice", more)
    assert answer.present and answer.reason.detail == "by eva@desk: typed twice"
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


def clashing(folder: Path) -> Rig:
    rig = Rig(folder)
    rig.world.crm.add_account("ООО «Пример»")
    one_of_each(rig)
    return live(rig)


@provokes(Code.OWED)
def owed(folder: Path) -> Answer:
    rig = clashing(folder)
    answer = ask(rig, "payment", "1")
    chain = []
    reason = answer.reason
    while reason.because:
        chain.append(reason.about)
        reason = reason.because
    assert chain == ["payment:1", "invoice:1"] and reason.code is Code.HELD
    assert answer.next == "syncd problems"
    return answer
